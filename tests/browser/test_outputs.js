// Whether a film loads and can be sought in.
export const seek = async (video) => {
  if (video.readyState < 1) await new Promise((done) => { video.onloadedmetadata = done; video.load(); });
  video.currentTime = video.duration / 2;
  await new Promise((done) => { video.onseeked = done; });
  return video.videoWidth > 0 && video.readyState >= 2;
};

export const contrast = (all) => all.map((each) => {
  const light = (color) => {
    const [r, g, b] = color.match(/[\d.]+/g).map((part) => part / 255)
      .map((part) => part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b + 0.05;
  };
  const [ink, paper] = [getComputedStyle(each).color, getComputedStyle(each.closest(".jp-Notebook")).backgroundColor];
  return Math.max(light(ink) / light(paper), light(paper) / light(ink));
});
