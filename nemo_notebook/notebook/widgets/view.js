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
function keepFocus(root) {
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
  document.addEventListener("pointerdown", leave, { capture: true }); // beside all that can have the focus
  const watch = new MutationObserver(() => {
    const had = order[at];
    const has = document.activeElement; // what is hidden or disabled loses the focus a little later only
    if (at < 0 || isUsable(had) || (has !== had && has !== document.body)) return;
    const near = [...order.slice(at + 1), ...order.slice(0, at).reverse(), ...root.querySelectorAll(FOCUSABLE)];
    (near.find((each) => each.tabIndex >= 0 && isUsable(each)) ?? root).focus({ preventScroll: true });
  });
  const attributeFilter = ["class", "disabled", "hidden"];
  watch.observe(root, { childList: true, subtree: true, attributes: true, attributeFilter });
  return () => {
    watch.disconnect();
    document.removeEventListener("pointerdown", leave, { capture: true });
  };
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
class Trouble {
  constructor(model, root, link) {
    Object.assign(this, { model, link, isAlive: true });
    this.line = make("div", "nemo-trouble", root);
    this.line.setAttribute("role", "alert");
  }

  draw() {
    const lines = (this.isAlive ? this.model.get("trouble") : `${say(this.model, "gone")}\n${say(this.model, "run again")}`)
      .split("\n")
      .filter(Boolean);
    this.line.replaceChildren();
    if (!lines.length) return;
    this.line.append(icon("alert"));
    const words = make("div", "nemo-trouble-words", this.line);
    lines.forEach((line, at) => prose(make("div", at ? "nemo-trouble-hint" : "", words), line));
    if (!this.isAlive) return;
    const gone = button(this.line, "close", say(this.model, "dismiss"));
    gone.addEventListener("click", () => this.link().ask("dismiss").catch(() => this.line.replaceChildren()));
  }
}

/** Begin a view: its root, with the line of troubles at its end. Gives both, and what ends them. */
function begin({ model, el }, name) {
  const root = make("section", `nemo nemo-${name}`, el);
  keepKeys(root);
  const letFocusGo = keepFocus(root);
  const body = make("div", `nemo-${name}-body`, root);
  const trouble = new Trouble(model, root, () => link);
  const link = connect(model, (isAlive) => {
    trouble.isAlive = isAlive;
    root.classList.toggle("nemo-gone", !isAlive);
    trouble.draw();
  });
  const tell = () => trouble.draw();
  tell();
  model.on("change:trouble", tell);
  link.ask("hello", { language: navigator.language }, [], { patience_ms: 0, urgent: name === "header" }).catch(() => {});
  return {
    root,
    body,
    link,
    end() {
      letFocusGo();
      model.off("change:trouble", tell);
      link.close();
    },
  };
}
