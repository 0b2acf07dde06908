// Files on their way into the kernel: a few pieces in flight, each with its checksum.

const AT_ONCE_FILES = 2;
const AT_ONCE_PIECES = 4;
const TRIES = 4;
const BUSY_PATIENCE_MS = 900_000; // a cell may run for long, and the kernel hear nothing meanwhile

const CRC_TABLE = Uint32Array.from({ length: 256 }, (_, value) => {
  for (let bit = 0; bit < 8; bit += 1) value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1;
  return value;
});

/** The CRC-32 of an ArrayBuffer, as in zlib; hashes of `crypto.subtle` are not there on pages from plain http. */
function crc32(data) {
  const view = new Uint8Array(data);
  let sum = -1;
  for (let at = 0; at < view.length; at += 1) sum = (sum >>> 8) ^ CRC_TABLE[(sum ^ view[at]) & 255];
  return ~sum >>> 0;
}

/** So many at a time; the others wait in their order. */
function turnstile(count) {
  const queue = [];
  return {
    enter: () => (count > 0 ? (count -= 1) : new Promise((go) => queue.push(go))),
    leave: () => (queue.length ? queue.shift()() : (count += 1)),
  };
}

/** Ask, however long the kernel is busy; what it refuses is for the file's own row. */
async function askPatiently(link, what, content, buffers = []) {
  const answer = await link.ask(what, content, buffers, { patience_ms: BUSY_PATIENCE_MS });
  const { error, hint } = answer.content ?? {};
  if (error !== undefined) throw Object.assign(new Error(error), { hint });
  return answer.content;
}

/** Bring one file into the kernel, piece by piece; whatever it has already is not sent again. */
async function bring(link, item, pieces, size) {
  const { missing } = await askPatiently(link, "begin", item.facts);
  item.heard();
  const going = new Set();
  let failed = null;
  for (const number of missing) {
    await pieces.enter();
    if (failed || item.isOff) {
      pieces.leave();
      break;
    }
    const one = bringPiece(link, item, number, size)
      .catch((error) => (failed ??= error))
      .finally(() => (pieces.leave(), going.delete(one)));
    going.add(one);
  }
  await Promise.all(going);
  if (failed) throw failed;
}

async function bringPiece(link, item, number, size) {
  for (let attempt = 1; attempt <= TRIES; attempt += 1) {
    const data = await item.file.slice(number * size, (number + 1) * size).arrayBuffer().catch(() => {
      throw item.problem("changed");
    });
    if (item.isOff) return;
    const taken = await askPatiently(link, "piece", { id: item.id, number, crc32: crc32(data) }, [data]);
    item.heard();
    if (taken.gone) item.isOff = true; // it was stopped there; the row tells why
    if (taken.ok || taken.gone) return;
  }
  throw item.problem("damaged");
}

// Where files and addresses come in: by a drop, a dialog, a field, or from the clipboard.

const MOST_FILES = 500;

ICONS.folder = "M2 12.8V3.7h4.2l1.6 1.8H14v7.3z";

/** The files of a drop, those in its folders included; `isLoose` tells that one was not named itself. */
async function filesOf(data) {
  const entries = [...data.items].map((item) => item.webkitGetAsEntry?.());
  if (!entries.some((entry) => entry?.isDirectory)) return [...data.files].map((file) => ({ file, isLoose: false }));
  const found = [];
  const walk = async (entry, isLoose) => {
    if (!entry || found.length > MOST_FILES || (isLoose && entry.name.startsWith("."))) return;
    if (entry.isFile) {
      const file = await new Promise((done) => entry.file(done, () => done(null)));
      if (file) found.push({ file, isLoose });
      return;
    }
    const reader = entry.createReader();
    for (;;) {
      const some = await new Promise((done) => reader.readEntries(done, () => done([])));
      if (!some.length) return; // it gives a hundred at a time
      for (const each of some) await walk(each, true);
    }
  };
  for (const entry of entries) await walk(entry, false);
  return found;
}

function hasFiles(event) {
  return [...(event.dataTransfer?.types ?? [])].includes("Files");
}

/** The place to drop on, which is a button too, and the field for addresses. */
function dropZone(model, { root, body, hear, signal }, { onFiles, onAddress }) {
  const zone = make("button", "nemo-button nemo-drop", body, null, { click: () => files.click() });
  zone.append(icon("upload"));
  const words = make("span", "nemo-wrap nemo-drop-words", zone);
  const first = make("strong", "", words, say(model, "drop"));
  make("span", "nemo-quiet", words, say(model, "browse"));
  const limit = make("span", "nemo-quiet nemo-drop-limit", zone);
  const tellLimit = () => (limit.textContent = model.get("max_mb") ? say(model, "limit", { mb: model.get("max_mb") }) : "");
  tellLimit();
  hear("max_mb", tellLimit);
  const picker = (isFolder) => {
    const input = make("input", "nemo-unseen", body, null, { "aria-hidden": true, change: () => {
      const picked = [...input.files].filter((file) => !isFolder || !file.name.startsWith("."));
      onFiles(picked.map((file) => ({ file, isLoose: isFolder })));
      input.value = "";
    } });
    Object.assign(input, { type: "file", multiple: true, tabIndex: -1, webkitdirectory: isFolder });
    if (!isFolder) input.accept = model.get("endings");
    return input;
  };
  const files = picker(false);
  const folder = picker(true);
  const line = make("div", "nemo-wrap nemo-address", body);
  const enter = () => {
    if (field.value.trim()) onAddress(field.value.trim());
    field.value = "";
    field.focus();
  };
  const keydown = (event) => {
    if (event.key !== "Enter" || isComposing(event)) return; // JupyterLab keeps a form from hearing of it
    event.preventDefault();
    enter();
  };
  const hints = { placeholder: say(model, "address hint"), "aria-label": say(model, "address"), spellcheck: false };
  const field = make("input", "nemo-input", line, null, { type: "url", ...hints, keydown });
  button(line, "plus", say(model, "add"), { text: true, act: enter });
  const title = say(model, "folder");
  button(line, "folder", title, { text: true, kind: "nemo-terse", title, act: () => folder.click() });
  root.addEventListener("paste", (event) => {
    const data = event.clipboardData;
    const text = data.getData("text/plain").trim();
    if (data.files.length) onFiles([...data.files].map((file) => ({ file, isLoose: false })));
    else if (event.target !== field && /^https?:\/\//i.test(text)) onAddress(text);
    else return;
    event.preventDefault();
  });
  const light = (isOver) => {
    if (panelOf(root).classList.contains("nemo-over") === isOver) return;
    panelOf(root).classList.toggle("nemo-over", isOver);
    first.textContent = say(model, isOver ? "drop now" : "drop");
  };
  watchDrags(root, signal, light, onFiles);
}

/** Files dropped anywhere on the panel are taken; beside it, they do not make the browser leave the page for them. */
function watchDrags(root, signal, light, onFiles) {
  const on = (names, take, capture = true) =>
    names.forEach((name) => window.addEventListener(name, take, { signal, capture }));
  const isHere = (place) => place instanceof Node && panelOf(root).contains(place);
  let isOwn = false; // what is dragged from this page is no file, though a picture looks like one
  on(["dragstart"], () => (isOwn = true));
  on(["dragend", "pointermove"], () => (isOwn = false));
  on(["dragleave"], ({ relatedTarget }) => isHere(relatedTarget) || light(false));
  on(["dragenter", "dragover", "drop"], async (event) => {
    const isOver = !isOwn && hasFiles(event) && isHere(event.target);
    light(isOver && event.type !== "drop");
    if (!isOver) return;
    event.preventDefault();
    event.stopPropagation(); // neither the notebook nor an editor in it is to open the file
    if (event.type === "dragover") event.dataTransfer.dropEffect = "copy";
    if (event.type === "drop") onFiles(await filesOf(event.dataTransfer));
  });
  const keepPage = (event) => {
    if (!hasFiles(event) || event.defaultPrevented) return;
    event.preventDefault();
    if (event.type === "dragover") event.dataTransfer.dropEffect = "none";
  };
  on(["dragover", "drop"], keepPage, false);
}

function panelOf(root) {
  return root.closest(".nemo-studio") ?? root;
}

// What a local file looks like, drawn by the browser at once, until the engine's own picture of it comes.

const GLANCE_PX = 160;
const GLANCE_MS = 6_000;
const PICTURE_BYTES = 60e6;
const SOUND_BYTES = 16e6; // a song; of what is longer, only its beginning is looked at
const SOUND_HEAD = 1 << 20;
const SOUND_HZ = 8000;

/** A canvas with a picture of the file, or null where the browser cannot show it. */
async function glance(file, kind) {
  const draw = { image: glanceAtPicture, video: glanceAtFilm, audio: glanceAtSound }[kind];
  try {
    return draw ? await draw(file) : null;
  } catch {
    return null; // of a type that this browser does not know, or damaged
  }
}

function canvasOf(width, height) {
  const scale = Math.min(1, GLANCE_PX / Math.max(width, height, 1));
  const canvas = document.createElement("canvas");
  canvas.width = Math.max(1, Math.round(width * scale));
  canvas.height = Math.max(1, Math.round(height * scale));
  return canvas;
}

function drawnSmall(picture, width, height) {
  const canvas = canvasOf(width, height);
  canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
  return canvas;
}

async function glanceAtPicture(file) {
  if (file.size > PICTURE_BYTES) return null;
  const picture = await createImageBitmap(file, { resizeWidth: 2 * GLANCE_PX, resizeQuality: "medium" });
  const canvas = drawnSmall(picture, picture.width, picture.height);
  picture.close();
  return canvas;
}

async function glanceAtFilm(file) {
  const film = document.createElement("video");
  const address = URL.createObjectURL(file);
  let tooLate;
  try {
    film.muted = true;
    film.preload = "auto";
    film.src = address;
    const patience = new Promise((_, fail) => (tooLate = setTimeout(() => fail(new Error()), GLANCE_MS)));
    patience.catch(() => {});
    await Promise.race([once(film, "loadedmetadata"), patience]);
    const sought = once(film, "seeked");
    film.currentTime = Math.min(2, (film.duration || 0) / 10);
    await Promise.race([sought, patience]);
    return film.videoWidth ? drawnSmall(film, film.videoWidth, film.videoHeight) : null;
  } finally {
    clearTimeout(tooLate);
    film.removeAttribute("src");
    film.load(); // lets go of the decoder
    URL.revokeObjectURL(address);
  }
}

async function glanceAtSound(file) {
  const head = file.size <= SOUND_BYTES ? file : file.slice(0, SOUND_HEAD);
  const sound = await new OfflineAudioContext(1, 1, SOUND_HZ).decodeAudioData(await head.arrayBuffer());
  return drawWave(sound.getChannelData(0));
}

/** Bars of the loudest moments of equal stretches. */
function drawWave(samples) {
  const canvas = canvasOf(GLANCE_PX, 120);
  const pen = canvas.getContext("2d");
  const bars = 20;
  const step = canvas.width / bars;
  const stretch = Math.max(1, Math.floor(samples.length / bars));
  const peaks = Array.from({ length: bars }, (_, bar) => {
    let most = 0;
    for (let at = bar * stretch; at < (bar + 1) * stretch && at < samples.length; at += 1) {
      most = Math.max(most, Math.abs(samples[at]));
    }
    return most;
  });
  const loudest = Math.max(...peaks, 0.01);
  pen.fillStyle = "#2f9d7c"; // shows on light and on dark
  peaks.forEach((peak, bar) => {
    const height = Math.max(4, (peak / loudest) * canvas.height * 0.8);
    pen.fillRect(bar * step + 1.5, (canvas.height - height) / 2, step - 3, height);
  });
  return canvas;
}

/** One row of a list: a picture, a name, what is to be told of it, and what can be done. It stands before uploader.js. */
function rowView(model, list, { onCancel, onRetry }) {
  const root = make("li", "nemo-file", list);
  const frame = make("div", "nemo-picture nemo-glance", root);
  const words = make("div", "nemo-file-words", root);
  const name = make("div", "nemo-file-name", words);
  const facts = make("div", "nemo-file-facts nemo-quiet nemo-figures", words);
  const bar = make("progress", "nemo-progress", words, null, { max: 1 });
  const hint = make("div", "nemo-file-hint nemo-hint nemo-quiet", words);
  const acts = make("div", "nemo-row nemo-file-acts", root);
  const again = button(acts, "retry", "", { act: onRetry });
  const off = button(acts, "close", "", { act: onCancel });
  let address = null;
  const view = {
    root,
    picture: null,
    /** Show an element in the frame, or the sign of a kind. */
    look(picture, kind) {
      view.picture = picture;
      const signs = { video: "film", audio: "music", image: "picture" };
      frame.replaceChildren(picture ?? icon(signs[kind] ?? "film"));
    },
    /** Show a JPEG. */
    lookAt(data) {
      if (address) URL.revokeObjectURL(address);
      address = URL.createObjectURL(new Blob([data], { type: "image/jpeg" }));
      view.look(make("img", "", null, null, { src: address, alt: "", draggable: false }));
    },
    tell({ title, text, share = null, help = "", isWrong = false, canRetry = false, canCancel = false, isOver = false }) {
      name.textContent = name.title = title;
      facts.textContent = text;
      hint.replaceChildren();
      prose(hint, help);
      root.classList.toggle("nemo-wrong", isWrong);
      bar.hidden = share === null;
      if (share !== null) {
        bar.value = share;
        bar.ariaLabel = say(model, "progress", { name: title });
      }
      for (const [act, shown, label] of [[again, canRetry, "retry"], [off, canCancel, isOver ? "remove" : "cancel"]]) {
        act.hidden = !shown;
        act.title = act.ariaLabel = say(model, label, { name: title });
      }
    },
    remove() {
      if (address) URL.revokeObjectURL(address);
      root.remove();
    },
  };
  return view;
}

// What did not come: a few have rows, the others are counted in a line, and one button takes all of them away.

const MOST_ROWS = 3;

function canRetry({ row, file }) {
  return row.state === "stopped" && !row.is_final && (row.can_retry || Boolean(file));
}

/** Whether nothing will come of it: what can be tried again is none of these, but addresses can be typed again. */
function isOver(item) {
  const { state, has_file: isAddress } = item.row;
  return state === "refused" || (state === "stopped" && (isAddress || !canRetry(item)));
}

/** The line below the rows of what is on its way; `onClear` is to take all of them away. */
function refusalsLine(model, body, onClear) {
  const root = make("div", "nemo-wrap nemo-left-out", body);
  const words = make("span", "nemo-quiet", root);
  button(root, "close", say(model, "clear"), { text: true, act: onClear });
  root.hidden = true;
  return {
    /** Of all items, show no more than a few that were left out, and tell of the others. */
    tell(items) {
      const over = items.filter(isOver);
      const rest = over.slice(MOST_ROWS);
      items.forEach((item) => (item.view.root.hidden = false));
      rest.forEach((item) => (item.view.root.hidden = true));
      words.textContent = rest.length ? leftOutWords(model, "more left out", rest) : "";
      root.hidden = over.length < 2;
    },
  };
}

/** What comes of a drop or an address, for who cannot see it. */
function outcomeWords(model, items) {
  const refused = items.filter(isOver);
  const count = items.length - refused.length;
  const lines = count ? [say(model, count === 1 ? "said begun one" : "said begun", { count })] : [];
  if (refused.length === 1) lines.push(say(model, "said refused", { name: refused[0].row.name, error: refused[0].row.error }));
  else if (refused.length) lines.push(leftOutWords(model, "said left out", refused));
  return lines.join(" ");
}

/** How many were left out, and why. */
function leftOutWords(model, key, items) {
  const counts = new Map();
  for (const { row } of items) {
    const why = row.is_lost ? "lost" : row.why ?? "other";
    counts.set(why, (counts.get(why) ?? 0) + 1);
  }
  const of = counts.size > 1 ? "reason of" : "reason";
  const reasons = [...counts].map(([why, count]) => say(model, of, { count, why: say(model, `why ${why}`) }));
  const count = items.length;
  return say(model, count === 1 ? `${key} one` : key, { count, why: reasons.join(say(model, "and")) });
}

/** Scroll a list, and nothing else, to where the elements are; where they do not fit, to the first of them. */
function reveal(list, elements) {
  const shown = elements.filter((each) => each.isConnected && !each.hidden);
  if (!shown.length) return;
  const frame = list.getBoundingClientRect();
  const [first, last] = [shown[0].getBoundingClientRect(), shown.at(-1).getBoundingClientRect()];
  if (last.bottom > frame.bottom) list.scrollTop += Math.min(last.bottom - frame.bottom, first.top - frame.top);
  else if (first.top < frame.top) list.scrollTop -= frame.top - first.top;
}

const QUIET_MS = 3_000; // of the kernel, after which a page says that it waits
const LOST_MS = 10_000; // of a file that another page was to bring
const STALE_MS = 45_000; // an upload of a cell that was interrupted is never told to have ended

function render({ model, el }) {
  const view = begin({ model, el }, "uploader");
  const { root, body, link } = view;
  root.setAttribute("aria-label", say(model, "title"));
  const t = (key, values) => say(model, key, values);
  const items = new Map(); // what is on its way, by id; those with a file are this page's own
  const there = new Map(); // what the session has, by key
  const gone = new Set(); // ids of what is not on its way any more
  const pieces = turnstile(AT_ONCE_PIECES);
  const files = turnstile(AT_ONCE_FILES);
  const glances = turnstile(1);
  let heardAt = performance.now();
  let movedAt = heardAt; // when some file was seen to come

  dropZone(model, view, { onFiles: add, onAddress: fetchFrom });
  const news = make("div", "nemo-unseen", body, null, { role: "status" });
  const note = make("p", "nemo-note nemo-quiet", body);
  const listOf = (key) => make("ul", `nemo-box nemo-files nemo-files-${key}`, body, null, { "aria-label": t(key) });
  const coming = listOf("transfers");
  const refusals = refusalsLine(model, body, clearAll);
  const kept = listOf("media");
  const empty = make("p", "nemo-empty nemo-quiet", body, t("empty"));
  tidy();

  function tidy() {
    refusals.tell([...items.values()]);
    coming.hidden = !items.size;
    kept.hidden = !there.size;
    kept.tabIndex = there.size > 4 ? 0 : -1; // it scrolls, and keys are to reach it
    empty.hidden = items.size + there.size > 0;
  }

  /** Whether the page that was to bring a file is gone. */
  function isLost({ row, file, at }) {
    if (row.is_lost || file || row.has_file) return row.is_lost && !file;
    const since = { receiving: at, queued: movedAt }[row.state] ?? Infinity;
    return performance.now() - since > LOST_MS;
  }

  function newItem(id, row, file = null) {
    const item = { id, row, file, isOff: false, at: performance.now() };
    item.problem = (key) => Object.assign(new Error(t(key)), { hint: t(`${key} hint`) });
    item.heard = () => (heardAt = performance.now());
    item.view = rowView(model, coming, { onCancel: () => cancel(item), onRetry: () => retry(item) });
    item.view.look(null, row.kind);
    items.set(id, item);
    show(item);
    return item;
  }

  function show(item) {
    const { row } = item;
    const isStopped = row.state === "stopped" || row.state === "refused";
    item.view.tell({
      title: row.name,
      text: isStopped ? row.error || t(row.is_lost ? "lost" : "stopped") : wordsOf(item),
      help: isStopped ? row.hint : isLost(item) ? t("lost") : "",
      share: ["receiving", "sending"].includes(row.state) && !row.has_file ? row.done ?? 0 : null,
      isWrong: isStopped,
      canRetry: canRetry(item),
      canCancel: !row.is_elsewhere,
      isOver: isStopped,
    });
  }

  function wordsOf({ row, file }) {
    const size = row.size ? bytes(row.size) : "";
    if (row.state === "checking") return [size, t("checking")].filter(Boolean).join(" · ");
    if (row.state === "queued") return [size, t("queued")].filter(Boolean).join(" · ");
    const left = row.left_s != null && row.done < 1 ? t("left", { left: clock(Math.ceil(row.left_s)) }) : "";
    if (row.state === "receiving") {
      if (file && performance.now() - heardAt > QUIET_MS) return t("busy");
      const rate = row.rate ? t("rate", { rate: bytes(row.rate) }) : "";
      const done = t("receiving", { done: bytes(row.done * row.size), size });
      return [`${Math.floor(100 * row.done)} %`, done, rate, left].filter(Boolean).join(" · ");
    }
    const stage = row.has_file ? "fetching" : row.stage === "convert" ? "convert" : model.get("is_local") ? "local" : "cloud";
    return [row.has_file ? "" : `${Math.floor(100 * row.done)} %`, t(stage), left].filter(Boolean).join(" · ");
  }

  function refuse(item, { message, error, hint, why }) {
    Object.assign(item.row, { state: "refused", error: message ?? error, hint, why, can_retry: false });
    show(item);
  }

  function tellReader(key, values) {
    news.textContent = t(key, values);
  }

  /** Take away what was refused before; what has to be chosen again stays, unless it is `all`. */
  function clearRefusals(all = false) {
    note.textContent = "";
    for (const item of [...items.values()].filter((each) => isOver(each) && (all || !each.row.is_lost))) cancel(item);
  }

  function clearAll() {
    clearRefusals(true);
    root.querySelector(".nemo-drop").focus();
  }

  async function add(chosen) {
    clearRefusals();
    note.textContent = chosen.length > MOST_FILES ? t("too many", { most: MOST_FILES }) : "";
    const fresh = chosen.slice(0, MOST_FILES).map(({ file, isLoose }) => {
      const kind = file.type.split("/")[0];
      const item = newItem(newId(), { name: file.name, kind, size: file.size, state: "checking" }, file);
      return Object.assign(item, { isLoose });
    });
    tidy();
    if (!fresh.length) return;
    const rows = fresh.map((item) => item.view.root);
    reveal(coming, rows);
    for (const item of fresh) {
      item.facts = { id: item.id, name: item.file.name, size: item.file.size, type: item.file.type };
    }
    try {
      judge(fresh, await askPatiently(link, "check", { files: fresh.map((item) => item.facts) }));
    } catch (error) {
      fresh.forEach((item) => refuse(item, error));
    }
    tidy();
    reveal(coming, rows);
    news.textContent = outcomeWords(model, fresh.filter((item) => items.has(item.id)));
  }

  /** Let through what the rules allow; the others stay with the reason. */
  function judge(fresh, verdicts) {
    let leftOut = 0;
    fresh.forEach((item, at) => {
      const { is_media: isMedia, error, name, kind } = verdicts[at];
      if (!items.has(item.id)) return; // taken back meanwhile
      Object.assign(item.row, { name, kind: kind === "other" ? item.row.kind : kind });
      if (item.isLoose && !isMedia) {
        leftOut += 1;
        drop(item);
      } else if (error) refuse(item, verdicts[at]);
      else {
        const lost = [...items.values()].find((each) => isLost(each) && each.row.name === name && each.row.size === item.row.size);
        if (lost) cancel(lost); // this is it again
        item.row.state = "queued";
        show(item);
        send(item);
        look(item);
      }
    });
    if (leftOut) note.textContent = t("left out", { count: leftOut });
  }

  async function send(item) {
    await files.enter();
    heardAt = performance.now();
    try {
      if (!item.isOff) await bring(link, item, pieces, model.get("piece_bytes"));
    } catch (error) {
      if (item.isOff) return;
      Object.assign(item.row, { state: "stopped", error: error.message, hint: error.hint ?? "" });
      show(item);
      tellReader("said refused", { name: item.row.name, error: error.message });
    } finally {
      files.leave();
    }
  }

  async function look(item) {
    await glances.enter();
    const isLeft = item.isOff && !item.became;
    const picture = isLeft ? null : await glance(item.file, item.row.kind);
    glances.leave();
    const view = item.became ?? item.view; // it may have arrived before it was looked at
    if (picture && !view.picture) view.look(picture, item.row.kind);
  }

  async function fetchFrom(address) {
    clearRefusals();
    const id = newId();
    const name = address.split(/[?#]/)[0].replace(/\/\/.*@/, "//"); // without a password
    const item = newItem(id, { name, kind: "", state: "queued", size: 0, has_file: true });
    tidy();
    reveal(coming, [item.view.root]);
    try {
      await askPatiently(link, "fetch", { id, url: address });
    } catch (error) {
      if (!items.has(id)) return;
      refuse(item, error);
      tidy();
      news.textContent = outcomeWords(model, [item]);
    }
  }

  function retry(item) {
    if (item.row.can_retry) return void link.ask("retry", { id: item.id }).catch((error) => refuse(item, error));
    item.isOff = false;
    Object.assign(item.row, { state: "queued", error: "", hint: "" });
    show(item);
    send(item);
  }

  function cancel(item) {
    const next = item.view.root.nextElementSibling ?? item.view.root.previousElementSibling;
    const isFocused = item.view.root.contains(document.activeElement);
    const wasRefused = item.row.state === "refused"; // the kernel knows nothing of it
    gone.add(item.id);
    drop(item);
    if (isFocused) (next?.querySelector(".nemo-file-acts button:not([hidden])") ?? root.querySelector(".nemo-drop")).focus();
    if (!wasRefused) link.ask("cancel", { id: item.id }, [], { urgent: true, patience_ms: 0 }).catch(() => {});
  }

  function drop(item) {
    item.isOff = true;
    items.delete(item.id);
    item.view.remove();
    tidy();
  }

  function hearTransfer({ row }) {
    let item = items.get(row.id);
    if (!item) {
      if (gone.has(row.id)) return; // said before its end was heard of
      item = newItem(row.id, row);
    }
    item.at = performance.now();
    if (item.row.state !== "stopped" && row.state === "stopped") {
      item.isOff = true;
      tellReader("said refused", { name: row.name, error: row.error ?? t("lost") });
    }
    if (row.state === "receiving") movedAt = item.at;
    item.row = { ...item.row, ...row };
    show(item);
    tidy();
  }

  function hearGone({ id }) {
    gone.add(id);
    const item = items.get(id);
    if (item) drop(item);
  }

  function hearMedia({ media, id }, pictures) {
    const from = id ? items.get(id) : null;
    media.forEach((each) => {
      let view = there.get(each.key);
      if (!view) {
        view = rowView(model, kept, {});
        view.look(null, each.kind);
        there.set(each.key, view);
      }
      const facts = [each.duration_s ? clock(Math.round(each.duration_s)) : "", each.width ? `${each.width}×${each.height}` : ""];
      view.tell({ title: each.name, text: [...facts, each.size ? bytes(each.size) : ""].filter(Boolean).join(" · ") });
      if (each.picture >= 0) view.lookAt(pictures[each.picture]);
      else if (from?.view.picture && !view.picture) view.look(from.view.picture, each.kind);
      if (!from) return;
      from.became = view;
      reveal(kept, [view.root]);
      tellReader("said there", { name: each.name });
    });
    if (id) hearGone({ id });
    tidy();
  }

  link.on("transfer", hearTransfer);
  link.on("gone", hearGone);
  link.on("media", hearMedia);
  link
    .ask("look", {}, [], { patience_ms: 0 })
    .then(({ content, buffers }) => {
      content.transfers.forEach((row) => hearTransfer({ row }));
      hearMedia(content, buffers);
    })
    .catch(() => {}); // the line of troubles says why
  const ticking = setInterval(() => {
    for (const item of items.values()) {
      if (item.row.is_elsewhere && performance.now() - item.at > STALE_MS) drop(item);
      else if (["receiving", "queued"].includes(item.row.state)) show(item);
    }
  }, 1000);

  return () => {
    clearInterval(ticking);
    const ids = [...items.values()].filter((item) => item.file && item.row.state !== "sending").map(({ id }) => id);
    if (ids.length) link.ask("leave", { ids }, [], { urgent: true, patience_ms: 0 }).catch(() => {});
    for (const item of items.values()) {
      item.isOff = true;
      item.view.remove();
    }
    there.forEach((view) => view.remove());
    view.end();
  };
}

export default { render };
