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
    const root = make("div", "nemo-timeline-menu", part.frame.root);
    root.setAttribute("role", "menu");
    root.setAttribute("aria-label", part.say("menu", { name: row.name }));
    root.popover = "manual"; // above all else, and cut off by nothing
    for (const [sign, key, work] of this.entries(row)) {
      const item = make("button", "nemo-timeline-entry", root);
      item.append(icon(sign), part.say(key));
      item.setAttribute("role", "menuitem");
      item.setAttribute("aria-disabled", String(!work));
      item.tabIndex = -1;
      item.addEventListener("click", () => {
        if (!work) return;
        this.leave();
        work();
      });
    }
    this.root = root;
    root.showPopover?.();
    root.style.left = `${Math.max(4, Math.min(x, innerWidth - root.offsetWidth - 4))}px`;
    root.style.top = `${Math.max(4, Math.min(y, innerHeight - root.offsetHeight - 4))}px`;
    root.addEventListener("keydown", (event) => this.key(event));
    root.addEventListener("contextmenu", (event) => (event.preventDefault(), event.stopPropagation()));
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
