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
