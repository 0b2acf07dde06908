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
