// One thing that was said, and what came of it. It stands before chat_panel.js.

const UNDER_WAY = new Set(["waiting", "running"]);
const FEW = 3; // changes that are shown at once
const LONG = 200; // blocks of a reply, of which the browser draws only those in sight

/** The view of an entry; `act` is what its buttons do: edit, resend, look. */
class EntryView {
  constructor(model, entry, act) {
    Object.assign(this, { model, act, key: entry.key, pieces: 0, parts: [] });
    this.root = make("article", "nemo-column nemo-entry");
    const said = make("div", "nemo-row nemo-said", this.root);
    make("span", "nemo-unseen", said, say(model, "you"));
    this.message = make("div", "nemo-said-words", said);
    this.message.dir = "auto";
    this.saidTools = make("div", "nemo-tools", said);
    this.edit = this.#tool(this.saidTools, "edit", "edit", () => act.edit(this.entry));
    this.resend = this.#tool(this.saidTools, "retry", "resend", () => act.resend(this.entry));
    make("span", "nemo-unseen", this.root, say(model, "reply"));
    this.answer = make("div", "nemo-column nemo-answer", this.root);
    this.work = make("div", "nemo-wrap nemo-work", this.root);
    this.changes = make("div", "nemo-changes", this.root);
    this.failure = make("div", "nemo-wrap nemo-failure", this.root);
    this.foot = make("div", "nemo-row nemo-foot nemo-quiet", this.root);
    this.take(entry);
  }

  #tool(parent, sign, label, act) {
    return button(parent, sign, say(this.model, label), { kind: "nemo-tool", act });
  }

  get isBusy() {
    return UNDER_WAY.has(this.entry.state);
  }

  /** The reply's own text, as it was written. */
  get text() {
    const texts = this.parts.filter((part) => part.kind === "text").map((part) => part.text.trim());
    return texts.filter(Boolean).join("\n\n");
  }

  /** How it stands; with `parts`, also the answer as it is. */
  take(entry) {
    this.entry = entry;
    this.begun_ms = performance.now() - 1000 * (entry.elapsed_s ?? 0);
    if (this.message.textContent !== entry.message) this.message.textContent = entry.message;
    if (entry.parts) {
      this.answer.replaceChildren();
      this.parts = [];
      entry.parts.forEach(({ kind, text, blocks, more }, place) => {
        this.#draw(this.#part(place, kind), text, 0, blocks);
        if (more) make("div", "nemo-quiet", this.answer, say(this.model, "rest", { count: more.toLocaleString() }));
      });
      this.pieces = entry.pieces;
    }
    this.root.dataset.state = entry.state;
    this.root.setAttribute("aria-busy", String(this.isBusy));
    this.#drawWork();
    this.#drawChanges();
    this.#drawFailure();
    this.#drawFoot();
  }

  /** A further piece of the answer; gives whether it is the next one. */
  add({ n, place, kind, text, whole, first, blocks }) {
    if (n <= this.pieces) return true;
    if (n !== this.pieces + 1) return false;
    this.pieces = n;
    const part = this.#part(place, kind);
    this.#draw(part, whole ? text : part.text + text, first, blocks);
    return true;
  }

  #part(place, kind) {
    while (this.parts.length <= place) {
      const root = make("div", `nemo-column nemo-md ${kind === "note" ? "nemo-note" : ""}`, this.answer);
      this.parts.push({ kind, root, text: "" });
    }
    return this.parts[place];
  }

  /** Draw the blocks of a part from the `first` on; those that are the same stay, as somebody may have selected them. */
  #draw(part, text, first, blocks) {
    part.text = text;
    const { root } = part;
    while (root.children.length > first + blocks.length) root.lastChild.remove();
    blocks.forEach((block, at) => {
      const [was, source] = [root.children[first + at], JSON.stringify(block)];
      if (was?.source === source) return;
      const made = Object.assign(grow(block), { source });
      if (was) was.replaceWith(made);
      else root.append(made);
    });
    root.classList.toggle("nemo-md-long", root.children.length > LONG);
    for (const table of root.querySelectorAll(".nemo-md-table:not([role])")) {
      table.role = "group";
      table.ariaLabel = say(this.model, "table");
    }
  }

  #drawWork() {
    const { state, doing, is_slow, turn } = this.entry;
    this.work.hidden = !this.isBusy;
    if (this.work.hidden) return;
    if (!this.work.firstChild) {
      make("span", "nemo-pulse", this.work);
      this.workWords = make("span", "", this.work);
      this.doing = make("span", "nemo-doing", this.work);
      this.clock = make("span", "nemo-figures", this.work, null, { "aria-hidden": "true" });
    }
    const waits = turn ? "working" : this.act.isQueued(this) ? "waiting" : "sending";
    const isTold = doing && state !== "waiting" && !is_slow; // what is done says that it works
    this.workWords.textContent = isTold ? "" : say(this.model, state === "waiting" ? waits : is_slow ? "still working" : "working");
    this.workWords.hidden = isTold;
    this.doing.textContent = isTold ? doing : doing ? `· ${doing}` : "";
    this.tick();
  }

  tick() {
    if (this.clock) this.clock.textContent = clock((performance.now() - this.begun_ms) / 1000);
  }

  #drawChanges() {
    const { changes = [] } = this.entry;
    this.changes.replaceChildren();
    this.changes.hidden = !changes.length;
    if (!changes.length) return;
    make("div", "nemo-quiet", this.changes, say(this.model, "changes"));
    const list = (parent, all) => all.forEach((words) => (make("li", "", parent, words).dir = "auto"));
    list(make("ul", "", this.changes), changes.slice(0, changes.length === FEW + 1 ? FEW + 1 : FEW));
    if (changes.length <= FEW + 1) return;
    const more = make("details", "", this.changes);
    make("summary", "", more, say(this.model, "more", { count: changes.length - FEW }));
    list(make("ul", "", more), changes.slice(FEW));
  }

  #drawFailure() {
    const { state, error, hint, can_repeat, turn } = this.entry;
    this.failure.replaceChildren();
    const isLeft = state === "stopped" || state === "open";
    this.failure.hidden = !error && !isLeft;
    if (this.failure.hidden) return;
    this.failure.classList.toggle("nemo-failed", Boolean(error));
    if (error) {
      this.failure.append(icon("alert"));
      const words = make("div", "nemo-failure-words", this.failure);
      make("div", "", words, error).dir = "auto";
      if (hint) prose(make("div", "nemo-hint nemo-quiet", words), hint).dir = "auto";
    } else if (turn) make("div", "nemo-failure-words nemo-quiet", this.failure, say(this.model, state === "open" ? "not seen" : "stopped"));
    const tool = (sign, label, act) => button(this.failure, sign, say(this.model, label), { text: true, act });
    if (can_repeat) tool("retry", "try again", () => this.act.resend(this.entry));
    else if (turn) tool("film", "look", () => this.act.look(this.entry));
  }

  #drawFoot() {
    const { cost } = this.entry;
    this.foot.replaceChildren();
    this.foot.hidden = this.isBusy || (!this.text && !cost);
    if (this.foot.hidden) return;
    if (this.text) {
      const copy = this.#tool(this.foot, "copy", "copy", async () => {
        if (await copied(this.text)) copy.replaceChildren(icon("check"));
        setTimeout(() => copy.replaceChildren(icon("copy")), 1500);
      });
    }
    if (cost) make("span", "nemo-figures", this.foot, say(this.model, "cost", { cost: Number(cost.toFixed(2)) }));
  }
}

/** The elements of a tree, as `markdown.py` makes them of a reply: texts stay texts, and links are looked at here. */
function grow(tree) {
  if (typeof tree === "string") return document.createTextNode(tree);
  const [tag, attributes, ...children] = tree;
  const made = tag === "a" ? make("span", "") : make(tag, "", null, null, attributes);
  const link = tag === "a" && anchor(made, attributes.href, textOf(tree));
  (link || made).append(...children.map(grow));
  return made;
}

function textOf(tree) {
  return typeof tree === "string" ? tree : tree.slice(2).map(textOf).join("");
}

/** A link to the web whose host is to be seen; null where an address leads elsewhere. */
function anchor(parent, address, shown) {
  const url = URL.canParse(address) ? new URL(address) : null;
  if (url?.protocol !== "https:") return null;
  const attributes = { href: url.href, target: "_blank", rel: "noopener noreferrer", title: url.href.slice(0, 300) };
  const link = make("a", "", parent, null, attributes);
  const own = `https://${url.host}`;
  const isSeen = shown.startsWith(own) && (shown.length === own.length || "/?#".includes(shown[own.length]));
  if (!isSeen) make("span", "nemo-md-host", parent, ` (${url.host})`);
  return link;
}

/** Put a text on the clipboard; gives whether it is there. */
async function copied(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const area = make("textarea", "nemo-unseen", document.body); // pages without encryption have no clipboard
    area.value = text;
    area.select();
    const done = document.execCommand("copy");
    area.remove();
    return done;
  }
}

// The prompt: what is to be said, kept for the next page, and the button that sends or stops. It stands before chat_panel.js.

const DRAFT_MS = 300;
const SETTLE_MS = 400; // after a click on Send, in which a second one is not for Stop

/** Where words for the user's own stand in a suggestion, between quotes: `add a title "Hello"`; null without any. */
function blankIn(text) {
  const quoted = /"[^"\n]+"|“[^”\n]+”|‘[^’\n]+’/.exec(text);
  return quoted && { at: quoted.index + 1, length: quoted[0].length - 2 };
}

/** What stood in the prompt of this session when the kernel went: the page remembers it too, as long as it has a tab. */
function kept(model) {
  try {
    return sessionStorage.getItem(`nemo-draft ${model.get("session_id")}`) ?? "";
  } catch {
    return ""; // a page that may keep nothing
  }
}

function keepFor(model, text) {
  const slot = `nemo-draft ${model.get("session_id")}`;
  try {
    if (text) sessionStorage.setItem(slot, text);
    else sessionStorage.removeItem(slot);
  } catch {
    // likewise, or there is no room
  }
}

/** The prompt of a chat; `act` is what it does: `say` the text, `stop` what runs. */
class Prompt {
  constructor(model, { body, hear, signal }, act) {
    Object.assign(this, { model, sent_ms: -SETTLE_MS });
    const form = make("div", "nemo-row nemo-compose", body);
    const placeholder = say(model, "example", { example: translated(model, model.get("examples")) });
    const named = { rows: 2, dir: "auto", "aria-label": say(model, "prompt"), placeholder };
    this.field = make("textarea", "nemo-input nemo-prompt", form, null, { ...named, input: () => this.keep() });
    this.field.value = model.get("draft") || kept(model);
    // JupyterLab hinders line breaks and undo in whatever has the focus within a cell, unless it hears nothing of them.
    form.addEventListener("beforeinput", (event) => event.stopPropagation(), { capture: true });
    this.field.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || event.shiftKey || isComposing(event)) return;
      event.preventDefault();
      act.say(this.field.value);
    });
    const press = () => {
      if (performance.now() - this.sent_ms < SETTLE_MS) return;
      if (this.isBusy) return act.stop();
      this.sent_ms = performance.now();
      act.say(this.field.value);
    };
    this.send = button(form, "send", "", { text: true, kind: "nemo-primary nemo-terse nemo-send", act: press });
    hear("draft", () => {
      if (document.activeElement !== this.field) this.field.value = model.get("draft");
    });
    signal.addEventListener("abort", () => this.keep(0));
  }

  /** Whether something that was said here is being worked on, or about to be stopped. */
  draw(isBusy, isStopping) {
    const label = isStopping ? "stopping" : isBusy ? "stop" : "send";
    this.isBusy = isBusy;
    if (this.send.dataset.label !== label) {
      this.send.dataset.label = label;
      this.send.replaceChildren(icon(isBusy ? "stop" : "send"));
      make("span", "", this.send, say(this.model, label));
    }
    this.send.disabled = isStopping;
    this.send.classList.toggle("nemo-primary", !isBusy);
  }

  focus() {
    this.field.focus();
  }

  clear() {
    this.field.value = "";
    this.keep(0);
  }

  /** Put words into it, for the user to go on with. */
  fill(text) {
    this.field.value = text;
    this.keep(0);
    this.field.focus();
    this.field.setSelectionRange(text.length, text.length);
  }

  /** Add words to it that have a blank, which is selected: the user types over it. */
  complete(text) {
    const said = this.field.value.trimEnd();
    const whole = said.includes(text) ? said : [said, text].filter(Boolean).join("\n");
    this.fill(whole);
    const { at, length } = blankIn(text);
    const start = whole.indexOf(text) + at;
    this.field.setSelectionRange(start, start + length);
  }

  /** Keep what stands in it for the next page. */
  keep(after_ms = DRAFT_MS) {
    clearTimeout(this.keeping);
    const keep = () => {
      keepFor(this.model, this.field.value);
      if (this.model.get("draft") === this.field.value) return;
      this.model.set("draft", this.field.value);
      this.model.save_changes();
    };
    if (after_ms) this.keeping = setTimeout(keep, after_ms);
    else keep();
  }
}

const NEAR = 40; // pixels from the end within which one reads along
const LEAD = 12; // pixels above the first line of a reply that is kept in sight
const STOPS = "a, button, summary, .nemo-md-table, .nemo-said-words";
const BY_HAND_MS = 1_000; // after a touch or a key, in which a scroll is the reader's

export default {
  render({ model, el }) {
    const view = begin({ model, el }, "chat");
    const chat = new ChatView(model, view);
    view.overhear("prompt", ({ text }) => chat.prompt.fill(String(text ?? "")));
    chat.load();
    return view.end;
  },
};

class ChatView {
  constructor(model, view) {
    const { body, link, signal } = view;
    Object.assign(this, { model, link, views: new Map(), isAtEnd: true, isStopping: false });
    this.act = {
      edit: (entry) => this.prompt.fill(entry.message),
      resend: (entry) => this.say(entry.message),
      look: (entry) => this.look(entry),
      isQueued: (view) => [...this.views.values()].some((each) => each !== view && each.isBusy),
    };
    this.#drawLog(body);
    const group = { role: "group", "aria-label": say(model, "suggestions") };
    this.suggestions = make("div", "nemo-wrap nemo-suggestions", body, null, group);
    this.prompt = new Prompt(model, view, { say: (text) => this.say(text, true), stop: () => this.stop() });
    this.status = make("div", "nemo-unseen", body, null, { role: "status" });
    link.on("entry", ({ entry }) => this.hear(entry));
    link.on("piece", (piece) => this.hearPiece(piece));
    link.on("suggestions", ({ suggestions }) => this.suggest(suggestions));
    this.draw();
    const ticking = setInterval(() => this.views.forEach((each) => each.isBusy && each.tick()), 250);
    const resized = new ResizeObserver(() => this.follow());
    resized.observe(this.log);
    signal.addEventListener("abort", () => {
      clearInterval(ticking);
      cancelAnimationFrame(this.frame);
      resized.disconnect();
    });
  }

  #drawLog(body) {
    const frame = make("div", "nemo-column nemo-log-frame", body);
    this.log = make("div", "nemo-box nemo-column nemo-log", frame, null, {
      role: "log",
      tabindex: 0,
      "aria-label": say(this.model, "talk"),
      "aria-live": "off", // a reply is told when it is whole, not word by word
      "aria-description": say(this.model, "keys"),
      keydown: (event) => this.#rove(event),
      scroll: () => this.#scrolled(),
    });
    this.earlier = button(this.log, "", "", { text: true, kind: "nemo-earlier", act: () => this.loadEarlier() });
    this.earlier.hidden = true;
    this.empty = make("div", "nemo-column nemo-empty nemo-quiet", this.log);
    this.empty.append(icon("music"));
    make("p", "", this.empty, say(this.model, "empty"));
    const act = () => {
      this.isAtEnd = true;
      this.last.isNew = false;
      this.follow();
      this.log.focus();
    };
    this.latest = button(frame, "down", say(this.model, "latest"), { text: true, kind: "nemo-latest", act });
    this.latest.hidden = true;
    this.#heedHand();
  }

  /** Know what the reader does: the log also scrolls by itself, where what is in it grows or shrinks. */
  #heedHand() {
    Object.assign(this, { top: 0, hand_ms: -Infinity, isHeld: false });
    const touch = () => (this.hand_ms = performance.now());
    for (const each of ["touchmove", "keydown", "focusin"]) this.log.addEventListener(each, touch, { passive: true });
    const hold = ({ buttons }) => {
      if (this.isHeld && !buttons) touch();
      this.isHeld = buttons > 0; // it may be the scroll bar
    };
    for (const each of ["pointerdown", "pointermove", "pointerup"]) this.log.addEventListener(each, hold);
    const leave = ({ deltaY }) => {
      this.hand_ms = -Infinity; // which way it turns is known
      if (deltaY < 0 && this.log.scrollTop > 0) this.isAtEnd = false; // before the next words take it back
    };
    this.log.addEventListener("wheel", leave, { passive: true });
    // A turn of the wheel runs on to where the end was when it began, past what came meanwhile.
    this.log.addEventListener("scrollend", () => this.isAtEnd && this.follow());
  }

  #scrolled() {
    const { scrollTop, scrollHeight, clientHeight } = this.log;
    const isUp = scrollTop < this.top;
    const left = scrollHeight - scrollTop - clientHeight;
    this.top = scrollTop;
    const isReadOn = scrollTop > this.limit + 1;
    if (isReadOn) this.last.isNew = false;
    if (isUp && (this.isHeld || performance.now() - this.hand_ms < BY_HAND_MS)) this.isAtEnd = false;
    else if (left < (isUp ? 1 : NEAR)) this.isAtEnd = true;
    else if (isReadOn) this.isAtEnd = false;
    if (this.isAtEnd) this.latest.hidden = left < NEAR;
  }

  get last() {
    return [...this.views.values()].at(-1);
  }

  /** How far the log scrolls by itself: the first line of a new reply stays in sight until the reader goes on. */
  get limit() {
    const { isNew, answer } = this.last ?? {};
    return isNew && answer.firstChild ? answer.offsetTop - LEAD : Infinity;
  }

  /** The log is one tab stop: the arrow keys go to what can be pressed in it, Escape back to the log. */
  #rove(event) {
    const { key, target } = event;
    const by = { ArrowLeft: -1, ArrowRight: 1 }[key];
    if (event.ctrlKey || event.metaKey || event.altKey || !(by || (key === "Escape" && target !== this.log))) return;
    const { scrollLeft, scrollWidth, clientWidth } = target;
    if (by && target !== this.log && (by < 0 ? scrollLeft > 0 : scrollLeft + clientWidth < scrollWidth - 1)) return; // a wide table
    event.preventDefault();
    event.stopPropagation();
    if (!by) return this.log.focus();
    const { top, bottom } = this.log.getBoundingClientRect();
    const isSeen = (each) => each.getBoundingClientRect().bottom > top && each.getBoundingClientRect().top < bottom;
    const isScroller = (each) => each.scrollWidth > each.clientWidth || each.scrollHeight > each.clientHeight;
    const isStop = (each) => isUsable(each) && (each.tagName !== "DIV" || isScroller(each));
    const stops = [...this.log.querySelectorAll(STOPS)].filter(isStop);
    const at = stops.indexOf(target);
    const next = at >= 0 ? stops[at + by] : by > 0 ? stops.find(isSeen) : stops.findLast(isSeen);
    next?.focus();
  }

  #keepOneStop() {
    for (const each of this.log.querySelectorAll(STOPS)) each.tabIndex = -1;
  }

  /** What was said here and is being worked on. */
  get mine() {
    return [...this.views.values()].find((each) => each.isBusy && each.entry.is_mine);
  }

  async load() {
    try {
      const { content } = await this.link.ask("log", {}, [], { urgent: true });
      const waiting = [...this.views.values()].filter((each) => each.isLocal && !content.entries.some(({ key }) => key === each.key));
      this.views.forEach((each) => each.root.remove());
      this.views.clear();
      content.entries.forEach((entry) => this.#put(entry));
      waiting.forEach((each) => this.#keepView(each));
      this.#tellEarlier(content.earlier);
      this.suggest(content.suggestions);
    } catch (error) {
      this.tell(error.message);
    }
    this.draw();
    this.follow();
  }

  async loadEarlier() {
    const [first] = this.views.keys();
    const { content } = await this.link.ask("log", { before: first }, [], { urgent: true }).catch(() => ({}));
    if (!content) return;
    const height = this.log.scrollHeight;
    const views = [...this.views];
    this.views.clear();
    const next = views[0]?.[1].root ?? null;
    content.entries.forEach((entry) => this.#put(entry, next));
    views.forEach(([key, each]) => this.views.set(key, each));
    this.#tellEarlier(content.earlier);
    this.#keepOneStop();
    this.log.scrollTop += this.log.scrollHeight - height;
    this.log.focus();
  }

  #tellEarlier(count) {
    this.earlier.hidden = !count;
    this.earlier.textContent = say(this.model, "earlier", { count });
  }

  #put(entry, before = null) {
    return this.#keepView(new EntryView(this.model, entry, this.act), before);
  }

  #keepView(view, before = null) {
    this.views.set(view.key, view);
    this.log.insertBefore(view.root, before);
    return view;
  }

  /** How an entry stands. */
  hear(entry) {
    const view = this.views.get(entry.key);
    if (!view) this.#put(entry).isNew = true;
    else {
      const wasBusy = view.isBusy;
      view.isLocal = false;
      view.take(entry);
      if (wasBusy && !view.isBusy) this.tell(entry.error ? `${entry.error} ${entry.hint}` : view.text.slice(0, 600));
    }
    this.draw();
    this.follow();
  }

  hearPiece(piece) {
    const view = this.views.get(piece.key);
    if (!view) return;
    if (view.add(piece)) this.follow();
    else this.#ask(view);
  }

  /** The page has missed something. */
  async #ask(view) {
    if (view.isAsking) return;
    view.isAsking = true;
    const { content } = await this.link.ask("entry", { key: view.key }, [], { urgent: true }).catch(() => ({}));
    view.isAsking = false;
    if (content) view.take(content);
    this.draw();
    this.follow();
  }

  /** Say something; `isPrompt`: it is what stands in the prompt. */
  async say(text, isPrompt = false) {
    if (!text.trim()) return this.prompt.focus();
    if (this.mine) return this.tell(say(this.model, "one at a time"));
    const key = newId();
    if (isPrompt) this.prompt.clear();
    this.isAtEnd = true;
    const view = this.#put({ key, message: text, state: "waiting", is_mine: true, pieces: 0, elapsed_s: 0 });
    view.isLocal = view.isNew = true;
    this.draw();
    this.follow();
    try {
      await this.link.ask("say", { text, key }, [], { urgent: true });
    } catch (error) {
      if (view.isLocal) {
        this.views.delete(key);
        view.root.remove();
        if (isPrompt && !this.prompt.field.value) this.prompt.fill(text);
      }
      this.tell(`${error.message} ${error.hint ?? ""}`);
      this.draw();
    }
  }

  async stop() {
    this.isStopping = true;
    this.draw();
    try {
      await this.link.ask("stop", {}, [], { urgent: true, patience_ms: 10_000 });
    } catch (error) {
      this.tell(error.message);
    }
    this.isStopping = false;
    this.draw();
  }

  async look(entry) {
    await this.link.ask("look", { key: entry.key }, [], { urgent: true }).catch((error) => this.tell(error.message));
  }

  suggest(suggestions) {
    const focused = [...this.suggestions.children].indexOf(document.activeElement);
    this.suggestions.replaceChildren();
    for (const text of suggestions) {
      const act = () => {
        if (blankIn(text)) return this.prompt.complete(text);
        this.say(text); // what stands in the prompt stays there
        this.prompt.focus();
      };
      button(this.suggestions, "", text, { text: true, kind: "nemo-chip", act }).lastChild.dir = "auto";
    }
    this.draw();
    if (focused < 0) return;
    const next = this.suggestions.hidden ? null : this.suggestions.children[focused];
    (next ?? this.prompt).focus(); // what has the focus must not vanish from under it
  }

  draw() {
    const isBusy = Boolean(this.mine);
    this.empty.hidden = this.views.size > 0;
    this.prompt.draw(isBusy, this.isStopping);
    this.suggestions.hidden = isBusy || !this.suggestions.firstChild;
    for (const each of this.views.values()) each.resend.disabled = isBusy;
  }

  /** Stay at the end, if the reader is there; else say that there is more. */
  follow() {
    this.#keepOneStop();
    if (!this.isAtEnd) {
      this.latest.hidden = false;
      return;
    }
    if (this.frame) return;
    let rounds = 3; // what was not drawn yet is higher or lower than was thought
    const go = () => {
      this.frame = 0;
      if (!this.isAtEnd) return; // the reader has scrolled meanwhile
      this.log.scrollTop = Math.min(this.log.scrollHeight, this.limit);
      this.top = this.log.scrollTop;
      this.latest.hidden = this.log.scrollHeight - this.top - this.log.clientHeight < NEAR;
      if (rounds--) this.frame = requestAnimationFrame(go);
    };
    this.frame = requestAnimationFrame(go);
  }

  /** Say something to those who cannot see it happen. */
  tell(words) {
    this.status.textContent = words;
  }
}
