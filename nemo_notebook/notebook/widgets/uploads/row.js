/** One row of a list: a picture, a name, what is to be told of it, and what can be done. It stands before uploader.js. */
function rowView(model, list, { onCancel, onRetry }) {
  const root = make("li", "nemo-file", list);
  const frame = make("div", "nemo-glance", root);
  const words = make("div", "nemo-file-words", root);
  const name = make("div", "nemo-file-name", words);
  const facts = make("div", "nemo-file-facts nemo-quiet nemo-figures", words);
  const bar = make("div", "nemo-progress", words);
  const done = make("div", "", bar);
  const hint = make("div", "nemo-file-hint nemo-hint nemo-quiet", words);
  const acts = make("div", "nemo-file-acts", root);
  const again = button(acts, "retry", "");
  const off = button(acts, "close", "");
  again.addEventListener("click", onRetry);
  off.addEventListener("click", onCancel);
  bar.setAttribute("role", "progressbar");
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
      const picture = make("img");
      Object.assign(picture, { src: address, alt: "", draggable: false });
      view.look(picture);
    },
    tell({ title, text, share = null, help = "", isWrong = false, canRetry = false, canCancel = false, isOver = false }) {
      name.textContent = title;
      name.title = title;
      facts.textContent = text;
      hint.replaceChildren();
      prose(hint, help);
      root.classList.toggle("nemo-wrong", isWrong);
      bar.hidden = share === null;
      if (share !== null) {
        done.style.width = `${(100 * share).toFixed(1)}%`;
        bar.setAttribute("aria-valuenow", String(Math.round(100 * share)));
        bar.setAttribute("aria-label", say(model, "progress", { name: title }));
      }
      for (const [act, shown, label] of [[again, canRetry, "retry"], [off, canCancel, isOver ? "remove" : "cancel"]]) {
        act.hidden = !shown;
        act.title = say(model, label, { name: title });
        act.setAttribute("aria-label", act.title);
      }
    },
    remove() {
      if (address) URL.revokeObjectURL(address);
      root.remove();
    },
  };
  return view;
}
