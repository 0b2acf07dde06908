// One thing that was said, and what came of it. It stands before chat.js.

const UNDER_WAY = new Set(["waiting", "running"]);
const FEW = 3; // changes that are shown at once

/** The view of an entry; `act` is what its buttons do: edit, resend, look. */
class EntryView {
  constructor(model, entry, act) {
    Object.assign(this, { model, act, key: entry.key, pieces: 0, parts: [] });
    this.root = make("article", "nemo-entry");
    const said = make("div", "nemo-said", this.root);
    make("span", "nemo-unseen", said, say(model, "you"));
    this.message = make("div", "nemo-said-words", said);
    this.message.dir = "auto";
    this.saidTools = make("div", "nemo-tools", said);
    this.edit = this.#tool(this.saidTools, "edit", "edit", () => act.edit(this.entry));
    this.resend = this.#tool(this.saidTools, "retry", "resend", () => act.resend(this.entry));
    make("span", "nemo-unseen", this.root, say(model, "reply"));
    this.answer = make("div", "nemo-answer", this.root);
    this.work = make("div", "nemo-work", this.root);
    this.changes = make("div", "nemo-changes", this.root);
    this.failure = make("div", "nemo-failure", this.root);
    this.foot = make("div", "nemo-foot nemo-quiet", this.root);
    this.take(entry);
  }

  #tool(parent, sign, label, act) {
    const made = button(parent, sign, say(this.model, label), { kind: "nemo-tool" });
    made.addEventListener("click", act);
    return made;
  }

  get isBusy() {
    return UNDER_WAY.has(this.entry.state);
  }

  /** The reply's own text, as it was written. */
  get text() {
    const texts = this.parts.filter((part) => part?.kind === "text").map((part) => part.text.trim());
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
      entry.parts.forEach((part, place) => {
        this.#part(place, part.kind).append(part.text);
        if (part.more) make("div", "nemo-quiet", this.answer, say(this.model, "rest", { count: part.more.toLocaleString() }));
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
  add({ n, place, kind, text, whole }) {
    if (n <= this.pieces) return true;
    if (n !== this.pieces + 1) return false;
    this.pieces = n;
    const part = this.#part(place, kind);
    if (whole) part.set(text);
    else part.append(text);
    return true;
  }

  #part(place, kind) {
    while (this.parts.length <= place) {
      const root = make("div", kind === "note" ? "nemo-note" : "", this.answer);
      const drawn = new Markdown(root, { table: say(this.model, "table") });
      this.parts.push({ kind, drawn, get text() { return drawn.text; }, append: (text) => drawn.append(text), set: (text) => drawn.set(text) });
    }
    return this.parts[place];
  }

  #drawWork() {
    const { state, doing, is_slow, turn } = this.entry;
    this.work.hidden = !this.isBusy;
    if (this.work.hidden) return;
    if (!this.work.firstChild) {
      make("span", "nemo-pulse", this.work);
      this.workWords = make("span", "", this.work);
      this.doing = make("span", "nemo-doing", this.work);
      this.clock = make("span", "nemo-figures", this.work);
      this.clock.setAttribute("aria-hidden", "true");
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
    const tool = (sign, label, act) =>
      button(this.failure, sign, say(this.model, label), { text: true }).addEventListener("click", act);
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
