// What a timeline is on the page, and what an edit does to it: no drawing, no page. All times are in milliseconds.

const SHORTEST_MS = 100;
const TOUCH_MS = 40; // shots no further apart than a frame of 25 a second stand end to end
const LONGEST_TEXT = 200; // as many characters are sent

/** A timeline as it came from Python. `sounds` are those of before where it brings none. */
function readTimeline(content, sounds) {
  const { columns, texts } = content;
  const rows = columns.segment.map((id, at) => ({
    id,
    at,
    track: columns.track[at],
    start: columns.start[at],
    length: columns.length[at],
    volume: columns.volume[at],
    name: texts[columns.name[at]],
    text: texts[columns.text[at]],
    shot: columns.shot[at],
    sound: columns.sound[at],
    in: columns.in[at],
    speed: columns.speed[at],
    file: columns.file[at],
    split: columns.split[at],
    fade_in: columns.fade_in[at],
    fade_out: columns.fade_out[at],
  }));
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

/** The first row of a lane that may be seen from a time on. */
function firstFrom(lane, ms) {
  let [low, high] = [0, lane.ends.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (lane.ends[middle] > ms) high = middle;
    else low = middle + 1;
  }
  return low;
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

/** The place in sorted times of the first that is not before a time. */
function placeOf(times, ms) {
  let [low, high] = [0, times.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (times[middle] < ms) low = middle + 1;
    else high = middle;
  }
  return low;
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
