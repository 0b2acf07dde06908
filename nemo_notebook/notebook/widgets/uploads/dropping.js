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
function dropZone(model, root, body, { onFiles, onAddress }) {
  const zone = make("button", "nemo-drop", body);
  zone.append(icon("upload"));
  const words = make("span", "nemo-drop-words", zone);
  const first = make("strong", "", words, say(model, "drop"));
  make("span", "nemo-quiet", words, say(model, "browse"));
  const limit = make("span", "nemo-quiet nemo-drop-limit", zone);
  const tellLimit = () => (limit.textContent = model.get("max_mb") ? say(model, "limit", { mb: model.get("max_mb") }) : "");
  tellLimit();
  model.on("change:max_mb", tellLimit);
  const picker = (isFolder) => {
    const input = make("input", "nemo-unseen", body);
    Object.assign(input, { type: "file", multiple: true, tabIndex: -1, webkitdirectory: isFolder });
    if (!isFolder) input.accept = model.get("endings");
    input.setAttribute("aria-hidden", "true");
    input.addEventListener("change", () => {
      const picked = [...input.files].filter((file) => !isFolder || !file.name.startsWith("."));
      onFiles(picked.map((file) => ({ file, isLoose: isFolder })));
      input.value = "";
    });
    return input;
  };
  const files = picker(false);
  const folder = picker(true);
  zone.addEventListener("click", () => files.click());
  const line = make("div", "nemo-address", body);
  const field = make("input", "nemo-input", line);
  Object.assign(field, { type: "url", placeholder: say(model, "address hint"), spellcheck: false });
  field.setAttribute("aria-label", say(model, "address"));
  const add = button(line, "plus", say(model, "add"), { text: true });
  const tree = button(line, "folder", say(model, "folder"), { text: true, kind: "nemo-terse" });
  tree.title = say(model, "folder");
  tree.addEventListener("click", () => folder.click());
  const enter = () => {
    if (field.value.trim()) onAddress(field.value.trim());
    field.value = "";
    field.focus();
  };
  add.addEventListener("click", enter);
  field.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || isComposing(event)) return; // JupyterLab keeps a form from hearing of it
    event.preventDefault();
    enter();
  });
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
  const leave = watchDrags(root, light, onFiles);
  return () => {
    leave();
    model.off("change:max_mb", tellLimit);
  };
}

/** Files dropped anywhere on the panel are taken; beside it, they do not make the browser leave the page for them. */
function watchDrags(root, light, onFiles) {
  const gone = new AbortController();
  const on = (names, hear, capture = true) =>
    names.forEach((name) => window.addEventListener(name, hear, { signal: gone.signal, capture }));
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
  return () => gone.abort();
}

function panelOf(root) {
  return root.closest(".nemo-studio") ?? root;
}
