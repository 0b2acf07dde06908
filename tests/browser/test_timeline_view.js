// The colour in a corner of the canvas, and that of what it lies on.
export const corner = (canvas) =>
  Array.from(canvas.getContext("2d").getImageData(2, canvas.height - 2, 1, 1).data).slice(0, 3);

export const surface = (canvas) =>
  getComputedStyle(canvas.closest(".nemo-timeline-stage")).backgroundColor.match(/\d+/g).map(Number).slice(0, 3);

export const twoFrames = () =>
  new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));

// Whether the canvas has the pixels of a screen with so many for each of the page's.
export const isSharp = (ratio) => {
  const canvas = document.querySelector("canvas");
  const isDrawn = Math.abs(canvas.width - canvas.getBoundingClientRect().width * ratio) < 0.05;
  return isDrawn && Math.abs(canvas.width - canvas.closest(".nemo-timeline-scroller").clientWidth * ratio) < 1;
};
