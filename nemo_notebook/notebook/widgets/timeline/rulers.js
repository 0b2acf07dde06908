// What tells where one is: the ruler, the beats, the lanes' names, the guide that something snaps to, and the playhead.

const NEAREST = 6; // beats closer together are not told apart
const STEPS_S = [0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 18_000, 36_000];
const LABEL = 64; // room for a label of the ruler
const ON_BLOCKS = "#f4d58d"; // beats on blocks, which are dark in every theme

/** Times, and the beats that begin a bar. */
function drawRuler(sheet, { perMs, left, from, to, x, downs }) {
  const { pen, colors, width } = sheet;
  pen.fillStyle = colors.surface;
  pen.fillRect(0, 0, width, RULER);
  const least = LABEL / perMs / 1000;
  const step = 1000 * (STEPS_S.find((each) => each >= least) ?? 86_400 * Math.ceil(least / 86_400));
  const digits = step < 1000 ? 1 : 0;
  pen.save();
  pen.beginPath();
  pen.rect(left, 0, width - left, RULER);
  pen.clip();
  pen.font = `11px ${sheet.font}`;
  pen.textBaseline = "alphabetic";
  pen.textAlign = "left";
  for (let mark = Math.max(0, Math.floor(from / step)); mark * step <= to; mark += 1) {
    const at = Math.round(x(mark * step));
    pen.fillStyle = colors.quiet;
    const told = moment(mark * step, digits);
    if (at + 4 + sheet.measure(told) <= width) pen.fillText(told, at + 4, 15); // none that is cut at the edge
    pen.fillStyle = colors.edge;
    pen.fillRect(at, 6, 1, RULER - 6);
    for (let small = 1; small < 5; small += 1) pen.fillRect(Math.round(x((mark + small / 5) * step)), RULER - 5, 1, 5);
  }
  const [first, last] = [placeOf(downs, from), placeOf(downs, to)];
  pen.fillStyle = colors.beat;
  if ((last - first) * NEAREST <= width - left)
    for (let at = first; at < last; at += 1) pen.fillRect(Math.round(x(downs[at])) - 1, RULER - 4, 3, 3);
  pen.restore();
  pen.fillStyle = colors.line;
  pen.fillRect(0, RULER - 1, width, 1);
}

/** Beats as fine lines over pictures and sounds, those that begin a bar stronger; none where they stand too close. */
function drawBeats(sheet, view) {
  const { pen } = sheet;
  pen.fillStyle = ON_BLOCKS;
  const strips = view.timeline.lanes
    .map((lane, at) => [lane, RULER + view.tops[at] - view.scrollY])
    .filter(([lane]) => lane.kind === "video" || lane.kind === "audio");
  for (const [times, alpha] of [[view.beats, 0.22], [view.downs, 0.5]]) {
    const first = placeOf(times, view.from);
    const last = placeOf(times, view.to);
    if (last <= first || (last - first) * NEAREST > sheet.width - view.left) continue;
    pen.globalAlpha = alpha;
    for (let at = first; at < last; at += 1)
      for (const [lane, top] of strips) pen.fillRect(Math.round(view.x(times[at])), top, 1, TALL[lane.kind]);
  }
  pen.globalAlpha = 1;
}

/** Each lane's number and kind. */
function drawLabels(sheet, { timeline, tops, scrollY, left }) {
  const { pen, colors, height } = sheet;
  pen.fillStyle = colors.surface;
  pen.fillRect(0, RULER, left, height - RULER);
  pen.textBaseline = "middle";
  pen.textAlign = "left";
  timeline.lanes.forEach((lane, at) => {
    const middle = RULER + tops[at] - scrollY + TALL[lane.kind] / 2;
    pen.font = `11px ${sheet.font}`;
    pen.fillStyle = colors.quiet;
    pen.fillText(String(lane.number), 4, middle);
    const begin = 8 + sheet.measure(String(lane.number)) + 2;
    pen.font = `12px ${sheet.font}`;
    pen.fillStyle = colors.text;
    const words = left - begin - 4 > 20 ? sheet.fit(lane.label, left - begin - 4) : "";
    pen.fillText(words, begin, middle);
  });
}

/** The guide that something snaps to, and the playhead. */
function drawLines(sheet, { guide, playhead, x, left }) {
  const { pen, colors, width, height } = sheet;
  if (guide !== null && guide !== undefined && x(guide) >= left) {
    pen.fillStyle = colors.beat;
    pen.fillRect(Math.round(x(guide)) - 1, RULER, 2, height - RULER);
  }
  const at = Math.round(x(playhead));
  if (at < left - 1 || at > width) return;
  pen.fillStyle = colors.danger;
  pen.fillRect(at, 8, 1.5, height - 8);
  pen.beginPath();
  pen.moveTo(at - 5, 2);
  pen.lineTo(at + 6.5, 2);
  pen.lineTo(at + 6.5, 8);
  pen.lineTo(at + 0.75, 15);
  pen.lineTo(at - 5, 8);
  pen.fill();
}
