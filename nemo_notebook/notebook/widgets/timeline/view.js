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
    this.ends = [];
    this.listen();
    this.link.ask("look").then(({ content }) => this.take(content), () => {});
  }

  build() {
    const { body } = this.frame;
    this.frame.root.setAttribute("aria-label", this.say("name"));
    const time = this.bar(body);
    this.empty = make("div", "nemo-timeline-empty", body);
    for (const kind of ["text", "video", "audio"]) make("div", "nemo-timeline-hollow", this.empty, this.say(kind));
    make("p", "nemo-quiet", this.empty, this.say("empty"));
    this.stage = make("div", "nemo-timeline-stage", body);
    this.list = new Listing(this, this.stage);
    this.scroller = make("div", "nemo-timeline-scroller", this.stage);
    this.spacer = make("div", "nemo-timeline-spacer", this.scroller);
    this.canvas = make("canvas", "", this.spacer);
    this.canvas.setAttribute("aria-hidden", "true");
    this.scroller.tabIndex = -1;
    this.scale = new Scale(this.scroller, () => this.draw());
    this.painter = new Painter(this.canvas);
    this.playhead = new Playhead(this, time);
    const foot = make("div", "nemo-timeline-foot", body);
    this.fields = new Fields(this, foot);
    this.said = make("div", "nemo-timeline-said nemo-quiet", foot);
    this.said.setAttribute("role", "status");
  }

  /** The bar of tools; gives the element that tells the time. */
  bar(parent) {
    const bar = make("div", "nemo-timeline-bar", parent);
    const tool = (sign, key, work, parent = bar) => {
      const made = button(parent, sign, this.say(key));
      made.addEventListener("click", work);
      return made;
    };
    const zoom = (by) => this.scale.zoom(by, this.scale.within(this.playhead.ms));
    this.steps = ["undo", "redo"].map((what) => tool(what, what, () => this.edits.step(what)));
    const together = button(bar, "link", this.say("together"), { text: true, kind: "nemo-timeline-together" });
    together.title = this.say("together hint");
    together.setAttribute("aria-pressed", "true");
    together.addEventListener("click", () => {
      this.together = !this.together;
      together.setAttribute("aria-pressed", String(this.together));
    });
    const time = make("span", "nemo-figures nemo-timeline-time", bar);
    const zooms = make("span", "nemo-timeline-zooms", bar);
    this.tools = [
      together,
      tool("zoomout", "zoom out", () => zoom(1 / 1.5), zooms),
      tool("full", "fit", () => this.scale.fit(), zooms),
      tool("zoomin", "zoom in", () => zoom(1.5), zooms),
    ];
    return time;
  }

  listen() {
    const on = (target, name, hear) => {
      target.addEventListener(name, hear);
      this.ends.push(() => target.removeEventListener(name, hear));
    };
    const hears = (name, hear) => {
      this.model.on(name, hear);
      this.ends.push(() => this.model.off(name, hear));
    };
    this.link.on("timeline", (content) => this.take(content));
    hears("change:selected", () => this.select(this.model.get("selected")));
    hears("change:playhead_s", () => this.playhead.stand(1000 * this.model.get("playhead_s")));
    this.ends.push(overhear(this.model, "playhead", (told) => this.playhead.follow(told)));
    this.ends.push(overhear(this.model, "select", ({ segment }) => this.select(segment)));
    on(this.scroller, "scroll", () => this.draw());
    on(this.reduced, "change", () => this.draw());
    on(matchMedia("(prefers-color-scheme: dark)"), "change", () => this.dress());
    this.watchRatio();
    const theme = new MutationObserver(() => this.dress());
    theme.observe(document.body, { attributes: true, attributeFilter: ["data-jp-theme-light", "data-jp-theme-name", "class"] });
    const place = new ResizeObserver(() => this.lay());
    place.observe(this.stage);
    this.ends.push(() => theme.disconnect(), () => place.disconnect());
  }

  /** Draw anew whenever the page is zoomed, or comes to a screen with another pixel ratio. */
  watchRatio() {
    const hear = () => {
      this.draw();
      this.watchRatio();
    };
    if (this.gone) return;
    matchMedia(`(resolution: ${devicePixelRatio}dppx)`).addEventListener("change", hear, { once: true });
  }

  end() {
    cancelAnimationFrame(this.wanted);
    this.menu.close();
    this.playhead.close();
    this.gone = true;
    this.ends.forEach((each) => each());
    this.frame.end();
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
    if (!this.gone) this.wanted ||= requestAnimationFrame(() => this.paint());
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
    const part = new TimelinePart(context);
    return () => part.end();
  },
};
