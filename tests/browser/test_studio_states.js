export const overflowing = (root) => [root, ...root.querySelectorAll(".nemo, .nemo *")]
  .filter((each) => each.scrollWidth > each.clientWidth + 1 && each.clientWidth > 1)
  .filter((each) => getComputedStyle(each).overflowX === "visible" && getComputedStyle(each).display !== "inline")
  .map((each) => `${each.className}: ${each.scrollWidth} > ${each.clientWidth}`);

// The timeline is drawn a frame after its place is known; what is not drawn is transparent.
export const drawn = () => [...document.querySelectorAll(".nemo-timeline-stage:not([hidden]) canvas")]
  .every((each) => each.width && each.getContext("2d").getImageData(5, 5, 1, 1).data[3] === 255);

export const frames = async () => {
  for (let left = 4; left; left -= 1) await new Promise(requestAnimationFrame);
};

export const fits = (root) => {
  root.closest(".jp-WindowedPanel-outer").scrollTop = 0; // Lab lets one scroll past the end, and stays there
  const { top, bottom } = root.getBoundingClientRect();
  return top > 0 && bottom < innerHeight;
};

// Files are read no further until `goOn`, as from a slow disk: pictures take longer than a fast upload.
export const held = () => {
  const read = Blob.prototype.arrayBuffer;
  const held = new Promise((go) => {
    window.goOn = () => ((Blob.prototype.arrayBuffer = read), go());
  });
  Blob.prototype.arrayBuffer = async function () {
    await held;
    return read.call(this);
  };
};
