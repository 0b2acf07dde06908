// What an export is to be: the controls, and what will come of them.

const SIDES = { "480p": 480, "540p": 540, "720p": 720, "1080p": 1080, "1440p": 1440, "2k": 1440, "4k": 2160 };
const PREVIEW_SIDE = 540;
const SLACK_S = 0.05; // a film is a whole number of frames
const SLACK_SHAPE = 0.02; // of an aspect: less is not seen

/** The width and height that an export will have; null where that is not known, or where there are none. */
function shapeOf(film, chosen, kind, preset) {
  if (!["video", "still"].includes(kind) || !film.width) return null;
  let { width, height } = preset ?? film;
  const short = Math.min(width, height);
  let side = SIDES[chosen.resolution] ?? short;
  if (chosen.quality === "preview") side = Math.min(side, PREVIEW_SIDE);
  const even = (value) => 2 * Math.round((value * side) / short / 2);
  return { width: even(width), height: even(height) };
}

/** The seconds that an export will have. */
function lengthOf(film, preset) {
  return preset?.if_longer === "cut" ? Math.min(film.duration_s, preset.longest_s) : film.duration_s;
}

/** How large an export will be, by the newest one of its kind in this session; null if there was none. */
function sizeOf(rows, chosen, shape, length_s) {
  const like = rows.find(
    (row) =>
      row.state === "done" && row.size_bytes && row.duration_s && row.format === chosen.format &&
      row.quality === chosen.quality && Boolean(row.width) === Boolean(shape),
  );
  if (!like) return null;
  const pixels = shape ? (shape.width * shape.height) / (like.width * like.height) : 1;
  const guess = (like.size_bytes * pixels * length_s) / like.duration_s;
  return Number(guess.toPrecision(guess < 1e7 ? 1 : 2));
}

/** A figure whose unit stays on its line. */
function unbroken(figure) {
  return figure.replaceAll(" ", "\u00a0");
}

/** What a platform's shape cuts off a film: `sides` or `ends` (top and bottom); empty where nothing is. */
function cutOff(film, preset) {
  const fit = film.fit || (preset && preset.width <= preset.height ? "crop" : ""); // as the engine has it
  if (!preset || !film.width || fit !== "crop") return "";
  const wider = film.width / film.height / (preset.width / preset.height);
  return wider > 1 + SLACK_SHAPE ? "sides" : wider < 1 - SLACK_SHAPE ? "ends" : "";
}

/** A shape as people say it: `9:16`. */
function aspect({ width, height }) {
  const divisor = (one, other) => (other ? divisor(other, one % other) : one);
  const by = divisor(width, height);
  return `${width / by}:${height / by}`;
}

/** A platform's shape, drawn: as tall and wide as its films are to one another. */
function glyph(width, height) {
  const scale = 16 / Math.max(width, height);
  const style = `width: ${width * scale}px; height: ${height * scale}px`;
  return make("span", "nemo-export-glyph", null, null, { style });
}

/** A labelled field; gives the control. */
function field(parent, label, control) {
  const box = make("label", "nemo-column nemo-export-field", parent);
  make("span", "nemo-quiet", box, label);
  box.append(control);
  return control;
}

/** The controls: what an export is to be. Gives what redraws them. */
function controls(model, link, body) {
  const words = (key, values) => say(model, key, values);
  const { formats, qualities, resolutions, presets } = model.get("choices");
  const byName = Object.fromEntries(presets.map((preset) => [preset.name, preset]));
  const chosen = { preset: "", format: "mp4", quality: "high", resolution: "", name: "", ...model.get("chosen") };

  const named = { role: "radiogroup", "aria-label": words("platform") };
  const platforms = make("div", "nemo-wrap nemo-export-presets", body, null, named);
  const pills = ["", ...presets.map((preset) => preset.name)].map((name) => {
    const preset = byName[name];
    const title = preset ? words(`note ${name}`) || `${preset.width} × ${preset.height}` : words("as it is, more");
    const attributes = { role: "radio", title, "data-name": name, click: () => choosePreset(pill) };
    const pill = make("button", "nemo-button nemo-export-preset", platforms, null, attributes);
    make("span", "nemo-export-shape", pill);
    make("span", "", pill, preset ? words(`preset ${name}`) : words("as it is"));
    return pill;
  });

  const fields = make("div", "nemo-wrap nemo-export-fields", body);
  const choice = (key, options) => {
    const control = make("select", "nemo-input", null, null, { change: () => choose({ [key]: control.value }) });
    for (const [value, text] of options) make("option", "", control, text, { value });
    return field(fields, words(key), control);
  };
  const format = choice("format", Object.keys(formats).map((name) => [name, name.toUpperCase()]));
  const quality = choice("quality", qualities.toReversed().map((name) => [name, words(`quality ${name}`)]));
  const sizes = resolutions.filter((name) => name !== "2k").map((name) => [name, name]); // it is 1440p by another name
  const resolution = choice("resolution", [["", ""], ...sizes]);
  const name = make("input", "nemo-input", null, null, { maxlength: 200, spellcheck: false, autocomplete: "off" });
  field(fields, words("file name"), name).parentElement.classList.add("nemo-export-name");

  const foot = make("div", "nemo-wrap nemo-export-foot", body);
  const go = button(foot, "film", words("export"), { text: true, kind: "nemo-primary", act: () => begin() });
  const outlook = `nemo-outlook-${model.get("part_id")}`;
  const told = make("div", "nemo-export-told", foot, null, { id: outlook });
  const line = make("div", "nemo-figures", told);
  const notes = make("div", "nemo-export-notes", told);
  go.setAttribute("aria-describedby", outlook);

  /** What is asked for; a name whose ending says another format goes without it. */
  const wanted = () => {
    const request = { ...chosen };
    const ending = /\.([a-z0-9]+)$/i.exec(request.name)?.[1].toLowerCase();
    if (ending in formats && ending !== request.format) request.name = request.name.slice(0, -ending.length - 1);
    return request;
  };
  let free = ""; // the name that the file will get
  let asked = "";
  /** Learn that name anew where it may be another: a file of that name is not replaced. */
  const learnName = () => {
    const request = wanted();
    const now = JSON.stringify([request, model.get("film"), model.get("rows").map((row) => [row.name, row.state, row.is_gone])]);
    if (now === asked) return;
    asked = now;
    const take = ({ content }) => {
      if (asked !== now || free === content.name) return;
      free = content.name;
      draw();
    };
    link.ask("name", request, [], { patience_ms: 0, urgent: true }).then(take, () => {});
  };

  const facts = (film, preset) => {
    const kind = formats[chosen.format];
    const shape = shapeOf(film, chosen, kind, preset);
    const length_s = lengthOf(film, preset);
    const size = kind === "still" ? null : sizeOf(model.get("rows"), chosen, shape, length_s);
    const what = [shape && `${shape.width} × ${shape.height}`, chosen.format.toUpperCase()].filter(Boolean).join(" ");
    const more = kind === "video" ? "" : words(kind);
    const about = size && unbroken(words("about", { size: bytes(size) }));
    return [what, more, kind !== "still" && clock(Math.round(length_s)), about, chosen.name.trim() && free];
  };
  /** What is to be said of the film's length on a platform, and whether it is refused there. */
  const lengthNotes = (film, preset) => {
    if (!preset) return { texts: [] };
    const values = { title: words(`preset ${preset.name}`), length: clock(Math.round(film.duration_s)) };
    const note = words(`note ${preset.name}`);
    if (film.duration_s < preset.shortest_s - SLACK_S) {
      return { texts: [words("too short", { ...values, least: clock(preset.shortest_s) })], isRefused: true };
    }
    if (!preset.longest_s || film.duration_s <= preset.longest_s + SLACK_S) return { texts: preset.loops ? [note] : [] };
    const most = clock(preset.longest_s);
    if (preset.if_longer === "refused") return { texts: [words("too long", { ...values, most })], isRefused: true };
    return { texts: [preset.if_longer === "cut" ? words("cut", { ...values, most }) : "", note] };
  };

  const draw = () => {
    const film = model.get("film");
    const preset = byName[chosen.preset];
    for (const pill of pills) {
      const isOn = pill.dataset.name === chosen.preset;
      const { width, height } = byName[pill.dataset.name] ?? (film.width ? film : { width: 16, height: 9 });
      pill.firstChild.replaceChildren(glyph(width, height));
      pill.setAttribute("aria-checked", String(isOn));
      pill.tabIndex = isOn ? 0 : -1;
    }
    format.value = chosen.format;
    quality.value = chosen.quality;
    resolution.options[0].text = words("own size");
    resolution.value = chosen.resolution;
    const kind = formats[chosen.format];
    resolution.disabled = !["video", "still", "animation"].includes(kind);
    quality.disabled = kind === "score";
    if (name.value !== chosen.name) name.value = chosen.name;
    learnName();
    name.placeholder = (!chosen.name && free) || words("name by title");
    go.disabled = !film.is_ready;
    notes.replaceChildren();
    if (!film.is_ready) {
      line.textContent = words(film.is_ready === undefined ? "not known" : "no film");
      line.classList.add("nemo-quiet");
      return;
    }
    line.classList.remove("nemo-quiet");
    line.textContent = facts(film, preset).filter(Boolean).join(" · ");
    const { texts, isRefused } = lengthNotes(film, preset);
    go.disabled = Boolean(isRefused);
    const isPicture = ["video", "still", "animation"].includes(kind);
    const cut = isPicture && !isRefused && !model.get("is_cloud") && cutOff(film, preset);
    if (cut) texts.unshift(words(`cut ${cut}`, { shape: aspect(preset) }));
    for (const text of texts.filter(Boolean)) {
      const note = make("div", isRefused ? "nemo-row nemo-export-warning" : "nemo-quiet", notes);
      if (isRefused) note.append(icon("alert"));
      make("span", "", note, text);
    }
    if (model.get("is_cloud")) make("div", "nemo-quiet", notes, words("plan"));
  };
  const choose = (values) => {
    Object.assign(chosen, values);
    model.set("chosen", { ...chosen });
    model.save_changes();
    draw();
  };
  const choosePreset = (pill) => {
    const preset = byName[pill.dataset.name];
    const own = { format: "mp4", quality: "high", resolution: "" };
    const theirs = preset ? { format: preset.format ?? own.format, quality: preset.quality ?? own.quality } : {};
    choose({ preset: pill.dataset.name, ...(preset ? { ...own, ...theirs } : {}) });
    pill.focus();
  };

  platforms.addEventListener("keydown", (event) => {
    const steps = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 };
    const at = pills.indexOf(event.target);
    const to = { Home: 0, End: pills.length - 1 }[event.key] ?? (steps[event.key] && at + steps[event.key]);
    if (at < 0 || to === undefined) return;
    event.preventDefault();
    choosePreset(pills[(to + pills.length) % pills.length]);
  });
  name.addEventListener("input", () => {
    const ending = /\.([a-z0-9]+)$/i.exec(name.value)?.[1].toLowerCase();
    const known = { jpeg: "jpg", midi: "mid" }[ending] ?? ending;
    choose({ name: name.value, ...(known in formats ? { format: known } : {}) });
  });

  const begin = () => {
    if (go.disabled) return;
    link.ask("export", wanted(), [], { urgent: true }).catch(() => {}); // what went wrong is told below the part
  };
  name.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && !isComposing(event)) begin();
  });
  draw();
  return draw;
}

// How an export comes to the user's disk through the kernel, where no server gives it to the page.

const MOST_IN_MEMORY = 500e6;

/** Where a large file is to be written; undefined if the user changed their mind. */
async function place(model, row) {
  if (!window.showSaveFilePicker) {
    throw new Error(say(model, "too large", { size: bytes(row.size_bytes), place: row.near || row.name }));
  }
  try {
    return await (await window.showSaveFilePicker({ suggestedName: row.name })).createWritable();
  } catch (error) {
    if (error.name !== "AbortError") throw error;
    return undefined;
  }
}

/** Fetch an export through the kernel: into memory, or, if it is large, to where the user wants it. */
async function fetchFile({ model, link }, row, { begun, told }) {
  const target = row.size_bytes > MOST_IN_MEMORY ? await place(model, row) : null;
  if (target === undefined) return;
  const { content: offer } = await link.ask("offer", { key: row.key });
  begun();
  const pieces = [];
  let done = 0;
  for await (const piece of slices(link, offer.file, 0, offer.size_bytes, READ_BYTES)) {
    await (target ? target.write(piece) : pieces.push(piece));
    done += piece.byteLength;
    if (told(done / offer.size_bytes) === false) return void (await target?.abort());
  }
  if (target) await target.close();
  else saveAs(new Blob(pieces), offer.name);
}

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
    this.el = make("li", "nemo-wrap nemo-export-row");
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
    this.redraw();
    if (row.state === "done" && !row.is_gone && this.address === undefined && row.near) this.findAddress();
  }

  redraw() {
    const { row } = this;
    const { activeElement } = document;
    const hadFocus = this.el.contains(activeElement) ? activeElement.dataset.act ?? "" : null;
    this.el.dataset.state = row.is_gone ? "gone" : row.state;
    this.el.replaceChildren();
    this.thumb = make("div", "nemo-picture nemo-export-thumb", this.el);
    this.picture();
    const main = make("div", "nemo-export-main", this.el);
    const head = make("div", "nemo-row nemo-export-title", main);
    make("span", "nemo-export-file", head, this.name).title = row.near || row.name;
    const preset = this.view.model.get("choices").presets.find((each) => each.name === row.preset);
    if (preset) make("span", "nemo-export-tag", head, this.say(`preset ${preset.name}`));
    this.status = make("div", "nemo-export-status nemo-figures nemo-quiet", main);
    this.bar = null;
    if (row.state === "open" && !row.is_stopping) {
      const named = { max: 1, "aria-label": this.say("progress of", { name: this.name }) };
      this.bar = make("progress", "nemo-progress", main, null, named);
    }
    this.note = make("div", "nemo-export-note", main);
    this.acts = make("div", "nemo-wrap nemo-export-acts", this.el);
    this.buttons();
    this.progress(row);
    if (hadFocus !== null) (this.acts.querySelector(`[data-act="${hadFocus}"]`) ?? this.acts.querySelector("a, button"))?.focus();
  }

  async findAddress() {
    this.address = null;
    const found = await fileAddress(this.view.model, this.row.near, this.row.size_bytes);
    if (!found || !this.el.isConnected) return;
    this.address = found;
    this.redraw();
  }

  async picture() {
    const { row } = this;
    const sign = { sound: "music", score: "music", picture: "picture" }[row.kind] ?? "film";
    this.thumb.replaceChildren(icon(sign));
    if (row.state !== "done" || row.is_gone) return;
    if (row.has_poster) {
      if (!this.poster) {
        const { buffers } = await this.view.link.ask("poster", { key: row.key }).catch(() => ({ buffers: [] }));
        if (!buffers[0]?.byteLength || this.view.signal.aborted) return;
        this.poster = this.view.own(URL.createObjectURL(new Blob([buffers[0]], { type: "image/jpeg" })));
      }
      this.thumb.replaceChildren(make("img", "", null, null, { alt: "", src: this.poster }));
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
    const { name } = this.row;
    const named = { "aria-label": this.say("download, which", { name }), "data-act": "download" };
    const link = make("a", "nemo-button", null, null, { href: this.address, download: name, ...named });
    link.append(icon("download"));
    make("span", "", link, this.say("download"));
    return link;
  }

  act(sign, key, which, act) {
    const named = { "aria-label": this.say(which, { name: this.name }), "data-act": key };
    button(this.acts, sign, this.say(key), { text: true, ...named, act });
  }

  /** A sign alone at the end, which asks for something once. */
  end(which, what) {
    const act = () => {
      made.disabled = true;
      this.view.link.ask(what, { key: this.row.key }, [], { urgent: true }).catch(() => (made.disabled = false));
    };
    const made = button(this.acts, "close", this.say(which, { name: this.name }), { "data-act": "end", act });
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
    if (this.bar) this.bar.value = done;
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
          return mine.isWanted && !view.signal.aborted;
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
  const ul = make("ul", "", box, null, { "aria-label": say(model, "exports") });
  const turn = () => {
    isOpen = !isOpen;
    draw();
  };
  const fold = make("button", "nemo-button nemo-export-fold", box, null, { click: turn });
  const heard = make("div", "nemo-unseen", body, null, { "aria-live": "polite" });
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
  view.link.on("progress", (told) => {
    const line = lines.get(told.key);
    if (!line) return;
    if (line.row.state === "open") Object.assign(line.row, { done: told.done, left_s: told.left_s, stage: told.stage });
    line.progress(line.row);
  });
  draw();
  return draw;
}

/** The balance: a badge that tells more when it is pressed. Gives what redraws it. */
function badge(model, link, head, more) {
  const made = make("button", "nemo-button nemo-export-credits nemo-figures", head);
  more.hidden = true;
  more.id = `nemo-credits-${model.get("part_id")}`;
  made.setAttribute("aria-controls", more.id);
  const draw = () => {
    const { is_free, is_low, available, why, ...rest } = model.get("balance");
    const known = available !== undefined;
    const key = is_free ? "free" : known ? (is_low ? "low" : "some") : why ? "not known" : "reading";
    made.textContent = say(model, `credits ${key}`, { count: available });
    made.dataset.state = key;
    const balance = known ? say(model, "balance", { available, ...rest }) : "";
    const lines = is_free ? [say(model, "credits free, more")] : [balance, is_low ? say(model, "top up") : "", why ?? ""];
    made.title = lines[0];
    made.setAttribute("aria-expanded", String(!more.hidden));
    more.replaceChildren();
    for (const text of lines.filter(Boolean)) make("div", "", more, text);
  };
  made.addEventListener("click", () => {
    more.hidden = !more.hidden;
    draw();
    if (!more.hidden) link.ask("balance").catch(() => {});
  });
  draw();
  return draw;
}

/** The button to the service's own page. Its address opens the project for whoever has it: it is never kept. */
function opener(model, link, head) {
  const made = button(head, "open", say(model, "open page"), { text: true });
  let address = "";
  made.addEventListener("click", async () => {
    try {
      if (!address) {
        made.disabled = true;
        address = (await link.ask("link")).content.address;
      }
      made.disabled = false;
      if (!openPage(address)) {
        made.lastChild.textContent = say(model, "open now"); // it was blocked; a new click is not
        made.focus();
        return;
      }
    } catch {
      // what went wrong is told below the part
    }
    address = "";
    made.disabled = false;
    made.lastChild.textContent = say(model, "open page");
  });
}

export default {
  render({ model, el }) {
    const { root, body, link, signal, hear, end } = begin({ model, el }, "export");
    root.setAttribute("aria-label", say(model, "export"));
    const addresses = [];
    const view = { model, link, signal, own: (address) => addresses.push(address) && address };
    const head = make("div", "nemo-wrap nemo-export-head", body);
    make("div", "nemo-export-heading", head, say(model, "export"), { role: "heading", "aria-level": 3 });
    if (model.get("is_cloud")) opener(model, link, head);
    const more = make("div", "nemo-export-balance nemo-quiet");
    const drawBadge = badge(model, link, head, more);
    body.append(more);
    const drawControls = controls(model, link, body);
    const drawList = list(view, body);
    const drawRows = () => {
      drawList();
      drawControls(); // a film that was saved tells how large the next one will be
    };
    hear("film", drawControls);
    hear("rows", drawRows);
    hear("balance", drawBadge);
    link.ask("look", {}, [], { patience_ms: 0 }).catch(() => {});
    signal.addEventListener("abort", () => addresses.forEach((address) => URL.revokeObjectURL(address)));
    return end;
  },
};
