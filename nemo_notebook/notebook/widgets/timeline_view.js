// The playhead: a slider above the lanes, which goes where the player is and takes the player along.

const STEP_MS = 100;

class Playhead {
  /** `part` is the view; `time` the element that tells the time in words. */
  constructor(part, time) {
    this.part = part;
    this.time = time;
    this.ms = 1000 * part.model.get("playhead_s");
    const slider = { role: "slider", tabindex: 0, "aria-label": part.say("playhead"), "aria-valuemin": 0 };
    this.head = make("div", "nemo-timeline-head", part.stage, null, { ...slider, keydown: (event) => this.key(event) });
  }

  /** Go to a time, and tell the player. */
  seek(ms) {
    this.stand(Math.round(ms));
    shout(this.part.model, "seek", { at_s: this.ms / 1000 });
    this.note(this.ms / 1000);
  }

  stand(ms) {
    this.ms = Math.max(0, ms);
    this.part.draw();
  }

  /** Where the player is. */
  follow({ at_s, is_playing }) {
    this.stand(1000 * at_s);
    const { scale, hand } = this.part;
    if (is_playing && !hand.drag && !scale.isSeen(this.ms, 8)) scale.scrollBehind(this.ms);
    clearTimeout(this.noting);
    if (!is_playing) this.note(at_s);
  }

  /** Let Python know, once it stands still. */
  note(at_s) {
    clearTimeout(this.noting);
    this.noting = setTimeout(() => this.part.note("playhead_s", at_s), 200);
  }

  /** Show where it is. */
  tell() {
    const { timeline, scale } = this.part;
    const told = `${moment(this.ms, 1)} / ${moment(timeline.end, 1)}`;
    if (this.time.textContent !== told) {
      this.time.textContent = told;
      this.head.setAttribute("aria-valuemax", (timeline.end / 1000).toFixed(1));
      this.head.setAttribute("aria-valuenow", (Math.min(this.ms, timeline.end) / 1000).toFixed(1));
      this.head.setAttribute("aria-valuetext", moment(this.ms, 1));
    }
    this.head.style.transform = `translateX(${scale.within(this.ms) - 8}px)`;
  }

  key(event) {
    const { timeline, scale } = this.part;
    const step = event.shiftKey ? 1000 : STEP_MS;
    const cuts = () => cutsOf(timeline, new Set());
    const goals = {
      ArrowLeft: () => this.ms - step,
      ArrowDown: () => this.ms - step,
      ArrowRight: () => this.ms + step,
      ArrowUp: () => this.ms + step,
      PageDown: () => cuts()[placeOf(cuts(), this.ms) - 1] ?? 0,
      PageUp: () => cuts()[placeOf(cuts(), this.ms + 1)] ?? timeline.end,
      Home: () => 0,
      End: () => timeline.end,
    };
    const goal = goals[event.key];
    if (!goal || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    this.seek(Math.min(Math.max(0, goal()), timeline.end));
    if (!scale.isSeen(this.ms, 8)) scale.scrollTo(scale.scrolled + scale.x(this.ms) - scale.width / 2);
  }
}

// What is done to segments: shown at once, and asked of Python one after the other.

class Edits {
  constructor(part) {
    this.part = part;
    this.waiting = [];
    this.isBusy = false;
  }

  get changes() {
    return this.waiting.flatMap((each) => each.changes);
  }

  /**
   * Show an edit and ask for it; one of the same `key` that still waits becomes one with it, as with a key held down.
   *
   * `note` is what else is to be said of it, such as why it is not all that was wished for.
   */
  make(changes, key = "", note = "") {
    if (changes.length) this.ask(changes, key, note);
    else if (note) this.part.tell(note);
    this.part.refresh();
  }

  ask(changes, key, note) {
    const last = this.waiting[this.waiting.length - 1];
    const isMore = key && last?.key === key && !(this.isBusy && this.waiting.length === 1);
    if (isMore) Object.assign(last, { changes: [...last.changes, ...changes], note });
    else this.waiting.push({ what: "edit", changes, key, note });
    this.next();
  }

  /** `undo` or `redo`. */
  step(what) {
    this.waiting.push({ what, changes: [], key: "", note: "" });
    this.next();
  }

  async next() {
    if (this.isBusy || !this.waiting.length) return;
    this.isBusy = true;
    const { part } = this;
    const { what, changes, note } = this.waiting[0];
    const { end } = part.base;
    const content = what === "edit" ? { revision: part.base.revision, changes: changes.map(asked) } : {};
    try {
      // A step back may be a turn of chat where the backend keeps no drafts.
      const answer = await part.link.ask(what, content, [], what === "edit" ? {} : { patience_ms: 0 });
      this.waiting.shift();
      if (answer.content.steps) part.base.steps = answer.content.steps;
      const grown = part.base.end > end + TOUCH_MS ? part.say("longer", { end: moment(part.base.end, 1) }) : "";
      part.tell([...answer.content.words, note, what === "edit" && grown].filter(Boolean).join(" "));
    } catch (error) {
      this.waiting = []; // what came after it was made on what is not so
      part.tell(error.hint === undefined ? error.message : ""); // what Python refuses stands in the line of troubles
    }
    this.isBusy = false;
    part.refresh();
    this.next();
  }

  moveTo(row, start, track = row.track) {
    const { timeline, together } = this.part;
    const to = onFrame(timeline, start);
    if (hasRoom(timeline, row, to, track, together)) this.make(moving(timeline, row, to, track, together), `move ${row.id}`);
    else this.make([], "", this.noRoom(row));
  }

  /** Put an edge of a segment to a time, as far as that goes. */
  resize(row, edge, ms) {
    const { timeline, together } = this.part;
    const to = onFrame(timeline, ms);
    const changes = resizing(timeline, row, edge, to, together);
    this.make(changes, `${edge} ${row.id}`, this.limit(row, edge, to, changes));
  }

  noRoom(row) {
    return this.part.say("no room", { at: moment(row.start, 1) });
  }

  /** Why an edge does not go where it was to go; nothing if it does. */
  limit(row, edge, ms, changes) {
    const { start, length } = { ...row, ...changes.find((change) => change.segment === row.id) };
    const at = edge === "start" ? start : start + length;
    if (Math.abs(at - ms) < TOUCH_MS) return "";
    if (length <= SHORTEST_MS + 1) return this.part.say("shortest", { seconds: SHORTEST_MS / 1000 });
    return this.part.say(`no more ${edge}`, { at: moment(at, 1) });
  }

  volume(row, volume) {
    const within = Math.round(100 * Math.min(LOUDEST, Math.max(0, volume))) / 100;
    if (within !== row.volume) this.make([{ segment: row.id, volume: within }], `volume ${row.id}`);
  }

  rename(row, text) {
    if (row && text.trim() && text !== row.text) this.make([{ segment: row.id, text }]);
  }

  remove(row) {
    if (!row) return;
    const { timeline, together } = this.part;
    const { rows } = timeline.byTrack.get(row.track);
    const at = rows.indexOf(row);
    const next = rows[at + 1] ?? rows[at - 1];
    const changes = removing(timeline, row, together);
    this.part.select(next?.id ?? "");
    this.make(changes);
  }
}

// A title that is written where it stands.

/** Let a title be written anew; nothing where the segment is none. */
async function retitle(part, row) {
  if (part.timeline.byTrack.get(row.track).kind !== "text" || part.writing) return;
  part.select(row.id);
  let { text } = row;
  if (text.length >= LONGEST_TEXT) {
    const answer = await part.link.ask("words", { segment: row.id }).catch(() => null);
    if (!answer) return;
    ({ text } = answer.content);
  }
  part.choose(row);
  const field = titleField(part, row);
  part.writing = field;
  field.value = text;
  const close = (isMeant) => {
    if (!part.writing) return;
    part.writing = null;
    field.remove();
    if (isMeant && field.value !== text) part.edits.rename(part.timeline.byId.get(row.id), field.value);
  };
  field.addEventListener("keydown", (event) => {
    event.stopPropagation();
    if (isComposing(event)) return; // its Enter chooses among characters
    if (event.key === "Escape" || (event.key === "Enter" && !event.shiftKey)) {
      event.preventDefault();
      close(event.key === "Enter");
      part.list.focus();
    }
  });
  field.addEventListener("blur", () => close(true));
  field.focus();
  field.select();
}

/** A field over a title's block, within what is seen. */
function titleField({ stage, scale, scroller, timeline, tops, say }, row) {
  const named = { rows: 1, "aria-label": say("words") };
  const field = make("textarea", "nemo-input nemo-timeline-writing", stage, null, named);
  const begin = Math.min(Math.max(scale.x(row.start), scale.left), scale.width - 200);
  const left = Math.max(4, begin);
  field.style.left = `${left}px`;
  field.style.top = `${RULER + tops[timeline.byTrack.get(row.track).at] - scroller.scrollTop - 2}px`;
  field.style.width = `${Math.min(Math.max(196, row.length * scale.perMs), scale.width - left - 4)}px`;
  return field;
}

// What a pointer does on the timeline: select, move, resize, make louder, seek, scroll, pinch.

const MOVED = 3; // pixels: less is a click
const REACH = 8; // pixels within which something snaps
const EDGE = { mouse: 7, pen: 10, touch: 16 };
const NEAR_VOLUME = { mouse: 5, pen: 8, touch: 14 };
const NEAR_SIDE = 28; // pixels from a side at which a drag scrolls

class Hand {
  /** `part` is the view: its timeline, its scale, and what is to happen. */
  constructor(part) {
    this.part = part;
    this.drag = null;
    this.touches = new Map();
    const { canvas } = part;
    const events = {
      pointerdown: (event) => this.down(event),
      pointermove: (event) => this.move(event),
      pointerup: (event) => this.up(event),
      pointercancel: (event) => this.lost(event),
      dblclick: (event) => this.twice(event),
      touchstart: (event) => this.touched(event),
    };
    for (const [name, hear] of Object.entries(events)) canvas.addEventListener(name, hear, { passive: false });
    part.stage.addEventListener("wheel", (event) => this.wheel(event), { passive: false });
  }

  at(event) {
    const place = this.part.canvas.getBoundingClientRect();
    return { x: event.clientX - place.left, y: event.clientY - place.top };
  }

  laneAt(y) {
    const { timeline, tops, scroller } = this.part;
    const inside = y - RULER + scroller.scrollTop;
    return timeline.lanes.find((lane, at) => inside >= tops[at] && inside < tops[at] + TALL[lane.kind]) ?? null;
  }

  /** What is at a place: `zone` is `ruler`, `label`, `start`, `end`, `volume`, `block` or `empty`. */
  hit({ x, y }, pointer = "mouse") {
    const { part } = this;
    if (x < part.scale.left) return { zone: "label" };
    if (y < RULER) return { zone: "ruler" };
    const lane = this.laneAt(y);
    const row = lane && this.rowAt(lane, x);
    if (!row) return { zone: "empty", lane };
    const [begin, end] = [part.scale.x(row.start), part.scale.x(row.start + row.length)];
    const isChosen = row.id === part.selected;
    if (pointer === "mouse" || isChosen) {
      if (row.volume !== null && end - begin >= 40 && (isChosen || lane.kind === "audio")) {
        const [high, low] = volumeSpan(lane.kind, RULER + part.tops[lane.at] - part.scroller.scrollTop);
        const line = low - (low - high) * levelOf(row.volume);
        const isInside = x > begin + EDGE[pointer] && x < end - EDGE[pointer];
        if (isInside && Math.abs(y - line) <= NEAR_VOLUME[pointer]) return { zone: "volume", row, lane };
      }
      const reach = Math.min(EDGE[pointer], (end - begin) / 4);
      if (end - begin >= 16 && x < begin + reach) return { zone: "start", row, lane };
      if (end - begin >= 16 && x > end - reach) return { zone: "end", row, lane };
    }
    return { zone: "block", row, lane };
  }

  rowAt(lane, x) {
    const { part } = this;
    const [ms, slack] = [part.scale.ms(x), 3 / part.scale.perMs];
    let near = null;
    for (let at = firstFrom(lane, ms - slack); at < lane.rows.length && lane.rows[at].start <= ms + slack; at += 1) {
      const row = lane.rows[at];
      if (row.start <= ms && ms < row.start + row.length) return row;
      near ??= row;
    }
    return near;
  }

  // A finger on what is selected is there to move it; elsewhere the page may scroll up and down under it.
  touched(event) {
    const { row, zone } = this.hit(this.at(event.touches[0]), "touch");
    if (event.touches.length > 1 || zone === "ruler" || (row && row.id === this.part.selected)) event.preventDefault();
  }

  down(event) {
    if (event.button) return;
    const { part } = this;
    const place = this.at(event);
    this.touches.set(event.pointerId, place);
    part.canvas.setPointerCapture(event.pointerId);
    part.list.focus();
    if (this.touches.size === 2) {
      this.cancel();
      const [one, other] = [...this.touches.values()];
      this.drag = { what: "pinch", apart: Math.abs(one.x - other.x) || 1, changes: [] };
      return;
    }
    const { zone, row, lane } = this.hit(place, event.pointerType);
    event.preventDefault(); // no text is selected, and the focus stays with the list
    this.pointer = { ...place, alt: event.altKey };
    const begun = { from: place, has_moved: false, row, lane, changes: [] };
    if (zone === "ruler") this.drag = { ...begun, what: "seek", has_moved: true };
    else if (zone === "empty" || zone === "label") this.drag = { ...begun, what: "pan", scroll: part.scroller.scrollLeft };
    else {
      part.select(row.id);
      this.drag = { ...begun, what: zone, grab: part.scale.ms(place.x) - row.start };
    }
    part.draw();
  }

  move(event) {
    const place = this.at(event);
    if (this.touches.has(event.pointerId)) this.touches.set(event.pointerId, place);
    if (!this.drag) {
      this.part.canvas.style.cursor = CURSORS[this.hit(place, event.pointerType).zone];
      return;
    }
    if (this.drag.what === "pinch") return this.pinch();
    this.pointer = { ...place, alt: event.altKey };
    const { from } = this.drag;
    if (!this.drag.has_moved && Math.hypot(place.x - from.x, place.y - from.y) < MOVED) return;
    if (!this.drag.has_moved) this.begin();
    this.part.draw(); // which asks for `follow`, once a frame
  }

  begin() {
    const { drag, part } = this;
    drag.has_moved = true;
    part.canvas.style.cursor = { block: "grabbing", pan: "grabbing" }[drag.what] ?? CURSORS[drag.what];
    if (drag.row) drag.targets = this.targets(drag.row);
  }

  /** What something may snap to: cuts, beats, the playhead. */
  targets(row) {
    const { timeline, beats, playhead } = this.part;
    return [cutsOf(timeline, new Set([row.id])), beats, Float64Array.of(playhead.ms)];
  }

  pinch() {
    const [one, other] = [...this.touches.values()];
    if (!other) return;
    const apart = Math.abs(one.x - other.x) || 1;
    this.part.scale.zoom(apart / this.drag.apart, (one.x + other.x) / 2);
    this.drag.apart = apart;
  }

  /** Bring what is dragged to the pointer. Called before each frame. */
  follow() {
    const { drag, pointer, part } = this;
    if (!drag?.has_moved || drag.what === "pinch") return;
    if (drag.what === "pan") {
      part.scale.scrollTo(drag.scroll + drag.from.x - pointer.x);
      return;
    }
    this.scrollAtSides();
    if (drag.what === "seek") {
      part.playhead.seek(Math.max(0, Math.min(part.scale.ms(pointer.x), part.timeline.end)));
      return;
    }
    drag.row = part.timeline.byId.get(drag.row.id); // which a cell may have changed meanwhile
    if (!drag.row) return this.cancel();
    if (drag.what === "volume") this.louder();
    else if (drag.what === "block") this.carry();
    else this.stretch();
  }

  louder() {
    const { drag, pointer, part } = this;
    const [high, low] = volumeSpan(drag.lane.kind, RULER + part.tops[drag.lane.at] - part.scroller.scrollTop);
    const level = (low - pointer.y) / (low - high);
    const loudest = Math.max(1, drag.row.volume); // a line that stands at the top may mean more than the hand can draw
    const volume = level >= 1 ? loudest : Math.round(100 * volumeOf(level)) / 100;
    drag.changes = volume === drag.row.volume ? [] : [{ segment: drag.row.id, volume }];
    part.preview(drag.changes, null, null);
  }

  /** Where times go: to what is near, else to a whole frame. */
  settle(times, alt) {
    const { part, drag } = this;
    const near = alt ? null : snap(times, drag.targets, REACH / part.scale.perMs);
    if (!near) return { by: onFrame(part.timeline, times[0]) - times[0], guide: null };
    const at = near.place === 0 ? near.at : onFrame(part.timeline, near.at); // cuts are where they are
    return { by: near.by + at - near.at, guide: near.at };
  }

  carry() {
    const { drag, pointer, part } = this;
    const { timeline } = part;
    const { row } = drag;
    const lane = this.laneAt(pointer.y);
    const track = lane?.kind === drag.lane.kind ? lane.number : row.track;
    const own = timeline.byTrack.get(row.track);
    let start = Math.max(0, part.scale.ms(pointer.x) - drag.grab);
    let guide = null;
    const isAmong = track === row.track && part.together && own.packed && own.rows.length > 1;
    if (!isAmong) {
      const settled = this.settle([start, start + row.length], pointer.alt);
      [start, guide] = [Math.max(0, start + settled.by), settled.guide];
    }
    const bad = !hasRoom(timeline, row, start, track, part.together);
    drag.changes = bad ? [] : moving(timeline, row, start, track, part.together);
    drag.note = bad ? part.edits.noRoom(row) : "";
    part.preview(drag.changes, { id: row.id, start, track, bad }, guide);
  }

  stretch() {
    const { drag, pointer, part } = this;
    const ms = part.scale.ms(pointer.x) - drag.grab + (drag.what === "end" ? drag.row.length : 0);
    const { by, guide } = this.settle([ms], pointer.alt);
    drag.changes = resizing(part.timeline, drag.row, drag.what, ms + by, part.together);
    drag.note = part.edits.limit(drag.row, drag.what, ms + by, drag.changes);
    part.preview(drag.changes, null, guide);
  }

  scrollAtSides() {
    const { part, pointer } = this;
    const over = pointer.x - (part.scale.width - NEAR_SIDE);
    const under = part.scale.left + NEAR_SIDE - pointer.x;
    const by = over > 0 ? over : under > 0 && part.scroller.scrollLeft > 0 ? -under : 0;
    if (!by) return;
    part.scale.scrollTo(part.scroller.scrollLeft + Math.sign(by) * Math.min(24, Math.abs(by) / 2));
    part.draw();
  }

  up(event) {
    const { drag, part } = this;
    this.touches.delete(event.pointerId);
    if (!drag) return;
    if (drag.has_moved && drag.what !== "pinch") this.follow();
    else if (drag.what === "pan") part.select("");
    this.drag = null;
    part.canvas.style.cursor = "";
    if (drag.what !== "seek") part.drop(drag.changes, drag.note);
  }

  lost(event) {
    this.touches.delete(event.pointerId);
    this.cancel();
  }

  /** Leave everything as it was before the drag; gives whether there was one. */
  cancel() {
    const was = this.drag;
    this.drag = null;
    if (was) this.part.drop([]);
    return was !== null;
  }

  wheel(event) {
    const { deltaX, deltaY } = event;
    const { frame, scale, scroller } = this.part;
    if (event.ctrlKey || event.metaKey) {
      event.preventDefault();
      const unit = event.deltaMode ? 16 : 1;
      scale.zoom(Math.exp(-deltaY * unit * 0.003), this.at(event).x);
      return;
    }
    // Up and down go through time for who works here; else the page scrolls as anywhere.
    const isTall = scroller.scrollHeight > scroller.clientHeight + 1;
    if (event.shiftKey || isTall || Math.abs(deltaX) > Math.abs(deltaY) || !frame.root.contains(document.activeElement)) return;
    const most = scroller.scrollWidth - scroller.clientWidth;
    if ((deltaY < 0 && scale.scrolled < 1) || (deltaY > 0 && scale.scrolled > most - 1)) return;
    event.preventDefault();
    scale.scrollTo(scale.scrolled + deltaY);
  }

  twice(event) {
    const { row, zone } = this.hit(this.at(event));
    if (row && zone !== "volume") retitle(this.part, row);
  }
}

const CURSORS = { ruler: "col-resize", label: "", start: "ew-resize", end: "ew-resize", volume: "ns-resize", block: "grab", empty: "" };

// What stands beside the lanes: the list for screen readers, and the fields of what is selected.

const WINDOW = 12; // options on each side of the selected one

/** The timeline for those who do not see it: a list with the segment that is selected, of which a window is on the page. */
class Listing {
  constructor(part, parent) {
    this.part = part;
    this.id = `nemo-${newId()}`;
    const help = make("div", "nemo-unseen", parent, part.say("help"), { id: `${this.id}-help` });
    const named = { role: "listbox", tabindex: 0, "aria-label": part.say("segments"), "aria-describedby": help.id };
    const click = ({ target }) => target.dataset.segment && part.select(target.dataset.segment);
    this.list = make("div", "nemo-unseen nemo-timeline-list", parent, null, { ...named, click });
  }

  /** In the order of the lanes. */
  show(timeline, selected) {
    const rows = timeline.lanes.flatMap((lane) => lane.rows);
    const chosen = rows.findIndex((row) => row.id === selected);
    const first = Math.max(0, chosen - WINDOW);
    this.list.replaceChildren();
    this.list.removeAttribute("aria-activedescendant");
    rows.slice(first, first + 2 * WINDOW + 1).forEach((row, place) => {
      const id = `${this.id}-${first + place}`;
      const isSelected = row.id === selected;
      const order = { "aria-setsize": rows.length, "aria-posinset": first + place + 1, "aria-selected": isSelected };
      const attributes = { id, role: "option", "data-segment": row.id, ...order };
      make("div", "", this.list, this.words(timeline, row), attributes);
      if (isSelected) this.list.setAttribute("aria-activedescendant", id);
    });
  }

  focus() {
    this.list.focus({ preventScroll: true });
  }

  words(timeline, row) {
    const { kind } = timeline.byTrack.get(row.track);
    const values = { name: row.name, kind: this.part.say(kind), track: row.track };
    const times = { start: moment(row.start, 1), length: (row.length / 1000).toFixed(1) };
    const loud = row.volume === null ? "" : `, ${this.part.say("loud", { volume: Math.round(100 * row.volume) })}`;
    return this.part.say("option", { ...values, ...times }) + loud;
  }
}

/** The fields of what is selected: all that the hand can do, for those who type. */
class Fields {
  constructor(part, parent) {
    this.part = part;
    this.root = make("div", "nemo-row nemo-timeline-fields", parent);
    this.shown = "";
  }

  show(timeline, row) {
    const lane = row && timeline.byTrack.get(row.track);
    const tracks = row ? timeline.lanes.filter((each) => each.kind === lane.kind).map((each) => each.number) : [];
    const form = row ? [row.id, lane.kind, row.volume !== null, ...tracks].join("\n") : "";
    if (!row || form !== this.shown) this.build(row, lane, tracks);
    this.shown = form;
    if (!row) return;
    this.fill("start", (row.start / 1000).toFixed(2));
    this.fill("length", (row.length / 1000).toFixed(2));
    if (row.volume !== null) this.fill("volume", Math.round(100 * row.volume));
    if (lane.kind === "text") this.fill("words", row.text);
    if (tracks.length > 1) this.fill("track", row.track);
    this.name.textContent = row.name;
  }

  /** A field that somebody is typing in is left alone. */
  fill(key, value) {
    const field = this.inputs[key];
    if (document.activeElement === field && field.value !== field.dataset.last) return;
    field.value = value;
    field.dataset.last = field.value;
  }

  build(row, lane, tracks) {
    const { part } = this;
    this.root.replaceChildren();
    this.inputs = {};
    if (!row) {
      make("span", "nemo-quiet", this.root, part.say("none selected"));
      return;
    }
    this.box = make("div", "nemo-wrap nemo-timeline-inputs", this.root);
    const title = make("span", "nemo-row nemo-timeline-chosen", this.box);
    title.append(icon({ video: "film", audio: "music", text: "text" }[lane.kind] ?? "picture"));
    this.name = make("span", "", title);
    const current = () => part.timeline.byId.get(row.id);
    if (lane.kind === "text") {
      const change = ({ target }) => part.edits.rename(current(), target.value);
      this.field("words", "input", { type: "text", change });
      title.hidden = true;
    }
    const number = (key, unit, limits, take) => {
      const change = ({ target }) => Number.isFinite(target.valueAsNumber) && current() && take(target.valueAsNumber);
      this.field(key, "input", { type: "number", ...limits, change }, unit);
    };
    number("start", "s", { min: 0, step: 0.1 }, (value) => part.edits.moveTo(current(), 1000 * value));
    number("length", "s", { min: 0.1, step: 0.1 }, (value) => part.edits.resize(current(), "end", current().start + 1000 * value));
    if (row.volume !== null)
      number("volume", "%", { min: 0, max: 100 * LOUDEST, step: 5 }, (value) => part.edits.volume(current(), value / 100));
    if (tracks.length > 1) {
      const change = ({ target }) => part.edits.moveTo(current(), current().start, Number(target.value));
      const choice = this.field("track", "select", { change });
      for (const track of tracks) make("option", "", choice, String(track), { value: track });
    }
    const act = () => {
      part.edits.remove(current());
      part.list.focus();
    };
    button(this.root, "trash", part.say("delete"), { act });
  }

  field(key, tag, attributes, unit = "") {
    const label = make("label", `nemo-row nemo-timeline-field nemo-timeline-${key}`, this.box);
    make("span", "nemo-quiet", label, this.part.say(key));
    label.addEventListener("change", ({ target }) => (target.dataset.last = target.value), true); // nobody types any more
    const keydown = (event) => {
      if (event.key === "Enter" && !isComposing(event)) event.target.blur();
    };
    this.inputs[key] = make(tag, "nemo-input", label, null, { ...attributes, keydown });
    if (unit) make("span", "nemo-quiet", label, unit, { "aria-hidden": true });
    return this.inputs[key];
  }
}

// The context menu of a segment: by a right click, or by the keys that open menus.

class Menu {
  /** `part` is the view. */
  constructor(part) {
    this.part = part;
    this.root = null;
    this.volumes = new Map(); // of what was muted here
    part.canvas.addEventListener("contextmenu", (event) => this.called(event, part.hand.hit(part.hand.at(event)).row));
    part.list.list.addEventListener("contextmenu", (event) => this.called(event, part.timeline.byId.get(part.selected)));
  }

  /** The browser asks for a menu: ours opens on a segment, and no other with it. */
  called(event, row) {
    if (!row) return;
    event.preventDefault();
    event.stopPropagation();
    this.part.hand.cancel();
    if (event.target === this.part.canvas) this.open(row, event.clientX, event.clientY);
    else this.openAt(row);
  }

  /** Open it below the beginning of a segment. */
  openAt(row) {
    const { canvas, scale, scroller, timeline, tops } = this.part;
    const place = canvas.getBoundingClientRect();
    const lane = timeline.byTrack.get(row.track);
    this.open(row, place.left + scale.within(row.start), place.top + RULER + tops[lane.at] + TALL[lane.kind] - scroller.scrollTop);
  }

  open(row, x, y) {
    const { part } = this;
    this.close();
    part.select(row.id);
    const root = make("div", "nemo-timeline-menu", part.frame.root, null, {
      role: "menu",
      "aria-label": part.say("menu", { name: row.name }),
      popover: "manual", // above all else, and cut off by nothing
      keydown: (event) => this.key(event),
      contextmenu: (event) => (event.preventDefault(), event.stopPropagation()),
    });
    for (const [sign, key, work] of this.entries(row)) {
      const act = () => {
        if (!work) return;
        this.leave();
        work();
      };
      const attributes = { role: "menuitem", "aria-disabled": !work, tabindex: -1 };
      button(root, sign, part.say(key), { text: true, kind: "nemo-timeline-entry", ...attributes, act });
    }
    this.root = root;
    root.showPopover();
    root.style.left = `${Math.max(4, Math.min(x, innerWidth - root.offsetWidth - 4))}px`;
    root.style.top = `${Math.max(4, Math.min(y, innerHeight - root.offsetHeight - 4))}px`;
    root.firstChild.focus({ preventScroll: true });
    this.closing = new AbortController();
    const away = { capture: true, signal: this.closing.signal };
    document.addEventListener("pointerdown", (event) => root.contains(event.target) || this.close(), away);
    for (const what of ["scroll", "resize", "blur"])
      window.addEventListener(what, (event) => (what === "blur" && event.target !== window) || this.close(), away);
  }

  /** What can be done: a sign, a word, and what does it; null where it cannot be done. */
  entries(row) {
    const { edits, timeline, playhead, together } = this.part;
    const at = onFrame(timeline, playhead.ms);
    const parts = row.split ? splitting(row, at) : [];
    const isMuted = row.volume === 0;
    const mute = () => {
      if (!isMuted) this.volumes.set(row.id, row.volume);
      edits.volume(row, isMuted ? (this.volumes.get(row.id) ?? 1) : 0);
    };
    return [
      ["split", "split", parts.length ? () => edits.make(parts) : null],
      ["copy", "duplicate", () => edits.make(duplicating(timeline, row, together))],
      [isMuted ? "sound" : "mute", isMuted ? "unmute" : "mute", row.volume === null ? null : mute],
      ["trash", "delete", () => edits.remove(row)],
    ];
  }

  key(event) {
    event.stopPropagation();
    const items = [...this.root.children];
    const at = items.indexOf(document.activeElement);
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: items.length - 1 }[event.key];
    if (to !== undefined) items[(to + items.length) % items.length].focus();
    else if (event.key === "Escape" || event.key === "Tab") this.leave();
    else return; // Enter and Space press the button
    event.preventDefault();
  }

  /** Close it, and go on by keyboard where one was. */
  leave() {
    this.part.list.focus();
    this.close();
  }

  close() {
    this.closing?.abort();
    this.root?.remove();
    this.root = null;
  }
}

// What the keyboard does: all that the hand can do.

const LOUDER = 0.05;
const PAGE = 10; // segments

class Keys {
  /** `part` is the view. */
  constructor(part) {
    this.part = part;
    part.frame.root.addEventListener("keydown", (event) => this.any(event));
    part.list.list.addEventListener("keydown", (event) => this.key(event));
  }

  /** Those that hold in the whole part, but where somebody types. */
  any(event) {
    if (event.key === "Escape" && this.part.hand.cancel()) event.preventDefault();
    const isTyping = event.target.matches("input, textarea, select");
    if (event.key === " " && !isTyping && !event.target.matches("button")) {
      event.preventDefault(); // the page stays where it is
      if (!event.repeat) shout(this.part.model, "play", {});
    }
    if (isTyping || isComposing(event) || event.altKey || !(event.ctrlKey || event.metaKey)) return;
    const key = event.key.toLowerCase();
    const what = key === "y" || (key === "z" && event.shiftKey) ? "redo" : key === "z" ? "undo" : null;
    if (!what) return;
    event.preventDefault();
    this.part.edits.step(what);
  }

  key(event) {
    if (event.ctrlKey || event.metaKey || isComposing(event)) return;
    const { part } = this;
    const row = part.timeline.byId.get(part.selected);
    if (row && (event.key === "ContextMenu" || (event.key === "F10" && event.shiftKey))) {
      event.preventDefault();
      return part.menu.openAt(row);
    }
    const work = event.key.startsWith("Arrow") ? () => this.arrow(event, row) : this.workOf(event.key, row);
    if (!work) return;
    event.preventDefault();
    work();
  }

  workOf(key, row) {
    const { part } = this;
    const { edits, timeline } = part;
    const lane = row ? timeline.byTrack.get(row.track) : timeline.lanes.find((each) => each.rows.length);
    const loud = row && row.volume !== null;
    const last = lane.rows.length - 1;
    const page = (by) => () => part.choose(lane.rows[Math.min(last, Math.max(0, lane.rows.indexOf(row) + by))]);
    return {
      Home: () => part.choose(lane.rows[0]),
      End: () => part.choose(lane.rows[last]),
      PageUp: page(-PAGE),
      PageDown: page(PAGE),
      Enter: row && (() => retitle(part, row)),
      F2: row && (() => retitle(part, row)),
      Delete: row && (() => edits.remove(row)),
      Backspace: row && (() => edits.remove(row)),
      "+": loud && (() => edits.volume(row, row.volume + LOUDER)),
      "=": loud && (() => edits.volume(row, row.volume + LOUDER)),
      "-": loud && (() => edits.volume(row, row.volume - LOUDER)),
      Escape: row && (() => part.select("")),
    }[key];
  }

  arrow(event, row) {
    const { part } = this;
    const { edits, timeline } = part;
    const by = event.key === "ArrowLeft" || event.key === "ArrowUp" ? -1 : 1;
    const isAcross = event.key === "ArrowUp" || event.key === "ArrowDown";
    if (!row) return part.choose(timeline.lanes.find((lane) => lane.rows.length)?.rows[0]);
    const lane = timeline.byTrack.get(row.track);
    const at = lane.rows.indexOf(row);
    if (event.shiftKey && !isAcross) {
      const edge = event.altKey ? "start" : "end";
      edits.resize(row, edge, row.start + (edge === "end" ? row.length : 0) + by * STEP_MS);
    } else if (event.altKey && isAcross) {
      const own = timeline.lanes.filter((each) => each.kind === lane.kind);
      const next = own[own.indexOf(lane) + by];
      if (next) edits.moveTo(row, row.start, next.number);
    } else if (event.altKey) {
      const other = lane.rows[at + by];
      if (!part.together || !lane.packed) edits.moveTo(row, row.start + by * STEP_MS);
      else if (other) edits.moveTo(row, by < 0 ? other.start : row.start + other.length);
    } else if (isAcross) {
      const filled = timeline.lanes.filter((each) => each.rows.length);
      const next = filled[filled.indexOf(lane) + by];
      if (next) part.choose(next.rows[Math.min(firstFrom(next, row.start), next.rows.length - 1)]);
    } else part.choose(lane.rows[at + by]);
  }
}

// The timeline on a page: its parts put together, what is shown and what is selected.

const MOST_HIGH = 440;
const PATIENCE = 60; // frames without a place

class TimelinePart {
  constructor(context) {
    this.model = context.model;
    this.frame = begin(context, "timeline");
    this.link = this.frame.link;
    this.say = (key, values) => say(this.model, key, values);
    this.base = laid({ tracks: [], sounds: [], revision: 0, fps: 30, duration_ms: 0 }, []);
    this.timeline = this.base;
    this.shownTimeline = this.base;
    this.edits = new Edits(this);
    this.selected = this.model.get("selected");
    this.together = true;
    this.patience = PATIENCE;
    this.reduced = matchMedia("(prefers-reduced-motion: reduce)");
    this.build();
    this.hand = new Hand(this);
    this.menu = new Menu(this);
    new Keys(this);
    this.lay();
    this.listen();
    this.link.ask("look").then(({ content }) => this.take(content), () => {});
  }

  build() {
    const { body } = this.frame;
    this.frame.root.setAttribute("aria-label", this.say("name"));
    const time = this.bar(body);
    this.empty = make("div", "nemo-box nemo-timeline-empty", body);
    for (const kind of ["text", "video", "audio"]) make("div", "nemo-timeline-hollow", this.empty, this.say(kind));
    make("p", "nemo-quiet", this.empty, this.say("empty"));
    this.stage = make("div", "nemo-box nemo-timeline-stage", body);
    this.list = new Listing(this, this.stage);
    const scroll = () => this.draw();
    this.scroller = make("div", "nemo-timeline-scroller", this.stage, null, { tabindex: -1, scroll });
    this.spacer = make("div", "nemo-timeline-spacer", this.scroller);
    this.canvas = make("canvas", "", this.spacer, null, { "aria-hidden": true });
    this.scale = new Scale(this.scroller, () => this.draw());
    this.painter = new Painter(this.canvas);
    this.playhead = new Playhead(this, time);
    const foot = make("div", "nemo-wrap nemo-timeline-foot", body);
    this.fields = new Fields(this, foot);
    this.said = make("div", "nemo-timeline-said nemo-quiet", foot, null, { role: "status" });
  }

  /** The bar of tools; gives the element that tells the time. */
  bar(parent) {
    const bar = make("div", "nemo-row nemo-timeline-bar", parent);
    const tool = (sign, key, act, parent = bar) => button(parent, sign, this.say(key), { act });
    const zoom = (by) => this.scale.zoom(by, this.scale.within(this.playhead.ms));
    this.steps = ["undo", "redo"].map((what) => tool(what, what, () => this.edits.step(what)));
    const together = button(bar, "link", this.say("together"), {
      text: true,
      kind: "nemo-terse nemo-timeline-together",
      title: this.say("together hint"),
      "aria-pressed": true,
      act: () => {
        this.together = !this.together;
        together.ariaPressed = this.together;
      },
    });
    const time = make("span", "nemo-figures nemo-timeline-time", bar);
    const zooms = make("span", "nemo-row nemo-timeline-zooms", bar);
    this.tools = [
      together,
      tool("zoomout", "zoom out", () => zoom(1 / 1.5), zooms),
      tool("full", "fit", () => this.scale.fit(), zooms),
      tool("zoomin", "zoom in", () => zoom(1.5), zooms),
    ];
    return time;
  }

  listen() {
    const { hear, overhear, signal } = this.frame;
    const on = (target, name, take) => target.addEventListener(name, take, { signal });
    this.link.on("timeline", (content) => this.take(content));
    hear("selected", () => this.select(this.model.get("selected")));
    hear("playhead_s", () => this.playhead.stand(1000 * this.model.get("playhead_s")));
    overhear("playhead", (told) => this.playhead.follow(told));
    overhear("select", ({ segment }) => this.select(segment));
    on(this.reduced, "change", () => this.draw());
    on(matchMedia("(prefers-color-scheme: dark)"), "change", () => this.dress());
    this.watchRatio();
    const theme = new MutationObserver(() => this.dress());
    theme.observe(document.body, { attributes: true, attributeFilter: ["data-jp-theme-light", "data-jp-theme-name", "class"] });
    const place = new ResizeObserver(() => this.lay());
    place.observe(this.stage);
    on(signal, "abort", () => {
      cancelAnimationFrame(this.wanted);
      clearTimeout(this.playhead.noting);
      this.menu.close();
      theme.disconnect();
      place.disconnect();
    });
  }

  /** Draw anew whenever the page is zoomed, or comes to a screen with another pixel ratio. */
  watchRatio() {
    const { signal } = this.frame;
    const change = () => {
      this.draw();
      this.watchRatio();
    };
    matchMedia(`(resolution: ${devicePixelRatio}dppx)`).addEventListener("change", change, { once: true, signal });
  }

  // What is shown

  take(content) {
    if (content.revision < this.base.revision) return;
    this.base = readTimeline(content, this.base.sounds);
    this.refresh();
    if (content.words?.length && !this.edits.isBusy) this.tell(`${this.say("moved")} ${content.words.join(" ")}`);
  }

  /** Show what Python has, with the edits that wait on top. */
  refresh() {
    this.timeline = changed(this.base, this.edits.changes);
    this.scale.end = this.timeline.end;
    if (this.selected && this.timeline.rows.length && !this.timeline.byId.has(this.selected)) this.select("");
    Object.assign(this, beatsOf(this.timeline));
    if (!this.reduced.matches) this.painter.glide(this.shownTimeline, this.timeline);
    this.shownTimeline = this.timeline;
    this.list.show(this.timeline, this.selected);
    this.fields.show(this.timeline, this.timeline.byId.get(this.selected));
    this.lay();
  }

  /** What a drag would make of it. */
  preview(changes, floating, guide) {
    Object.assign(this, { floating, guide });
    if (this.previewed?.timeline === this.timeline && areSame(this.previewed.changes, changes)) return;
    this.previewed = { timeline: this.timeline, changes };
    const next = changed(this.timeline, changes);
    const hasMoved = floating && changes.some((change) => change.segment !== floating.id);
    if (hasMoved && !this.reduced.matches) this.painter.glide(this.shownTimeline, next);
    else this.painter.shown.clear();
    this.shownTimeline = next;
    this.fields.show(next, next.byId.get(this.selected));
  }

  /** The end of a drag; `note` is what is to be said of it. */
  drop(changes, note = "") {
    const { floating } = this;
    Object.assign(this, { floating: null, guide: null, previewed: null });
    this.edits.make(changes, "", note);
    const row = floating && this.timeline.byId.get(floating.id);
    if (row && !this.reduced.matches) this.painter.shown.set(row.id, { start: floating.start, length: row.length });
  }

  lay() {
    const isEmpty = !this.timeline.rows.length;
    this.empty.hidden = !isEmpty;
    this.stage.hidden = this.fields.root.hidden = isEmpty;
    for (const each of this.tools) each.disabled = isEmpty;
    const [back, forth] = this.base.steps ?? [];
    const hasNone = [back === 0 && !this.edits.waiting.length, forth === 0];
    this.steps.forEach((each, at) => (each.disabled = hasNone[at] || (isEmpty && !this.base.revision)));
    const { tops, height } = layLanes(this.timeline);
    this.tops = tops;
    this.stage.style.height = `${Math.min(MOST_HIGH, RULER + height + 14)}px`;
    this.scale.lay(this.hand.drag !== null);
    this.draw();
  }

  dress() {
    this.painter.sheet.dress(this.frame.root);
    this.draw();
  }

  draw() {
    if (!this.frame.signal.aborted) this.wanted ||= requestAnimationFrame(() => this.paint());
  }

  paint() {
    this.wanted = 0;
    if (this.stage.hidden || !this.scale.width) return;
    if (!this.scroller.clientWidth) {
      // For a part of a frame while Lab changes its theme; where it is hidden, it is told when it is seen again.
      if (this.patience--) this.draw();
      return;
    }
    this.patience = PATIENCE;
    if (!this.painter.sheet.colors.surface) this.painter.sheet.dress(this.frame.root); // a theme is known once it is on the page
    this.hand.follow();
    const { scroller, spacer, timeline, scale } = this;
    const { height } = layLanes(timeline);
    const { wide } = scale;
    if (this.spacerWide !== wide || this.spacerTall !== height) {
      [this.spacerWide, this.spacerTall] = [wide, height];
      Object.assign(spacer.style, { width: `${wide}px`, height: `${RULER + height}px` });
    }
    scale.settle();
    this.painter.sheet.size(scroller.clientWidth, scroller.clientHeight);
    const { tops, beats, downs, selected, floating, guide } = this;
    const at = { perMs: scale.perMs, left: scale.left, scrollX: scroller.scrollLeft, scrollY: scroller.scrollTop };
    const scene = { ...at, timeline: this.shownTimeline, tops, beats, downs, selected, floating, guide };
    const isMoving = this.painter.paint({ ...scene, playhead: this.playhead.ms, many: this.say("many") });
    this.playhead.tell();
    if (isMoving) this.draw();
  }

  tell(words) {
    this.said.textContent = this.said.title = words;
  }

  /** Let Python know. */
  note(name, value) {
    if (this.model.get(name) === value) return;
    this.model.set(name, value);
    this.model.save_changes();
  }

  // What is selected

  select(id) {
    if (id === this.selected) return;
    this.selected = id;
    this.note("selected", id);
    if (id) shout(this.model, "select", { segment: id });
    this.list.show(this.timeline, id);
    this.fields.show(this.timeline, this.timeline.byId.get(id));
    this.draw();
  }

  /** Select, and bring it into sight. */
  choose(row) {
    if (!row) return;
    this.select(row.id);
    const isSeen = this.scale.isSeen(row.start) && this.scale.isSeen(row.start + row.length);
    if (!isSeen) this.scale.scrollBehind(row.start);
    const top = this.tops[this.timeline.byTrack.get(row.track).at];
    const inside = this.scroller.clientHeight - RULER - TALL.audio - BETWEEN;
    if (top < this.scroller.scrollTop || top > this.scroller.scrollTop + inside) this.scroller.scrollTop = top - inside / 2;
  }
}

export default {
  render(context) {
    return new TimelinePart(context).frame.end;
  },
};
