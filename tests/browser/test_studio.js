// The player's top and the timeline's end, within what Lab shows of a notebook at once.
export const fit = () => {
  const names = [".nemo-in-player", ".nemo-in-timeline", ".nemo-in-chat", ".jp-WindowedPanel-outer"];
  const [player, timeline, chat, seen] = names.map((each) => document.querySelector(each).getBoundingClientRect());
  return timeline.bottom - player.top <= seen.height && timeline.top >= player.bottom && chat.height >= 270;
};

// No room above or below the film; the talk is as tall as what stands beside it.
export const bars = () => {
  const box = (name) => document.querySelector(name).getBoundingClientRect();
  const [stage, chat, timeline] = [box(".nemo-player-stage"), box(".nemo-in-chat"), box(".nemo-in-timeline")];
  const wrong = [];
  if (Math.abs(stage.width / stage.height - 16 / 9) > 0.03) wrong.push(`${stage.width} × ${stage.height}`);
  if (Math.abs(chat.bottom - timeline.bottom) > 1 || chat.height < 400) wrong.push(`the talk: ${chat.height}`);
  return wrong;
};

// Where the timeline begins, from the top of the studio; previews and exports do not move it under a hand.
export const timelineAt = () => {
  const [studio, canvas] = [".nemo-studio", ".nemo-timeline canvas"].map((each) => document.querySelector(each));
  return canvas.getBoundingClientRect().top - studio.getBoundingClientRect().top;
};

// The pixels of its output that are to be scrolled to.
export const outOfSight = (root) => {
  const { scrollHeight, clientHeight } = root.closest(".jp-OutputArea-output");
  return scrollHeight - clientHeight;
};
