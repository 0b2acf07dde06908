// What stands beside the lanes: the list for screen readers, and the fields of what is selected.

const WINDOW = 12; // options on each side of the selected one

/** The timeline for those who do not see it: a list with the segment that is selected, of which a window is on the page. */
class Listing {
  constructor(part, parent) {
    this.part = part;
    this.id = `nemo-${crypto.randomUUID?.() ?? Math.random().toString(36).slice(2)}`;
    this.list = make("div", "nemo-unseen nemo-timeline-list", parent);
    this.list.setAttribute("role", "listbox");
    this.list.setAttribute("aria-label", part.say("segments"));
    this.list.tabIndex = 0;
    const help = make("div", "nemo-unseen", parent, part.say("help"));
    help.id = `${this.id}-help`;
    this.list.setAttribute("aria-describedby", help.id);
    this.list.addEventListener("click", ({ target }) => target.dataset.segment && part.select(target.dataset.segment));
  }

  /** In the order of the lanes. */
  show(timeline, selected) {
    const rows = timeline.lanes.flatMap((lane) => lane.rows);
    const chosen = rows.findIndex((row) => row.id === selected);
    const first = Math.max(0, chosen - WINDOW);
    this.list.replaceChildren();
    this.list.removeAttribute("aria-activedescendant");
    rows.slice(first, first + 2 * WINDOW + 1).forEach((row, place) => {
      const option = make("div", "", this.list, this.words(timeline, row));
      option.id = `${this.id}-${first + place}`;
      option.dataset.segment = row.id;
      option.setAttribute("role", "option");
      option.setAttribute("aria-setsize", rows.length);
      option.setAttribute("aria-posinset", first + place + 1);
      option.setAttribute("aria-selected", row.id === selected);
      if (row.id === selected) this.list.setAttribute("aria-activedescendant", option.id);
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
    this.root = make("div", "nemo-timeline-fields", parent);
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
    if (document.activeElement !== field || field.value === field.dataset.last) field.value = value;
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
    this.box = make("div", "nemo-timeline-inputs", this.root);
    const title = make("span", "nemo-timeline-chosen", this.box);
    title.append(icon({ video: "film", audio: "music", text: "text" }[lane.kind] ?? "picture"));
    this.name = make("span", "", title);
    const current = () => part.timeline.byId.get(row.id);
    if (lane.kind === "text") {
      const words = this.field("words", "input", { type: "text" });
      words.addEventListener("change", () => part.edits.rename(current(), words.value));
      title.hidden = true;
    }
    const number = (key, unit, limits, change) => {
      const input = this.field(key, "input", { type: "number", ...limits }, unit);
      input.addEventListener("change", () => Number.isFinite(input.valueAsNumber) && current() && change(input.valueAsNumber));
    };
    number("start", "s", { min: 0, step: 0.1 }, (value) => part.edits.moveTo(current(), 1000 * value));
    number("length", "s", { min: 0.1, step: 0.1 }, (value) => part.edits.resize(current(), "end", current().start + 1000 * value));
    if (row.volume !== null)
      number("volume", "%", { min: 0, max: 100 * LOUDEST, step: 5 }, (value) => part.edits.volume(current(), value / 100));
    if (tracks.length > 1) {
      const choice = this.field("track", "select", {});
      for (const track of tracks) make("option", "", choice, String(track)).value = track;
      choice.addEventListener("change", () => part.edits.moveTo(current(), current().start, Number(choice.value)));
    }
    const gone = button(this.root, "trash", part.say("delete"));
    gone.addEventListener("click", () => {
      part.edits.remove(current());
      part.list.focus();
    });
  }

  field(key, tag, attributes, unit = "") {
    const label = make("label", `nemo-timeline-field nemo-timeline-${key}`, this.box);
    make("span", "nemo-quiet", label, this.part.say(key));
    const input = make(tag, "nemo-input", label);
    Object.assign(input, attributes);
    if (unit) make("span", "nemo-quiet", label, unit).setAttribute("aria-hidden", "true");
    input.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && !isComposing(event)) input.blur();
    });
    this.inputs[key] = input;
    return input;
  }
}
