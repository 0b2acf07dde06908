/** The balance: a badge that tells more when it is pressed. Gives what redraws it. */
function badge(model, link, head, more) {
  const made = make("button", "nemo-export-credits nemo-figures", head);
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
      const user = navigator.userActivation;
      const isRecent = user?.isActive;
      if (isRecent) window.open(address, "_blank", "noopener,noreferrer"); // which gives null in any case
      if (!isRecent || user.isActive) {
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
    const { root, body, link, end } = begin({ model, el }, "export");
    root.setAttribute("aria-label", say(model, "export"));
    const addresses = [];
    const view = { model, link, isOver: false, own: (address) => addresses.push(address) && address };
    const head = make("div", "nemo-export-head", body);
    const heading = make("div", "nemo-export-heading", head, say(model, "export"));
    heading.setAttribute("role", "heading");
    heading.setAttribute("aria-level", "3");
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
    const hearers = { "change:film": drawControls, "change:rows": drawRows, "change:balance": drawBadge };
    for (const [kind, hearer] of Object.entries(hearers)) model.on(kind, hearer);
    link.ask("look", {}, [], { patience_ms: 0 }).catch(() => {});
    return () => {
      view.isOver = true;
      for (const [kind, hearer] of Object.entries(hearers)) model.off(kind, hearer);
      addresses.forEach((address) => URL.revokeObjectURL(address));
      end();
    };
  },
};
