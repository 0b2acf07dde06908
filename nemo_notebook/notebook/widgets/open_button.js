/** Open a page that knows nothing of this one. Gives whether the browser has done it, as far as that can be told. */
function opened(address) {
  const user = navigator.userActivation;
  if (!user?.isActive) return false; // the click is too long ago: the browser would take it for a pop-up
  window.open(address, "_blank", "noopener,noreferrer"); // gives null in any case
  return !user.isActive; // a page that is opened uses the click up
}

/** A link in place of the button; its address is in this page's memory alone. */
function offer(body, model, address, follow) {
  const link = document.createElement("a");
  link.className = "nemo-button nemo-primary";
  link.href = address;
  link.target = "_blank";
  link.rel = "noopener noreferrer";
  link.append(icon("open"), say(model, "follow"));
  body.replaceChildren(link);
  const words = make("span", "nemo-quiet", body, say(model, "kept"), { role: "status" });
  link.addEventListener("click", follow);
  link.addEventListener("auxclick", follow);
  link.focus();
}

function render(view) {
  const { model } = view;
  const { body, link, end } = begin(view, "open-button");
  const open = button(body, "open", say(model, "open"), { text: true });
  const label = open.lastElementChild;
  const used = () => setTimeout(() => link.ask("opened", {}, [], { patience_ms: 0 }).catch(() => {}));

  open.addEventListener("click", async () => {
    open.disabled = true;
    label.textContent = say(model, "opening");
    try {
      const { content } = await link.ask("open", {}, [], { patience_ms: 0 });
      if (opened(content.address)) used();
      else offer(body, model, content.address, used);
    } catch {
      open.disabled = false; // what went wrong is told below
      label.textContent = say(model, "open");
      open.focus();
    }
  });

  return () => {
    end();
    body.replaceChildren();
  };
}

export default { render };
