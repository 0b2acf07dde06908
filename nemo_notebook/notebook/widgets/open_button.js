/** A link in place of the button; its address is in this page's memory alone. */
function offer(body, model, address, follow) {
  body.replaceChildren();
  const attributes = { href: address, target: "_blank", rel: "noopener noreferrer", click: follow, auxclick: follow };
  const link = make("a", "nemo-button nemo-primary", body, null, attributes);
  link.append(icon("open"), say(model, "follow"));
  make("span", "nemo-quiet", body, say(model, "kept"), { role: "status" });
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
      if (openPage(content.address)) used();
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
