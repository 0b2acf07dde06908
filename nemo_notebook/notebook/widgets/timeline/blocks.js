// A segment as a block: its colour, its name, its waveform, and what it is held by once it is selected.

function colorOf(view, kind, row) {
  const { shots, kinds } = view.timeline.colors;
  return kinds[kind] ?? shots[Math.max(0, row?.shot ?? 0)] ?? shots[0];
}

/** A block; `row` is null where `count` of them are one. */
function drawBlock(sheet, view, lane, top, x, width, row, count) {
  const { pen } = sheet;
  const { kind } = lane;
  const tall = TALL[kind];
  const isFloating = row && view.floating?.id === row.id;
  const wide = Math.max(width - 1, 0.8);
  pen.globalAlpha = isFloating ? 0.28 : 1;
  pen.fillStyle = colorOf(view, kind, row);
  if (wide < 6) pen.fillRect(x, top, wide, tall);
  else {
    pen.beginPath();
    pen.roundRect(x, top, wide, tall, Math.min(4, wide / 3));
    pen.fill();
  }
  if (!isFloating) {
    if (row && kind === "audio") drawWave(sheet, view, row, top, x, wide);
    drawName(sheet, view, lane, top, x, wide, row, count);
    if (row && row.id === view.selected) drawChosen(sheet, view, lane, row, top, x, wide);
  }
  pen.globalAlpha = 1;
}

/** The name and the length, as far as there is room in what is seen of the block. */
function drawName(sheet, view, { kind }, top, x, wide, row, count) {
  const begin = Math.max(x, view.left) + 6;
  const handle = row && row.id === view.selected ? 8 : 0;
  let room = Math.min(x + wide - handle, sheet.width) - begin - 5;
  if (room < 14) return;
  const { pen } = sheet;
  const { ink, pale } = view.timeline.colors;
  pen.fillStyle = ink[kind] ?? pale;
  pen.textBaseline = "alphabetic";
  pen.textAlign = "left";
  const baseline = kind === "audio" || kind === "video" ? top + 15 : top + TALL[kind] / 2 + 4;
  if (row && room > 130) {
    pen.font = `11px ${sheet.font}`;
    pen.globalAlpha = 0.85;
    const told = row.length < 60_000 ? `${(row.length / 1000).toFixed(1)} s` : moment(row.length);
    const wideTold = sheet.measure(told);
    pen.fillText(told, begin + room - wideTold, baseline);
    pen.globalAlpha = 1;
    room -= wideTold + 10;
  }
  pen.font = `12px ${sheet.font}`;
  const words = sheet.fit(row ? row.name : view.many.replace("{n}", count), room);
  if (words) pen.fillText(words, begin, baseline);
}

/** What is selected: a frame, handles at its edges, and one for its volume. */
function drawChosen(sheet, view, { kind }, row, top, x, wide) {
  const { pen, colors } = sheet;
  const tall = TALL[kind];
  pen.strokeStyle = colors.surface;
  pen.lineWidth = 4;
  pen.strokeRect(x + 1, top + 1, Math.max(1, wide - 2), tall - 2);
  pen.strokeStyle = colors.accent;
  pen.lineWidth = 2;
  pen.strokeRect(x + 1, top + 1, Math.max(1, wide - 2), tall - 2);
  if (wide > 24)
    for (const edge of [x + 3, x + wide - 7]) {
      pen.fillStyle = "#fff";
      pen.fillRect(edge, top + tall / 2 - 8, 4, 16);
      pen.strokeStyle = "rgba(0, 0, 0, .45)";
      pen.lineWidth = 1;
      pen.strokeRect(edge - 0.5, top + tall / 2 - 8.5, 5, 17);
    }
  if (row.volume === null || wide < 40) return;
  const [high, low] = volumeSpan(kind, top);
  const y = low - (low - high) * levelOf(row.volume);
  const middle = Math.min(Math.max(x + wide / 2, view.left + 16), Math.max(x + 16, sheet.width - 16));
  if (kind === "video") {
    pen.strokeStyle = "rgba(255, 255, 255, .75)";
    pen.lineWidth = 1;
    pen.beginPath();
    pen.moveTo(x, y);
    pen.lineTo(x + wide, y);
    pen.stroke();
  }
  pen.fillStyle = "#fff";
  pen.strokeStyle = "rgba(0, 0, 0, .45)";
  pen.lineWidth = 1;
  pen.beginPath();
  pen.arc(middle, y, 4.5, 0, 7);
  pen.fill();
  pen.stroke();
}
