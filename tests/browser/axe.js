// Wait until nothing fades any more: colours half-way through a transition are nobody's.
export const settled = async (selector) => {
  const roots = [...document.querySelectorAll(selector)];
  const moving = roots.flatMap((each) => each.getAnimations({ subtree: true }));
  const ending = moving.filter((each) => each.effect?.getComputedTiming().endTime !== Infinity);
  await Promise.allSettled(ending.map((each) => each.finished));
};
