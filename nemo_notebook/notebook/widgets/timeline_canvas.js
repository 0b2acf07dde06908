// What a timeline is on the page, and what an edit does to it: no drawing, no page. All times are in milliseconds.

const SHORTEST_MS = 100;
const TOUCH_MS = 40; // shots no further apart than a frame of 25 a second stand end to end
const LONGEST_TEXT = 200; // as many characters are sent

/** A timeline as it came from Python. `sounds` are those of before where it brings none. */
function readTimeline(content, sounds) {
  const { columns, texts } = content;
  const { segment, name, text, ...others } = columns;
  const figures = Object.entries(others);
  const rows = segment.map((id, at) => {
    const row = { id, at, name: texts[name[at]], text: texts[text[at]] };
    for (const [key, values] of figures) row[key] = values[at];
    return row;
  });
  return laid({ ...content, columns: undefined, sounds: content.sounds ?? sounds ?? [] }, rows);
}

/** A timeline of these rows: lanes in time order, each row with its own `lane`. */
function laid(base, rows) {
  const lanes = base.tracks.map((track, at) => ({ ...track, at, rows: [], ends: [], packed: false }));
  const byTrack = new Map(lanes.map((lane) => [lane.number, lane]));
  for (const row of rows) byTrack.get(row.track)?.rows.push(row);
  let end = 0;
  for (const lane of lanes) {
    const inOrder = lane.rows.every((row, at) => !at || lane.rows[at - 1].start <= row.start);
    if (!inOrder) lane.rows.sort((one, other) => one.start - other.start);
    let last = 0;
    lane.ends = lane.rows.map((row) => (last = Math.max(last, row.start + row.length)));
    lane.packed = lane.kind === "video" && isPacked(lane.rows);
    end = Math.max(end, last);
  }
  return { ...base, rows, lanes, byTrack, byId: new Map(rows.map((row) => [row.id, row])), end };
}

/** Whether shots stand end to end from the beginning on. */
function isPacked(rows) {
  let end = 0;
  for (const row of rows) {
    if (Math.abs(row.start - end) > TOUCH_MS) return false;
    end = row.start + row.length;
  }
  return rows.length > 0;
}

/**
 * A timeline after some changes: `{segment, start, length, volume, text, track, delete, trim, copy}`, each but the first
 * optional. With `copy`, all is of a copy of the segment, which has a name of its own only when Python has made it.
 */
function changed(timeline, changes) {
  if (!changes.length) return timeline;
  const bySegment = new Map();
  const copies = changes.filter((change) => change.copy);
  for (const change of changes) if (!change.copy) bySegment.set(change.segment, { ...bySegment.get(change.segment), ...change });
  const rows = [];
  for (const row of timeline.rows) {
    const change = bySegment.get(row.id);
    if (!change) rows.push(row);
    else if (!change.delete) rows.push(rewritten(row, change));
  }
  for (const copy of copies) {
    const row = timeline.byId.get(copy.segment);
    if (row) rows.push({ ...rewritten(row, copy), id: `${row.id}\n${copy.start}` });
  }
  return laid(timeline, rows);
}

function rewritten(row, { start = row.start, length = row.length, volume = row.volume, text, track = row.track, trim }) {
  const name = text === undefined ? row.name : text.split(/\s+/).join(" ").trim().slice(0, LONGEST_TEXT);
  const moment = trim && row.file ? row.in + (start - row.start) * row.speed : row.in;
  return { ...row, start, length, volume, track, name, text: text ?? row.text, in: Math.max(0, moment) };
}

/** Whether two lists of changes ask for the same. */
function areSame(one, other) {
  const keys = ["segment", "start", "length", "volume", "track"];
  return one.length === other.length && one.every((change, at) => keys.every((key) => change[key] === other[at][key]));
}

/** As Python is asked for it: in seconds. */
function asked({ start, length, ...rest }) {
  const seconds = (ms) => Math.round(ms * 1000) / 1e6;
  const told = { ...rest };
  if (start !== undefined) told.start_s = seconds(start);
  if (length !== undefined) told.duration_s = seconds(length);
  return told;
}

/** The place of the first of some sorted values that holds; how many they are where none does. */
function placeWhere(values, holds) {
  let [low, high] = [0, values.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (holds(values[middle])) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** The first row of a lane that may be seen from a time on. */
function firstFrom(lane, ms) {
  return placeWhere(lane.ends, (end) => end > ms);
}

/** The place in sorted times of the first that is not before a time. */
function placeOf(times, ms) {
  return placeWhere(times, (time) => time >= ms);
}

/** The whole frame that is nearest to a time. */
function onFrame(timeline, ms) {
  return Math.round((Math.round((Math.max(0, ms) * timeline.fps) / 1000) * 1000) / timeline.fps);
}

/** Whether it would lie over another one of a lane. */
function overlaps(lane, row, start, length) {
  for (let at = firstFrom(lane, start + 1); at < lane.rows.length && lane.rows[at].start < start + length - 1; at += 1)
    if (lane.rows[at].id !== row.id && lane.rows[at].start + lane.rows[at].length > start + 1) return true;
  return false;
}

/** Where a shot comes to stand among the others of its lane: the place, from 0, that begins nearest to a time. */
function placeAmong(lane, row, ms) {
  let start = 0;
  let place = 0;
  for (const other of lane.rows) {
    if (other.id === row.id) continue;
    if (ms < start + other.length / 2) return place;
    start += other.length;
    place += 1;
  }
  return place;
}

/** The changes that put shots end to end in an order. */
function packing(rows) {
  const changes = [];
  let end = 0;
  for (const row of rows) {
    if (row.start !== end) changes.push({ segment: row.id, start: end });
    end += row.length;
  }
  return changes;
}

/**
 * The changes that move a segment.
 *
 * In a lane of shots that stand end to end, `together` lets the others make room, and closes the gap where one leaves.
 */
function moving(timeline, row, start, track, together) {
  const own = timeline.byTrack.get(row.track);
  const lane = timeline.byTrack.get(track) ?? own;
  const isAmong = together && own.packed;
  if (lane !== own) {
    const left = isAmong ? packing(own.rows.filter((each) => each.id !== row.id)) : [];
    return [...left, { segment: row.id, start, track: lane.number }];
  }
  if (isAmong && own.rows.length > 1) {
    const others = own.rows.filter((each) => each.id !== row.id);
    others.splice(placeAmong(own, row, start), 0, row);
    return packing(others);
  }
  return start === row.start ? [] : [{ segment: row.id, start }];
}

/** Whether a segment can be moved there: to a free place, or among shots that make room for it. */
function hasRoom(timeline, row, start, track, together) {
  const own = timeline.byTrack.get(row.track);
  const lane = timeline.byTrack.get(track) ?? own;
  const isAmong = lane === own && together && own.packed && own.rows.length > 1;
  return isAmong || !overlaps(lane, row, start, row.length);
}

/** The changes that take segments away. */
function removing(timeline, row, together) {
  const lane = timeline.byTrack.get(row.track);
  const rest = together && lane.packed ? packing(lane.rows.filter((each) => each.id !== row.id)) : [];
  return [...rest, { segment: row.id, delete: true }];
}

/** The changes that split a segment at a time; none where a part of it would be too short. */
function splitting(row, at) {
  const end = row.start + row.length;
  if (at - row.start < SHORTEST_MS || end - at < SHORTEST_MS) return [];
  const rest = { segment: row.id, copy: true, start: at, length: end - at, trim: true };
  return [{ segment: row.id, length: at - row.start }, rest];
}

/** The changes that put a copy behind a segment: next to it where shots make room, else where it fits first. */
function duplicating(timeline, row, together) {
  const { rows, packed } = timeline.byTrack.get(row.track);
  let start = row.start + row.length;
  const isAmong = together && packed;
  const later = isAmong ? rows.slice(rows.indexOf(row) + 1) : [];
  for (const each of isAmong ? [] : rows)
    if (each.start < start + row.length - 1 && each.start + each.length > start + 1) start = each.start + each.length;
  return [
    ...later.map((each) => ({ segment: each.id, start: each.start + row.length })),
    { segment: row.id, copy: true, start },
  ];
}

/** The shots beside a segment in its lane, if they touch it and are to move their edge with it. */
function neighbours(timeline, row, together) {
  const { rows, packed } = timeline.byTrack.get(row.track);
  const at = rows.indexOf(row);
  const [before, after] = [rows[at - 1], rows[at + 1]];
  return { before, after, isRolled: together && packed };
}

/** How far left what a segment plays reaches, if its edge is drawn out. */
function earliest(row) {
  return row.file ? row.start - row.in / row.speed : -Infinity;
}

/** The changes that put one edge of a segment to a time, as far as there is room for it. */
function resizing(timeline, row, edge, ms, together) {
  const { before, after, isRolled } = neighbours(timeline, row, together);
  const end = row.start + row.length;
  if (edge === "start") {
    const room = before ? (isRolled ? before.start + SHORTEST_MS : Math.min(row.start, before.start + before.length)) : 0;
    const start = Math.min(Math.max(ms, room, earliest(row), 0), end - SHORTEST_MS);
    if (start === row.start) return [];
    const own = { segment: row.id, start, length: end - start, trim: true };
    return before && isRolled ? [{ segment: before.id, length: start - before.start }, own] : [own];
  }
  if (after && isRolled) {
    const afterEnd = after.start + after.length;
    const at = Math.min(Math.max(ms, row.start + SHORTEST_MS, earliest(after)), afterEnd - SHORTEST_MS);
    if (at === end) return [];
    const next = { segment: after.id, start: at, length: afterEnd - at, trim: true };
    return [{ segment: row.id, length: at - row.start }, next];
  }
  const most = after ? Math.max(end, after.start) : Infinity;
  const at = Math.max(Math.min(ms, most), row.start + SHORTEST_MS);
  return at === end ? [] : [{ segment: row.id, length: at - row.start }];
}

/** The beats of a timeline's sounds, each within its own segment: all of them, and those that begin a bar. */
function beatsOf(timeline) {
  const [beats, downs] = [new Set(), new Set()];
  for (const row of timeline.rows) {
    const sound = timeline.sounds[row.sound];
    if (!sound) continue;
    const collect = (moments, into) => {
      for (const moment of moments) {
        const at = moment - row.in;
        if (at >= -1 && at <= row.length + 1) into.add(Math.round(row.start + at));
      }
    };
    collect(sound.beats_ms, beats);
    collect(sound.downbeats_ms, downs);
  }
  const sorted = (times) => Float64Array.from(times).sort();
  return { beats: sorted(beats), downs: sorted(downs) };
}

/** Where anything begins or ends, but for some segments. */
function cutsOf(timeline, without) {
  const cuts = new Set([0]);
  for (const row of timeline.rows) if (!without.has(row.id)) cuts.add(row.start).add(row.start + row.length);
  return Float64Array.from(cuts).sort();
}

/** What is nearest to some times: how far they have to be shifted, where it is, and in which list; null if nothing is. */
function snap(times, targets, reach) {
  let best = null;
  for (const ms of times)
    targets.forEach((sorted, place) => {
      const at = placeOf(sorted, ms);
      for (const target of [sorted[at - 1], sorted[at]])
        if (target !== undefined && Math.abs(target - ms) < (best ? Math.abs(best.by) : reach))
          best = { by: target - ms, at: target, place };
    });
  return best;
}

// How high and how long things are, for what draws them and for the hand alike.

const RULER = 28;
const BETWEEN = 4;
const TALL = { video: 48, audio: 52, text: 28, other: 28 };
const NAMED = 18; // room for a name, above a waveform

/** A moment as the ruler and the fields show it: `0:02`, `1:05.4`, `1:00:00`. */
function moment(ms, digits = 0) {
  const unit = 10 ** digits;
  const whole = Math.round((Math.max(0, ms) / 1000) * unit);
  const rest = digits ? `.${String(whole % unit).padStart(digits, "0")}` : "";
  return clock(Math.floor(whole / unit)) + rest;
}

/** Where each lane lies, from below the ruler on, and how high all are. */
function layLanes(timeline) {
  let top = BETWEEN;
  const tops = timeline.lanes.map((lane) => {
    const own = top;
    top += TALL[lane.kind] + BETWEEN;
    return own;
  });
  return { tops, height: top };
}

const LOUDEST = 4; // a volume: above 1 it is more than recorded

/** How high a volume stands: half as loud is more than half as high. The line ends at 1, whatever is louder. */
const levelOf = (volume) => Math.sqrt(Math.min(1, Math.max(0, volume)));
const volumeOf = (level) => Math.min(1, Math.max(0, level)) ** 2;

/** From which y to which a block's volume goes. */
function volumeSpan(kind, top) {
  return [top + (kind === "audio" ? NAMED : 6), top + TALL[kind] - 3];
}

// The canvas that is drawn on: its size, the theme's colours, and how wide words are.

class Sheet {
  constructor(canvas) {
    this.canvas = canvas;
    this.pen = canvas.getContext("2d");
    this.colors = {};
    this.widths = new Map();
  }

  /** Read the theme's colours again. */
  dress(root) {
    const probe = make("i", "", root);
    const style = getComputedStyle(probe);
    for (const name of ["text", "quiet", "surface", "sunken", "line", "edge", "accent", "danger", "beat"]) {
      probe.style.color = `var(--nemo-${name})`;
      this.colors[name] = style.color;
    }
    this.font = style.fontFamily;
    probe.remove();
    this.widths.clear();
  }

  /** Fit the canvas to its place. */
  size(width, height) {
    const ratio = window.devicePixelRatio || 1;
    if (this.width === width && this.height === height && this.ratio === ratio) return;
    Object.assign(this, { width, height, ratio });
    this.canvas.width = Math.floor(width * ratio);
    this.canvas.height = Math.floor(height * ratio);
    // One pixel of the canvas is one of the screen, also where a ratio such as 1.25 leaves a part of one over.
    Object.assign(this.canvas.style, { width: `${this.canvas.width / ratio}px`, height: `${this.canvas.height / ratio}px` });
  }

  /** The place nearest to one at which a pixel of the screen begins. */
  snap(place) {
    return Math.round(place * this.ratio) / this.ratio;
  }

  fill(color, x, y, width, height) {
    this.pen.fillStyle = color;
    this.pen.fillRect(x, y, width, height);
  }

  frame(color, line, x, y, width, height) {
    this.pen.strokeStyle = color;
    this.pen.lineWidth = line;
    this.pen.strokeRect(x, y, width, height);
  }

  measure(text) {
    const key = `${this.pen.font}\n${text}`;
    let width = this.widths.get(key);
    if (width === undefined) {
      if (this.widths.size > 4000) this.widths.clear();
      this.widths.set(key, (width = this.pen.measureText(text).width));
    }
    return width;
  }

  /** As much of a text as there is room for. */
  fit(text, room) {
    const width = this.measure(text);
    if (width <= room) return text;
    let kept = Math.floor((text.length * room) / width);
    while (kept > 0 && this.measure(`${text.slice(0, kept)}…`) > room) kept -= 1;
    if (kept > 0 && text.charCodeAt(kept - 1) >= 0xd800 && text.charCodeAt(kept - 1) < 0xdc00) kept -= 1;
    return kept >= 2 || (kept && text.charCodeAt(0) > 0x2e7f) ? `${text.slice(0, kept).trimEnd()}…` : "";
  }
}

// What a block of sound shows: how loud it is, and the volume that it is played at.

const BAR = 3; // from one bar of a waveform to the next

/** A sound's loudness under its volume, as far as it is seen, and its volume as a line. */
function drawWave(sheet, view, row, top, x, wide) {
  if (wide < 3 * BAR) return;
  const { pen } = sheet;
  const [high, low] = volumeSpan("audio", top);
  const sound = view.timeline.sounds[row.sound];
  const at = (ms) => levelAt(row, ms);
  const begin = Math.max(x, view.left);
  const end = Math.min(x + wide, sheet.width) - 1;
  if (sound?.peaks.length && sound.duration_ms) {
    const { peaks } = sound;
    const each = sound.duration_ms / peaks.length;
    const thick = Math.max(1, sheet.snap(2));
    pen.fillStyle = "rgba(127, 224, 189, .8)";
    // Bars stand still in time while the view moves, so that they do not swim.
    for (let bar = Math.ceil((begin - x) / BAR); x + bar * BAR < end; bar += 1) {
      const ms = (bar * BAR) / view.perMs;
      const first = Math.floor((row.in + ms) / each);
      const last = Math.floor((row.in + ms + BAR / view.perMs) / each);
      let peak = first < last ? 0 : between(peaks, (row.in + ms) / each - 0.5);
      for (let place = Math.max(0, first); first < last && place <= last && place < peaks.length; place += 1)
        peak = Math.max(peak, peaks[place]);
      const tall = Math.max(1, sheet.snap(((low - high) * peak * at(ms)) / 100));
      pen.fillRect(sheet.snap(x + bar * BAR), sheet.snap(low) - tall, thick, tall);
    }
  }
  if (row.volume === null) return;
  pen.strokeStyle = "rgba(255, 255, 255, .75)";
  pen.lineWidth = 1;
  pen.beginPath();
  for (let place = begin; ; place = Math.min(end, place + 4)) {
    pen.lineTo(place, low - (low - high) * at((place - x) / view.perMs));
    if (place >= end) break;
  }
  pen.stroke();
}

/** A value between two peaks, where one of them is wider than a bar; nothing before and behind the sound. */
function between(peaks, place) {
  if (place < -0.5 || place > peaks.length - 0.5) return 0;
  const at = Math.max(0, Math.floor(place));
  const next = peaks[Math.min(peaks.length - 1, at + 1)];
  return peaks[at] + (next - peaks[at]) * Math.min(1, Math.max(0, place - at));
}

/** How high the volume stands, with its fades, so long after a segment's beginning. */
function levelAt(row, ms) {
  const come = row.fade_in ? ms / row.fade_in : 1;
  const go = row.fade_out ? (row.length - ms) / row.fade_out : 1;
  return levelOf((row.volume ?? 1) * Math.max(0, Math.min(come, go, 1)));
}

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
  sheet.frame(colors.surface, 4, x + 1, top + 1, Math.max(1, wide - 2), tall - 2);
  sheet.frame(colors.accent, 2, x + 1, top + 1, Math.max(1, wide - 2), tall - 2);
  if (wide > 24)
    for (const edge of [x + 3, x + wide - 7]) {
      sheet.fill("#fff", edge, top + tall / 2 - 8, 4, 16);
      sheet.frame("rgba(0, 0, 0, .45)", 1, edge - 0.5, top + tall / 2 - 8.5, 5, 17);
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

// What tells where one is: the ruler, the beats, the lanes' names, the guide that something snaps to, and the playhead.

const NEAREST = 6; // beats closer together are not told apart
const STEPS_S = [0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 18_000, 36_000];
const LABEL = 64; // room for a label of the ruler
const ON_BLOCKS = "#f4d58d"; // beats on blocks, which are dark in every theme

/** Times, and the beats that begin a bar. */
function drawRuler(sheet, { perMs, left, from, to, x, downs }) {
  const { pen, colors, width } = sheet;
  sheet.fill(colors.surface, 0, 0, width, RULER);
  const least = LABEL / perMs / 1000;
  const step = 1000 * (STEPS_S.find((each) => each >= least) ?? 86_400 * Math.ceil(least / 86_400));
  const digits = step < 1000 ? 1 : 0;
  pen.save();
  pen.beginPath();
  pen.rect(left, 0, width - left, RULER);
  pen.clip();
  pen.font = `11px ${sheet.font}`;
  for (let mark = Math.max(0, Math.floor(from / step)); mark * step <= to; mark += 1) {
    const at = Math.round(x(mark * step));
    pen.fillStyle = colors.quiet;
    const told = moment(mark * step, digits);
    if (at + 4 + sheet.measure(told) <= width) pen.fillText(told, at + 4, 15); // none that is cut at the edge
    sheet.fill(colors.edge, at, 6, 1, RULER - 6);
    for (let small = 1; small < 5; small += 1) pen.fillRect(Math.round(x((mark + small / 5) * step)), RULER - 5, 1, 5);
  }
  const [first, last] = [placeOf(downs, from), placeOf(downs, to)];
  pen.fillStyle = colors.beat;
  if ((last - first) * NEAREST <= width - left)
    for (let at = first; at < last; at += 1) pen.fillRect(Math.round(x(downs[at])) - 1, RULER - 4, 3, 3);
  pen.restore();
  sheet.fill(colors.line, 0, RULER - 1, width, 1);
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
  sheet.fill(colors.surface, 0, RULER, left, height - RULER);
  pen.textBaseline = "middle";
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
    sheet.fill(colors.beat, Math.round(x(guide)) - 1, RULER, 2, height - RULER);
  }
  const at = Math.round(x(playhead));
  if (at < left - 1 || at > width) return;
  sheet.fill(colors.danger, at, 8, 1.5, height - 8);
  pen.beginPath();
  pen.moveTo(at - 5, 2);
  pen.lineTo(at + 6.5, 2);
  pen.lineTo(at + 6.5, 8);
  pen.lineTo(at + 0.75, 15);
  pen.lineTo(at - 5, 8);
  pen.fill();
}

// The timeline drawn: only what is seen, what is too narrow to be told apart as one block, and blocks on their way.

const ALONE = 2; // narrower blocks that touch become one
const EASE_MS = 70;

class Painter {
  constructor(canvas) {
    this.sheet = new Sheet(canvas);
    this.shown = new Map(); // where blocks are on their way to where they belong
    this.drawn_ms = 0;
  }

  /** Let blocks go softly from where they were to where they are now. */
  glide(before, after) {
    for (const row of after.rows) {
      const old = before.byId.get(row.id);
      if (old && (old.start !== row.start || old.length !== row.length) && !this.shown.has(row.id))
        this.shown.set(row.id, { start: old.start, length: old.length });
    }
  }

  /**
   * Draw a scene; gives whether something is still on its way.
   *
   * It has `timeline`, `tops`, `beats`, `downs`, `perMs`, `left`, `scrollX`, `scrollY`, `selected`, `floating`
   * ({id, start, track, bad}), `guide`, `playhead`, `many`.
   */
  paint(scene) {
    const { sheet } = this;
    const { pen, ratio, width, height, colors } = sheet;
    this.step(scene);
    pen.setTransform(ratio, 0, 0, ratio, 0, 0);
    Object.assign(pen, { textBaseline: "alphabetic", textAlign: "left" });
    sheet.fill(colors.surface, 0, 0, width, height);
    const x = (ms) => scene.left + ms * scene.perMs - scene.scrollX;
    const from = (scene.scrollX - 1) / scene.perMs;
    const to = (scene.scrollX + width - scene.left) / scene.perMs;
    const view = { ...scene, x, from, to };
    pen.save();
    pen.beginPath();
    pen.rect(0, RULER, width, height - RULER);
    pen.clip();
    this.backs(view);
    scene.timeline.lanes.forEach((lane, at) => this.lane(view, lane, RULER + scene.tops[at] - scene.scrollY));
    drawBeats(sheet, view);
    this.overlays(view);
    drawLabels(sheet, view);
    pen.restore();
    drawRuler(sheet, view);
    drawLines(sheet, view);
    return this.shown.size > 0;
  }

  backs({ timeline, tops, scrollY, left }) {
    const { pen, width, colors } = this.sheet;
    pen.fillStyle = colors.sunken;
    timeline.lanes.forEach((lane, at) => pen.fillRect(left, RULER + tops[at] - scrollY, width - left, TALL[lane.kind]));
  }

  /** Take what is on its way a step further. */
  step({ timeline, perMs }) {
    const now = performance.now();
    const part = 1 - Math.exp(-Math.min(50, now - this.drawn_ms) / EASE_MS);
    this.drawn_ms = now;
    for (const [id, shown] of this.shown) {
      const row = timeline.byId.get(id);
      if (row) {
        shown.start += (row.start - shown.start) * part;
        shown.length += (row.length - shown.length) * part;
      }
      if (!row || (Math.abs(row.start - shown.start) + Math.abs(row.length - shown.length)) * perMs < 0.5) this.shown.delete(id);
    }
  }

  lane(view, lane, top) {
    const tall = TALL[lane.kind];
    if (top > this.sheet.height || top + tall < RULER) return;
    const { x, perMs } = view;
    const far = this.shown.size ? Infinity : view.to;
    const first = this.shown.size ? 0 : firstFrom(lane, view.from);
    const wide = [];
    let run = null;
    const flush = () => {
      if (run) drawBlock(this.sheet, view, lane, top, run.x, Math.max(1, run.end - run.x), run.count === 1 ? run.row : null, run.count);
      run = null;
    };
    for (let at = first; at < lane.rows.length && lane.rows[at].start <= far; at += 1) {
      const row = lane.rows[at];
      const place = this.shown.get(row.id) ?? row;
      const begin = x(place.start);
      const end = begin + place.length * perMs;
      if (end < view.left - 20 || begin > this.sheet.width) continue;
      if (end - begin >= ALONE) wide.push([row, begin, end - begin]);
      else if (run && begin <= run.end + 1) {
        run.end = Math.max(run.end, end);
        run.count += 1;
      } else {
        flush();
        run = { x: begin, end, row, count: 1 };
      }
    }
    flush();
    for (const [row, begin, width] of wide) drawBlock(this.sheet, view, lane, top, begin, width, row, 1);
  }

  /** What hangs at the pointer. */
  overlays(view) {
    const { floating, timeline } = view;
    const row = floating && timeline.byId.get(floating.id);
    const lane = row && timeline.byTrack.get(floating.track);
    if (!lane) return;
    const { pen, colors } = this.sheet;
    const top = RULER + view.tops[lane.at] - view.scrollY;
    const x = view.x(floating.start);
    const wide = Math.max(2, row.length * view.perMs - 1);
    pen.globalAlpha = 0.9;
    drawBlock(this.sheet, { ...view, floating: null, selected: null }, lane, top, x, wide + 1, row, 1);
    pen.globalAlpha = 1;
    pen.strokeStyle = floating.bad ? colors.danger : colors.accent;
    pen.lineWidth = 2;
    pen.setLineDash(floating.bad ? [5, 3] : []);
    pen.strokeRect(x + 1, top + 1, Math.max(1, wide - 2), TALL[lane.kind] - 2);
    pen.setLineDash([]);
  }
}

// Which moment is where: how much time is in a pixel, how far it is scrolled, and how all of it fits.

const LEFT = { wide: 76, narrow: 40 };
const NARROW = 480;
const AFTER = 24; // pixels behind the end
const CLOSEST = 1; // pixels in a millisecond
const WIDEST = 12_000_000; // pixels: browsers make nothing wider

class Scale {
  /** `draw` is called when all is to be drawn anew. */
  constructor(scroller, draw) {
    this.scroller = scroller;
    this.draw = draw;
    this.end = 0; // of the timeline
    this.perMs = 0.05;
    this.isFitted = true;
  }

  /** Take the room there is; what is to be seen whole is fitted into it again. */
  lay(isHeld) {
    const before = this.width;
    this.width = this.scroller.clientWidth;
    this.left = this.width < NARROW ? LEFT.narrow : LEFT.wide;
    const reach = this.end * this.perMs;
    const isOff = this.width !== before || reach > this.room + AFTER - 4 || reach < 0.6 * this.room;
    if (this.isFitted && !isHeld && this.room > 0 && isOff) this.fit();
  }

  /** The pixels that the lanes have. */
  get room() {
    return this.width - this.left - AFTER;
  }

  /** How wide all of it is. */
  get wide() {
    return Math.max(this.width, this.left + this.end * this.perMs + AFTER);
  }

  get scrolled() {
    return this.wish ?? this.scroller.scrollLeft;
  }

  x(ms) {
    return this.left + ms * this.perMs - this.scrolled;
  }

  ms(x) {
    return (x - this.left + this.scrolled) / this.perMs;
  }

  /** Where a moment is, or the side behind which it is. */
  within(ms) {
    return Math.min(Math.max(this.x(ms), this.left), this.width);
  }

  isSeen(ms, slack = 0) {
    const x = this.x(ms);
    return x >= this.left && x <= this.width - slack;
  }

  /** Scroll, with the next frame. */
  scrollTo(x) {
    this.wish = Math.min(this.wide - this.width, Math.max(0, x));
    this.draw();
  }

  /** Scroll so far that a moment stands a little behind the left side. */
  scrollBehind(ms) {
    this.scrollTo(this.scrolled + this.x(ms) - this.left - 40);
  }

  /** Do what was wished of scrolling; called once a frame. */
  settle() {
    if (this.wish !== undefined) this.scroller.scrollLeft = this.wish;
    this.wish = undefined;
  }

  /** Go closer, or away, about a place that stays where it is. */
  zoom(by, about) {
    const ms = this.ms(about);
    this.isFitted = false;
    this.take(this.perMs * by);
    this.scrollTo(ms * this.perMs + this.left - about);
  }

  fit() {
    this.take(this.room / Math.max(1000, this.end));
    this.isFitted = true;
    this.scrollTo(0);
  }

  take(perMs) {
    const end = Math.max(1000, this.end);
    const least = Math.min(0.1, this.room / end / 1.2);
    this.perMs = Math.max(least, Math.min(perMs, CLOSEST, WIDEST / end));
  }
}
