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
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("viewBox", "0 0 20 20");
  svg.setAttribute("class", "nemo-icon nemo-export-glyph");
  svg.setAttribute("aria-hidden", "true");
  const scale = 16 / Math.max(width, height);
  const [across, down] = [width * scale, height * scale];
  const box = document.createElementNS("http://www.w3.org/2000/svg", "rect");
  for (const [name, value] of Object.entries({ x: 10 - across / 2, y: 10 - down / 2, width: across, height: down, rx: 1.5 })) {
    box.setAttribute(name, value);
  }
  svg.append(box);
  return svg;
}

/** A labelled field; gives the control. */
function field(parent, label, control) {
  const box = make("label", "nemo-export-field", parent);
  make("span", "nemo-quiet", box, label);
  box.append(control);
  return control;
}

function select(parent, label, options) {
  const control = make("select", "nemo-input");
  for (const [value, text] of options) make("option", "", control, text).value = value;
  return field(parent, label, control);
}

/** The controls: what an export is to be. Gives what redraws them. */
function controls(model, link, body) {
  const words = (key, values) => say(model, key, values);
  const { formats, qualities, resolutions, presets } = model.get("choices");
  const byName = Object.fromEntries(presets.map((preset) => [preset.name, preset]));
  const chosen = { preset: "", format: "mp4", quality: "high", resolution: "", name: "", ...model.get("chosen") };

  const platforms = make("div", "nemo-export-presets", body);
  platforms.setAttribute("role", "radiogroup");
  platforms.setAttribute("aria-label", words("platform"));
  const pills = ["", ...presets.map((preset) => preset.name)].map((name) => {
    const preset = byName[name];
    const pill = make("button", "nemo-export-preset", platforms);
    pill.setAttribute("role", "radio");
    pill.title = preset ? words(`note ${name}`) || `${preset.width} × ${preset.height}` : words("as it is, more");
    pill.dataset.name = name;
    make("span", "nemo-export-shape", pill);
    make("span", "", pill, preset ? words(`preset ${name}`) : words("as it is"));
    return pill;
  });

  const fields = make("div", "nemo-export-fields", body);
  const kinds = Object.keys(formats).map((name) => [name, name.toUpperCase()]);
  const format = select(fields, words("format"), kinds);
  const quality = select(fields, words("quality"), qualities.toReversed().map((name) => [name, words(`quality ${name}`)]));
  const sizes = resolutions.filter((name) => name !== "2k").map((name) => [name, name]); // it is 1440p by another name
  const resolution = select(fields, words("resolution"), [["", ""], ...sizes]);
  const name = make("input", "nemo-input");
  name.maxLength = 200;
  name.spellcheck = false;
  name.autocomplete = "off";
  field(fields, words("file name"), name).parentElement.classList.add("nemo-export-name");

  const foot = make("div", "nemo-export-foot", body);
  const told = make("div", "nemo-export-told", foot);
  const line = make("div", "nemo-figures", told);
  const notes = make("div", "nemo-export-notes", told);
  const go = button(foot, "film", words("export"), { text: true, kind: "nemo-primary" });
  const outlook = `nemo-outlook-${model.get("part_id")}`;
  told.id = outlook;
  go.setAttribute("aria-describedby", outlook);

  /** What is asked for; a name whose ending says another format goes without it. */
  const wanted = () => {
    const wish = { ...chosen };
    const ending = /\.([a-z0-9]+)$/i.exec(wish.name)?.[1].toLowerCase();
    if (ending in formats && ending !== wish.format) wish.name = wish.name.slice(0, -ending.length - 1);
    return wish;
  };
  let free = ""; // the name that the file will get
  let asked = "";
  /** Learn that name anew where it may be another: a file of that name is not replaced. */
  const learnName = () => {
    const wish = wanted();
    const now = JSON.stringify([wish, model.get("film"), model.get("rows").map((row) => [row.name, row.state, row.is_gone])]);
    if (now === asked) return;
    asked = now;
    const take = ({ content }) => {
      if (asked !== now || free === content.name) return;
      free = content.name;
      draw();
    };
    link.ask("name", wish, [], { patience_ms: 0, urgent: true }).then(take, () => {});
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
      const note = make("div", isRefused ? "nemo-export-warning" : "nemo-quiet", notes);
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

  platforms.addEventListener("click", (event) => {
    const pill = event.target.closest("button");
    if (pill) choosePreset(pill);
  });
  platforms.addEventListener("keydown", (event) => {
    const steps = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 };
    const at = pills.indexOf(event.target);
    const to = { Home: 0, End: pills.length - 1 }[event.key] ?? (steps[event.key] && at + steps[event.key]);
    if (at < 0 || to === undefined) return;
    event.preventDefault();
    choosePreset(pills[(to + pills.length) % pills.length]);
  });
  format.addEventListener("change", () => choose({ format: format.value }));
  quality.addEventListener("change", () => choose({ quality: quality.value }));
  resolution.addEventListener("change", () => choose({ resolution: resolution.value }));
  name.addEventListener("input", () => {
    const ending = /\.([a-z0-9]+)$/i.exec(name.value)?.[1].toLowerCase();
    const known = { jpeg: "jpg", midi: "mid" }[ending] ?? ending;
    choose({ name: name.value, ...(known in formats ? { format: known } : {}) });
  });

  const begin = () => {
    if (go.disabled) return;
    link.ask("export", wanted(), [], { urgent: true }).catch(() => {}); // what went wrong is told below the part
  };
  go.addEventListener("click", begin);
  name.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && !isComposing(event)) begin();
  });
  draw();
  return draw;
}
