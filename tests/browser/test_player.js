export const state = (media) => ({
  at_s: media.currentTime, ready: media.readyState, paused: media.paused, muted: media.muted, src: media.currentSrc,
  ranges: [...Array(media.buffered.length).keys()].map((n) => [media.buffered.start(n), media.buffered.end(n)]),
});

export const listen = () => {
  window.heard = [];
  window.addEventListener("nemo:playhead", ({ detail }) => window.heard.push(detail));
  window.blank = 0; // frames in which no picture was there
  const look = () => {
    const seen = [...document.querySelectorAll(".nemo-player video:not(.nemo-player-coming)")];
    if (!seen.some((each) => each.readyState >= 2)) window.blank += 1;
    requestAnimationFrame(look);
  };
  look();
};

export const seek = ([session, at_s]) => new Promise((done) => {
  const media = document.querySelector(".nemo-player-media:not(.nemo-player-coming)");
  const begun_ms = performance.now();
  media.addEventListener("seeked", () => done(performance.now() - begun_ms), { once: true });
  window.dispatchEvent(new CustomEvent("nemo:seek", { detail: { session, at_s } }));
});

// Several pieces, which are of a few seconds each.
export const withoutGap = ([media, from_s, to_s]) => [...Array(media.buffered.length).keys()]
  .some((n) => media.buffered.start(n) <= from_s && media.buffered.end(n) >= to_s);

export const drawn = (media) => {
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [96, 54];
  const context = canvas.getContext("2d");
  context.drawImage(media, 0, 0, 96, 54);
  return [...context.getImageData(0, 0, 96, 54).data].join();
};
