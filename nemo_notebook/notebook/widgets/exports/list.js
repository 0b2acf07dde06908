// The exports of the session: how far each is, and what came of it.

const SHOWN = 5; // exports that are over; the rest is folded
const TELLING = 0.05; // of the work, before which the time that is left is a guess
const LIVE = new Set(["waiting", "beginning", "open", "left"]);
const WAITING = new Set(["waiting", "beginning"]);

/** When something was, as briefly as can be: the time of today, else the date. */
function moment(at_s) {
  const then = new Date(at_s * 1000);
  const isToday = then.toDateString() === new Date().toDateString();
  const form = isToday ? { hour: "2-digit", minute: "2-digit" } : { day: "numeric", month: "short" };
  return then.toLocaleString(undefined, form);
}

/** What an export is called; one that waits may have no name yet. */
function nameOf(model, row) {
  return row.name || say(model, "no name", { format: row.format.toUpperCase() });
}

/** One export in the list. */
class Line {
  constructor(view, row) {
    this.view = view;
    this.el = make("li", "nemo-export-row");
    this.address = undefined; // on the Jupyter server: not asked for yet
    this.fetched = null; // how much of it has been downloaded by messages
    this.draw(row);
  }

  say(key, values) {
    return say(this.view.model, key, values);
  }

  get name() {
    return nameOf(this.view.model, this.row);
  }

  draw(row) {
    const before = this.row;
    this.row = row;
    if (before && JSON.stringify({ ...before, done: 0, left_s: 0, stage: "" }) === JSON.stringify({ ...row, done: 0, left_s: 0, stage: "" })) {
      return this.progress(row);
    }
    const { activeElement } = this.el.ownerDocument;
    const hadFocus = this.el.contains(activeElement) ? activeElement.dataset.act ?? "" : null;
    this.el.dataset.state = row.is_gone ? "gone" : row.state;
    this.el.replaceChildren();
    this.thumb = make("div", "nemo-export-thumb", this.el);
    this.picture();
    const main = make("div", "nemo-export-main", this.el);
    const head = make("div", "nemo-export-title", main);
    make("span", "nemo-export-file", head, this.name).title = row.near || row.name;
    const preset = this.view.model.get("choices").presets.find((each) => each.name === row.preset);
    if (preset) make("span", "nemo-export-tag", head, this.say(`preset ${preset.name}`));
    this.status = make("div", "nemo-export-status nemo-figures nemo-quiet", main);
    this.bar = null;
    if (row.state === "open" && !row.is_stopping) {
      const bar = make("div", "nemo-progress", main);
      bar.setAttribute("role", "progressbar");
      bar.setAttribute("aria-label", this.say("progress of", { name: this.name }));
      this.bar = make("div", "", bar);
    }
    this.note = make("div", "nemo-export-note", main);
    this.acts = make("div", "nemo-export-acts", this.el);
    this.buttons();
    this.progress(row);
    if (hadFocus !== null) (this.acts.querySelector(`[data-act="${hadFocus}"]`) ?? this.acts.querySelector("a, button"))?.focus();
    if (row.state === "done" && !row.is_gone && this.address === undefined && row.near) this.findAddress();
  }

  async findAddress() {
    this.address = null;
    const found = await fileAddress(this.view.model, this.row.near, this.row.size_bytes);
    if (!found || !this.el.isConnected) return;
    this.address = found;
    this.picture();
    const old = this.acts.querySelector("[data-act=download]");
    const hadFocus = old === old?.ownerDocument.activeElement;
    const link = this.link();
    old?.replaceWith(link);
    if (hadFocus) link.focus();
  }

  async picture() {
    const { row } = this;
    const sign = { sound: "music", score: "music", picture: "picture" }[row.kind] ?? "film";
    this.thumb.replaceChildren(icon(sign));
    if (row.state !== "done" || row.is_gone) return;
    if (row.has_poster) {
      if (!this.poster) {
        const { buffers } = await this.view.link.ask("poster", { key: row.key }).catch(() => ({ buffers: [] }));
        if (!buffers[0]?.byteLength || this.view.isOver) return;
        this.poster = this.view.own(URL.createObjectURL(new Blob([buffers[0]], { type: "image/jpeg" })));
      }
      const image = make("img", "");
      image.alt = "";
      image.src = this.poster;
      this.thumb.replaceChildren(image);
    } else if (this.address && ["video", "picture"].includes(row.kind)) {
      const seen = make(row.kind === "video" ? "video" : "img", "");
      if (row.kind === "video") {
        Object.assign(seen, { muted: true, preload: "metadata", tabIndex: -1 });
        seen.setAttribute("aria-hidden", "true");
      } else seen.alt = "";
      seen.src = row.kind === "video" ? `${this.address}#t=${(row.duration_s * 0.4).toFixed(1)}` : this.address;
      this.thumb.replaceChildren(seen);
    }
  }

  link() {
    const link = make("a", "nemo-button");
    link.append(icon("download"));
    make("span", "", link, this.say("download"));
    link.setAttribute("aria-label", this.say("download, which", { name: this.row.name }));
    link.href = this.address;
    link.download = this.row.name;
    link.dataset.act = "download";
    return link;
  }

  act(sign, key, which, doing, more = {}) {
    const made = button(this.acts, sign, this.say(key), { text: true, ...more });
    made.setAttribute("aria-label", this.say(which, { name: this.name }));
    made.dataset.act = key;
    made.addEventListener("click", doing);
    return made;
  }

  /** A sign alone at the end, which asks for something once. */
  end(which, what) {
    const made = button(this.acts, "close", this.say(which, { name: this.name }));
    made.dataset.act = "end";
    made.addEventListener("click", () => {
      made.disabled = true;
      this.view.link.ask(what, { key: this.row.key }, [], { urgent: true }).catch(() => (made.disabled = false));
    });
    return made;
  }

  buttons() {
    const { row } = this;
    const ask = (what, options) => () => this.view.link.ask(what, { key: row.key }, [], options).catch(() => {});
    if (row.state === "left") this.act("retry", "save again", "save again, which", ask("retry", { urgent: true }));
    if (["failed", "cancelled"].includes(row.state) || row.is_gone) {
      this.act("retry", "try again", "try again, which", ask("retry", { urgent: true }));
    }
    if (row.state === "done" && !row.is_gone) {
      if (this.address) this.acts.append(this.link());
      else this.act("download", "download", "download, which", () => this.download());
      if (["video", "sound", "picture"].includes(row.kind)) {
        this.act("play", "show", "show, which", () => shout(this.view.model, "show", { job: row.job }));
      }
    }
    if (LIVE.has(row.state)) this.end(row.state === "waiting" ? "remove" : "cancel", "cancel").disabled = row.is_stopping;
    else this.end("forget", "remove");
  }

  /** The state in words, and how far it is. */
  progress({ done, left_s, stage }) {
    const { row } = this;
    const percent = Math.floor(100 * done);
    const words = [];
    if (row.is_stopping) words.push(this.say("stopping"));
    else if (WAITING.has(row.state)) words.push(this.say(row.state));
    else if (row.state === "open") {
      words.push(this.say(stage === "download" ? "saving" : "rendering"), `${percent} %`);
      if (left_s !== null && left_s >= 1 && done >= TELLING) words.push(this.say("left", { time: clock(left_s) }));
    } else if (row.state === "left") words.push(this.say("not saved"));
    else if (row.is_gone) words.push(this.say("gone"), moment(row.at_s));
    else if (row.state === "done") {
      words.push(unbroken(bytes(row.size_bytes)));
      if (row.duration_s && row.kind !== "picture") words.push(clock(Math.round(row.duration_s)));
      if (row.width) words.push(`${row.width} × ${row.height}`);
      words.push(moment(row.at_s));
    } else words.push(this.say(row.state));
    this.status.textContent = words.join(" · ");
    this.note.textContent = ["failed", "left"].includes(row.state) ? row.why : row.state === "done" ? row.notes : "";
    if (!this.bar) return;
    this.bar.style.width = `${100 * done}%`;
    this.bar.parentElement.setAttribute("aria-valuenow", String(percent));
  }

  /** Fetch the file through the kernel, where no server gives it to this page. */
  async download() {
    const { row, view } = this;
    if (this.fetched) {
      this.fetched.isWanted = false;
      return;
    }
    const mine = { isWanted: true };
    this.fetched = mine;
    const control = this.acts.querySelector("[data-act=download]");
    const label = control.querySelector("span");
    try {
      await fetchFile(view, row, {
        begun: () => control.setAttribute("aria-label", this.say("stop fetching", { name: row.name })),
        told: (share) => {
          label.textContent = this.say("fetching", { done: Math.floor(100 * share) });
          return mine.isWanted && !view.isOver;
        },
      });
    } catch (error) {
      this.note.textContent = error.message;
    } finally {
      this.fetched = null;
      label.textContent = this.say("download");
      control.setAttribute("aria-label", this.say("download, which", { name: row.name }));
    }
  }
}

/** The list of exports. Gives what redraws it. */
function list(view, body) {
  const { model } = view;
  const box = make("div", "nemo-export-list", body);
  const ul = make("ul", "", box);
  ul.setAttribute("aria-label", say(model, "exports"));
  const fold = make("button", "nemo-button nemo-export-fold", box);
  const heard = make("div", "nemo-unseen", body);
  heard.setAttribute("aria-live", "polite");
  const lines = new Map();
  let isOpen = false;

  const announce = (row) => {
    const before = lines.get(row.key)?.row.state;
    const key = { done: "told saved", failed: "told failed", open: "told begun", waiting: "told queued" }[row.state];
    if (before === row.state || !key || (before === undefined && !LIVE.has(row.state))) return;
    heard.textContent = say(model, key, { name: nameOf(model, row) });
  };
  const draw = () => {
    const rows = model.get("rows");
    const over = rows.filter((row) => !LIVE.has(row.state)).length;
    const shown = isOpen ? rows : rows.slice(0, rows.length - over + SHOWN);
    if (view.hasBegun) rows.forEach(announce);
    view.hasBegun = true;
    const keys = new Set(shown.map((row) => row.key));
    for (const [key, line] of lines) {
      if (keys.has(key)) continue;
      line.el.remove();
      lines.delete(key);
    }
    shown.forEach((row, at) => {
      const line = lines.get(row.key);
      if (line) line.draw(row);
      else lines.set(row.key, new Line(view, row));
      const { el } = lines.get(row.key);
      if (ul.children[at] !== el) ul.insertBefore(el, ul.children[at] ?? null);
    });
    box.hidden = !rows.length;
    fold.hidden = over <= SHOWN;
    fold.textContent = isOpen ? say(model, "fewer") : say(model, "more", { count: over - SHOWN });
    fold.setAttribute("aria-expanded", String(isOpen));
  };
  fold.addEventListener("click", () => {
    isOpen = !isOpen;
    draw();
  });
  view.link.on("progress", (told) => {
    const line = lines.get(told.key);
    if (!line) return;
    if (line.row.state === "open") Object.assign(line.row, { done: told.done, left_s: told.left_s, stage: told.stage });
    line.progress(line.row);
  });
  draw();
  return draw;
}
