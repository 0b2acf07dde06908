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
