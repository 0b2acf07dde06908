// What a turn of the wheel does whose end was overtaken by words.
export const runOn = (log) => {
  log.dispatchEvent(new WheelEvent("wheel", { deltaY: 100 }));
  log.scrollTop -= 60;
};
