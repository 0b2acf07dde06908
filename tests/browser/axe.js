// Wait until the page is laid out anew and nothing fades any more: what is half-way is nobody's.
export const settled = async (selector) => {
  const drawn = () => new Promise((resolve) => requestAnimationFrame(resolve));
  await drawn();
  await drawn();  // observers of sizes have been called by then
  const roots = [...document.querySelectorAll(selector)];
  const moving = roots.flatMap((each) => each.getAnimations({ subtree: true }));
  const ending = moving.filter((each) => each.effect?.getComputedTiming().endTime !== Infinity);
  await Promise.allSettled(ending.map((each) => each.finished));
};
