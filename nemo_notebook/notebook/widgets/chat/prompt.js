// The prompt: what is to be said, kept for the next page, and the button that sends or stops. It stands before chat.js.

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
  constructor(model, parent, act) {
    Object.assign(this, { model, sent_ms: -SETTLE_MS });
    const form = make("div", "nemo-compose", parent);
    this.field = make("textarea", "nemo-input nemo-prompt", form);
    this.field.rows = 2;
    this.field.value = model.get("draft") || kept(model);
    this.field.dir = "auto";
    this.field.setAttribute("aria-label", say(model, "prompt"));
    this.field.placeholder = say(model, "example", { example: translated(model, model.get("examples")) });
    // JupyterLab hinders line breaks and undo in whatever has the focus within a cell, unless it hears nothing of them.
    form.addEventListener("beforeinput", (event) => event.stopPropagation(), { capture: true });
    this.field.addEventListener("input", () => this.keep());
    this.field.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || event.shiftKey || isComposing(event)) return;
      event.preventDefault();
      act.say(this.field.value);
    });
    this.send = button(form, "send", "", { text: true, kind: "nemo-primary nemo-terse nemo-send" });
    this.send.addEventListener("click", () => {
      if (performance.now() - this.sent_ms < SETTLE_MS) return;
      if (this.isBusy) return act.stop();
      this.sent_ms = performance.now();
      act.say(this.field.value);
    });
    this.takeDraft = () => {
      if (document.activeElement !== this.field) this.field.value = model.get("draft");
    };
    model.on("change:draft", this.takeDraft);
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

  get isEmpty() {
    return !this.field.value;
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

  end() {
    this.keep(0);
    clearTimeout(this.keeping);
    this.model.off("change:draft", this.takeDraft);
  }
}
