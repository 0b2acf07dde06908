// What the modules of all parts share: elements, signs, words, figures. It stands before each of them, with link.js and
// view.js: see part.py.

/**
 * A new element. Text from outside comes in by `text` alone, and so never is markup.
 *
 * Those of the `attributes` that are functions are listeners.
 */
function make(tag, name, parent, text = null, attributes = {}) {
  const made = document.createElement(tag);
  if (name) made.className = name;
  if (text !== null) made.textContent = text;
  if (tag === "button") made.type = "button";
  for (const [key, value] of Object.entries(attributes)) {
    if (typeof value === "function") made.addEventListener(key, value);
    else made.setAttribute(key, value);
  }
  return parent ? parent.appendChild(made) : made;
}

/** Words of ours, in which `commands` stand between backticks. */
function prose(parent, text) {
  text.split("`").forEach((piece, at) => (at % 2 ? make("code", "", parent, piece) : parent.append(piece)));
  return parent;
}

const ICONS = {
  alert: "M8 2.2 14.6 13.6H1.4zM8 6.6v3.2M8 11.6v.1",
  check: "M3 8.5l3.3 3.3L13 4.8",
  close: "M4 4l8 8M12 4l-8 8",
  copy: "M5.5 5.5v-3h8v8h-3M2.5 5.5h8v8h-8z",
  down: "M4 6l4 4 4-4",
  download: "M8 2v8M4.5 7L8 10.5 11.5 7M3 13.5h10",
  edit: "M10.8 3.2l2 2L5.5 12.5l-2.7.7.7-2.7z",
  film: "M2.5 3.5h11v9h-11zM5 3.5v9M11 3.5v9M2.5 8h11",
  full: "M3 6V3h3M10 3h3v3M13 10v3h-3M6 13H3v-3",
  link: "M6.5 9.5l3-3M7 4.5l1.2-1.2a2.5 2.5 0 013.5 3.5L10.5 8M9 11.5l-1.2 1.2a2.5 2.5 0 01-3.5-3.5L5.5 8",
  music: "M6 12V4l7-1.5V10M6 12a1.8 1.8 0 11-3.6 0A1.8 1.8 0 016 12zM13 10a1.8 1.8 0 11-3.6 0A1.8 1.8 0 0113 10z",
  mute: "M2.5 6v4h2.5L8 13V3L5 6zM10.5 6l3 4M13.5 6l-3 4",
  open: "M9 3h4v4M13 3L7.5 8.5M11 9.5V13H3V5h3.5",
  pause: "M5.5 3.5v9M10.5 3.5v9",
  picture: "M2.5 3.5h11v9h-11zM2.5 11l3.5-3.5L9 10.5l2-2 2.5 2.5M10.6 6.1v.1",
  play: "M5 3.2v9.6L12.5 8z",
  plus: "M8 3v10M3 8h10",
  redo: "M12.5 6H6.5a3.5 3.5 0 000 7H9M12.5 6L9.8 3.3M12.5 6L9.8 8.7",
  retry: "M13 8a5 5 0 11-1.5-3.6M13 2.5v3h-3",
  send: "M2.5 8L13.5 2.8 9.5 13.5 7.5 9z",
  sound: "M2.5 6v4h2.5L8 13V3L5 6zM10.5 5.8a3 3 0 010 4.4M12.3 4a5.5 5.5 0 010 8",
  split: "M8 2v12M5.5 5L2.5 8l3 3M10.5 5l3 3-3 3",
  stop: "M4 4h8v8H4z",
  text: "M3.5 4.5v-1.5h9v1.5M8 3v10M6 13h4",
  trash: "M3 4.5h10M6.5 4.5V3h3v1.5M4.5 4.5l.6 8.5h5.8l.6-8.5",
  undo: "M3.5 6h6a3.5 3.5 0 010 7H7M3.5 6l2.7-2.7M3.5 6l2.7 2.7",
  upload: "M8 10.5V2.5M4.5 6L8 2.5 11.5 6M3 13.5h10",
  zoomin: "M7 11.5a4.5 4.5 0 100-9 4.5 4.5 0 000 9zM10.3 10.3l3.2 3.2M5 7h4M7 5v4",
  zoomout: "M7 11.5a4.5 4.5 0 100-9 4.5 4.5 0 000 9zM10.3 10.3l3.2 3.2M5 7h4",
};

/** A drawn sign, which says nothing to a screen reader: its button has the name. */
function icon(name) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("viewBox", "0 0 16 16");
  svg.setAttribute("class", "nemo-icon");
  svg.setAttribute("aria-hidden", "true");
  const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
  path.setAttribute("d", ICONS[name] ?? "");
  svg.append(path);
  return svg;
}

/** A button with an icon, a name and what a click does; without `text` the name is a tooltip and an aria-label. */
function button(parent, sign, label, { text = false, kind = "", act = () => {}, ...attributes } = {}) {
  const named = text ? {} : { "aria-label": label, title: label };
  const name = `nemo-button ${kind} ${text ? "" : "nemo-button-bare"}`.trim();
  const made = make("button", name, parent, null, { ...named, ...attributes, click: act });
  if (sign) made.append(icon(sign));
  if (text) make("span", "", made, label);
  return made;
}

/** Give a button another sign and name. */
function rename(made, sign, name) {
  if (made.title === name) return;
  made.replaceChildren(icon(sign));
  made.title = made.ariaLabel = name;
}

/** Of an English and a Chinese text the one in the user's language: as was set, else the browser's. */
function translated(model, pair) {
  const language = model.get("language");
  return pair[/^zh/i.test(language === "auto" ? navigator.language : language) ? 1 : 0];
}

/** A label in the user's language, with `{name}` filled in. */
function say(model, key, values = {}) {
  const words = translated(model, model.get("words")?.[key] ?? [key, key]);
  return words.replace(/\{(\w+)\}/g, (whole, name) => String(values[name] ?? whole));
}

function clock(seconds) {
  const whole = Math.max(0, Math.floor(seconds));
  const hours = Math.floor(whole / 3600);
  const rest = `${Math.floor(whole / 60) % 60}:${String(whole % 60).padStart(2, "0")}`;
  return hours ? `${hours}:${rest.padStart(5, "0")}` : rest;
}

function bytes(count) {
  const units = ["B", "kB", "MB", "GB"]; // powers of ten, as shops and systems count
  let unit = 0;
  for (; count >= 1000 && unit < units.length - 1; unit += 1) count /= 1000;
  return `${count >= 100 || unit === 0 ? Math.round(count) : count.toFixed(1)} ${units[unit]}`;
}

/** A name that nothing else has; pages from plain http have no `randomUUID`. */
function newId() {
  return crypto.randomUUID?.() ?? `${Date.now()}-${Math.random()}`;
}

/** Wait for an event, or for the error that comes instead. */
function once(target, good, bad = "error") {
  return new Promise((done, fail) => {
    const over = new AbortController();
    const on = (name, settle) =>
      target.addEventListener(name, () => (over.abort(), settle()), { signal: over.signal });
    on(good, done);
    on(bad, () => fail(target.error ?? new Error(bad)));
  });
}

/** Let the browser save a file: a blob, or what is at an address. */
function saveAs(source, name) {
  const isBlob = source instanceof Blob;
  const href = isBlob ? URL.createObjectURL(source) : source;
  make("a", "", null, null, { href, download: name }).click();
  if (isBlob) setTimeout(() => URL.revokeObjectURL(href), 60_000);
}

/** An event that belongs to text being composed by an input method: its Enter is not ours. */
function isComposing(event) {
  return event.isComposing || event.keyCode === 229;
}

// What every view of a part begins with: its keys, its focus, its line of troubles, its link.

/** The key that saves the notebook is for the notebook all the same. */
function passOn(event) {
  const page = event.currentTarget.closest(".jp-Notebook");
  if (!page || event.key.toLowerCase() !== "s" || !(event.ctrlKey || event.metaKey) || event.altKey) return;
  event.preventDefault(); // or the browser would save the page
  const { key, code, keyCode, ctrlKey, metaKey, shiftKey } = event;
  page.dispatchEvent(new KeyboardEvent("keydown", { key, code, keyCode, ctrlKey, metaKey, shiftKey, bubbles: true }));
}

const FOCUSABLE = "a[href], button, input, select, textarea, summary, [tabindex]";

function isUsable(element) {
  const isSeen = element.getClientRects().length > 0 && getComputedStyle(element).visibility === "visible";
  return element.isConnected && !element.disabled && isSeen;
}

/** Where what has the focus goes away, its neighbour gets it: or who works by keyboard would be thrown out of the part. */
function keepFocus(root, signal) {
  let order = [];
  let at = -1;
  root.addEventListener("focusin", ({ target }) => {
    order = [...root.querySelectorAll(FOCUSABLE)];
    at = order.indexOf(target);
  });
  const leave = () => {
    at = -1;
  };
  root.addEventListener("focusout", ({ relatedTarget }) => relatedTarget && leave());
  document.addEventListener("pointerdown", leave, { capture: true, signal }); // beside all that can have the focus
  const watch = new MutationObserver(() => {
    const had = order[at];
    const has = document.activeElement; // what is hidden or disabled loses the focus a little later only
    if (at < 0 || isUsable(had) || (has !== had && has !== document.body)) return;
    const near = [...order.slice(at + 1), ...order.slice(0, at).reverse(), ...root.querySelectorAll(FOCUSABLE)];
    (near.find((each) => each.tabIndex >= 0 && isUsable(each)) ?? root).focus({ preventScroll: true });
  });
  const attributeFilter = ["class", "disabled", "hidden"];
  watch.observe(root, { childList: true, subtree: true, attributes: true, attributeFilter });
  signal.addEventListener("abort", () => watch.disconnect());
}

/**
 * Keys typed within a part are for it, not for the notebook, in which a bare `x` cuts the cell.
 *
 * Lab looks for its shortcuts from what has the focus upwards: only what that itself says comes before all of them.
 */
function keepKeys(root) {
  root.tabIndex = -1; // a click beside all that can have the focus gives it to the part
  root.dataset.lmSuppressShortcuts = "true";
  root.addEventListener("focusin", ({ target }) => {
    target.dataset.lmSuppressShortcuts = "true";
  });
  root.addEventListener("keydown", passOn);
}

/** The line of troubles: what went wrong in the kernel, or that there is none any more. */
function drawTrouble(line, model, link, isAlive) {
  const gone = `${say(model, "gone")}\n${say(model, "run again")}`;
  const lines = (isAlive ? model.get("trouble") : gone).split("\n").filter(Boolean);
  line.replaceChildren();
  if (!lines.length) return;
  line.append(icon("alert"));
  const words = make("div", "nemo-trouble-words", line);
  lines.forEach((each, at) => prose(make("div", at ? "nemo-quiet" : "", words), each));
  const dismiss = () => link.ask("dismiss").catch(() => line.replaceChildren());
  if (isAlive) button(line, "close", say(model, "dismiss"), { act: dismiss });
}

/**
 * Begin a view: its root, its body, and its link with Python; `end` ends all of it, and whatever heeds the `signal`.
 *
 * `hear` and `overhear` are those of link.js for as long as the view lasts.
 */
function begin({ model, el }, name) {
  const over = new AbortController();
  const { signal } = over;
  const root = make("section", `nemo nemo-${name}`, el);
  keepKeys(root);
  keepFocus(root, signal);
  const body = make("div", `nemo-column nemo-${name}-body`, root);
  const trouble = make("div", "nemo-trouble", root, null, { role: "alert" });
  const draw = (isAlive) => drawTrouble(trouble, model, link, isAlive);
  const link = connect(model, signal, (isAlive) => {
    root.classList.toggle("nemo-gone", !isAlive);
    draw(isAlive);
  });
  draw(true);
  hear(model, "change:trouble", () => draw(link.isAlive), signal);
  link.ask("hello", { language: navigator.language }, [], { patience_ms: 0, urgent: name === "header" }).catch(() => {});
  return {
    root,
    body,
    link,
    signal,
    hear: (names, hearer) => names.split(" ").forEach((each) => hear(model, `change:${each}`, hearer, signal)),
    overhear: (kind, hearer) => overhear(model, kind, hearer, signal),
    end: () => over.abort(),
  };
}
