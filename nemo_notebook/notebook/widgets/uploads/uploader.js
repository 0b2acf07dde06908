const QUIET_MS = 3_000; // of the kernel, after which a page says that it waits
const LOST_MS = 10_000; // of a file that another page was to bring
const STALE_MS = 45_000; // an upload of a cell that was interrupted is never told to have ended

function render({ model, el }) {
  const { root, body, link, end } = begin({ model, el }, "uploader");
  root.setAttribute("aria-label", say(model, "title"));
  const t = (key, values) => say(model, key, values);
  const items = new Map(); // what is on its way, by id; those with a file are this page's own
  const there = new Map(); // what the session has, by key
  const gone = new Set(); // ids of what is not on its way any more
  const pieces = turnstile(AT_ONCE_PIECES);
  const files = turnstile(AT_ONCE_FILES);
  const glances = turnstile(1);
  let heardAt = performance.now();
  let movedAt = heardAt; // when some file was seen to come

  const leaveZone = dropZone(model, root, body, { onFiles: add, onAddress: fetchFrom });
  const news = make("div", "nemo-unseen", body);
  news.setAttribute("role", "status");
  const note = make("p", "nemo-note nemo-quiet", body);
  const listOf = (key) => {
    const list = make("ul", `nemo-files nemo-files-${key}`, body);
    list.setAttribute("aria-label", t(key));
    return list;
  };
  const coming = listOf("transfers");
  const refusals = refusalsLine(model, body, clearAll);
  const kept = listOf("media");
  const empty = make("p", "nemo-empty nemo-quiet", body, t("empty"));
  tidy();

  function tidy() {
    refusals.tell([...items.values()]);
    coming.hidden = !items.size;
    kept.hidden = !there.size;
    kept.tabIndex = there.size > 4 ? 0 : -1; // it scrolls, and keys are to reach it
    empty.hidden = items.size + there.size > 0;
  }

  /** Whether the page that was to bring a file is gone. */
  function isLost({ row, file, at }) {
    if (row.is_lost || file || row.has_file) return row.is_lost && !file;
    const since = { receiving: at, queued: movedAt }[row.state] ?? Infinity;
    return performance.now() - since > LOST_MS;
  }

  function newItem(id, row, file = null) {
    const item = { id, row, file, isOff: false, digests: [], at: performance.now() };
    item.problem = (key) => Object.assign(new Error(t(key)), { hint: t(`${key} hint`) });
    item.heard = () => (heardAt = performance.now());
    item.view = rowView(model, coming, { onCancel: () => cancel(item), onRetry: () => retry(item) });
    item.view.look(null, row.kind);
    items.set(id, item);
    show(item);
    return item;
  }

  function show(item) {
    const { row } = item;
    const isStopped = row.state === "stopped" || row.state === "refused";
    item.view.tell({
      title: row.name,
      text: isStopped ? row.error || t(row.is_lost ? "lost" : "stopped") : wordsOf(item),
      help: isStopped ? row.hint : isLost(item) ? t("lost") : "",
      share: ["receiving", "sending"].includes(row.state) && !row.has_file ? row.done ?? 0 : null,
      isWrong: isStopped,
      canRetry: canRetry(item),
      canCancel: !row.is_elsewhere,
      isOver: isStopped,
    });
  }

  function wordsOf({ row, file }) {
    const size = row.size ? bytes(row.size) : "";
    if (row.state === "checking") return [size, t("checking")].filter(Boolean).join(" · ");
    if (row.state === "queued") return [size, t("queued")].filter(Boolean).join(" · ");
    const left = row.left_s != null && row.done < 1 ? t("left", { left: clock(Math.ceil(row.left_s)) }) : "";
    if (row.state === "receiving") {
      if (file && performance.now() - heardAt > QUIET_MS) return t("busy");
      const rate = row.rate ? t("rate", { rate: bytes(row.rate) }) : "";
      const done = t("receiving", { done: bytes(row.done * row.size), size });
      return [`${Math.floor(100 * row.done)} %`, done, rate, left].filter(Boolean).join(" · ");
    }
    const stage = row.has_file ? "fetching" : row.stage === "convert" ? "convert" : model.get("is_local") ? "local" : "cloud";
    return [row.has_file ? "" : `${Math.floor(100 * row.done)} %`, t(stage), left].filter(Boolean).join(" · ");
  }

  function refuse(item, { message, error, hint, why }) {
    Object.assign(item.row, { state: "refused", error: message ?? error, hint, why, can_retry: false });
    show(item);
  }

  function tellReader(key, values) {
    news.textContent = t(key, values);
  }

  /** Take away what was refused before; what has to be chosen again stays, unless it is `all`. */
  function clearRefusals(all = false) {
    note.textContent = "";
    for (const item of [...items.values()].filter((each) => isOver(each) && (all || !each.row.is_lost))) cancel(item);
  }

  function clearAll() {
    clearRefusals(true);
    root.querySelector(".nemo-drop").focus();
  }

  async function add(chosen) {
    clearRefusals();
    note.textContent = chosen.length > MOST_FILES ? t("too many", { most: MOST_FILES }) : "";
    const fresh = chosen.slice(0, MOST_FILES).map(({ file, isLoose }) => {
      const kind = file.type.split("/")[0];
      const item = newItem(newId(), { name: file.name, kind, size: file.size, state: "checking" }, file);
      return Object.assign(item, { isLoose });
    });
    tidy();
    if (!fresh.length) return;
    const rows = fresh.map((item) => item.view.root);
    reveal(coming, rows);
    for (const item of fresh) {
      item.facts = { id: item.id, name: item.file.name, size: item.file.size, type: item.file.type };
    }
    try {
      judge(fresh, await askPatiently(link, "check", { files: fresh.map((item) => item.facts) }));
    } catch (error) {
      fresh.forEach((item) => refuse(item, error));
    }
    tidy();
    reveal(coming, rows);
    news.textContent = outcomeWords(model, fresh.filter((item) => items.has(item.id)));
  }

  /** Let through what the rules allow; the others stay with the reason. */
  function judge(fresh, verdicts) {
    let leftOut = 0;
    fresh.forEach((item, at) => {
      const { is_media: isMedia, error, name, kind } = verdicts[at];
      if (!items.has(item.id)) return; // taken back meanwhile
      Object.assign(item.row, { name, kind: kind === "other" ? item.row.kind : kind });
      if (item.isLoose && !isMedia) {
        leftOut += 1;
        drop(item);
      } else if (error) refuse(item, verdicts[at]);
      else {
        const lost = [...items.values()].find((each) => isLost(each) && each.row.name === name && each.row.size === item.row.size);
        if (lost) cancel(lost); // this is it again
        item.row.state = "queued";
        show(item);
        send(item);
        look(item);
      }
    });
    if (leftOut) note.textContent = t("left out", { count: leftOut });
  }

  async function send(item) {
    await files.enter();
    heardAt = performance.now();
    try {
      if (!item.isOff) await bring(link, item, pieces, model.get("piece_bytes"));
    } catch (error) {
      if (item.isOff) return;
      Object.assign(item.row, { state: "stopped", error: error.message, hint: error.hint ?? "" });
      show(item);
      tellReader("said refused", { name: item.row.name, error: error.message });
    } finally {
      files.leave();
    }
  }

  async function look(item) {
    await glances.enter();
    const isLeft = item.isOff && !item.became;
    const picture = isLeft ? null : await glance(item.file, item.row.kind);
    glances.leave();
    const view = item.became ?? item.view; // it may have arrived before it was looked at
    if (picture && !view.picture) view.look(picture, item.row.kind);
  }

  async function fetchFrom(address) {
    clearRefusals();
    const id = newId();
    const name = address.split(/[?#]/)[0].replace(/\/\/.*@/, "//"); // without a password
    const item = newItem(id, { name, kind: "", state: "queued", size: 0, has_file: true });
    tidy();
    reveal(coming, [item.view.root]);
    try {
      await askPatiently(link, "fetch", { id, url: address });
    } catch (error) {
      if (!items.has(id)) return;
      refuse(item, error);
      tidy();
      news.textContent = outcomeWords(model, [item]);
    }
  }

  function retry(item) {
    if (item.row.can_retry) return void link.ask("retry", { id: item.id }).catch((error) => refuse(item, error));
    item.isOff = false;
    Object.assign(item.row, { state: "queued", error: "", hint: "" });
    show(item);
    send(item);
  }

  function cancel(item) {
    const next = item.view.root.nextElementSibling ?? item.view.root.previousElementSibling;
    const isFocused = item.view.root.contains(document.activeElement);
    const wasRefused = item.row.state === "refused"; // the kernel knows nothing of it
    gone.add(item.id);
    drop(item);
    if (isFocused) (next?.querySelector(".nemo-file-acts button:not([hidden])") ?? root.querySelector(".nemo-drop")).focus();
    if (!wasRefused) link.ask("cancel", { id: item.id }, [], { urgent: true, patience_ms: 0 }).catch(() => {});
  }

  function drop(item) {
    item.isOff = true;
    items.delete(item.id);
    item.view.remove();
    tidy();
  }

  function hearTransfer({ row }) {
    let item = items.get(row.id);
    if (!item) {
      if (gone.has(row.id)) return; // said before its end was heard of
      item = newItem(row.id, row);
    }
    item.at = performance.now();
    if (item.row.state !== "stopped" && row.state === "stopped") {
      item.isOff = true;
      tellReader("said refused", { name: row.name, error: row.error ?? t("lost") });
    }
    if (row.state === "receiving") movedAt = item.at;
    item.row = { ...item.row, ...row };
    show(item);
    tidy();
  }

  function hearGone({ id }) {
    gone.add(id);
    const item = items.get(id);
    if (item) drop(item);
  }

  function hearMedia({ media, id }, pictures) {
    const from = id ? items.get(id) : null;
    media.forEach((each) => {
      let view = there.get(each.key);
      if (!view) {
        view = rowView(model, kept, {});
        view.look(null, each.kind);
        there.set(each.key, view);
      }
      const facts = [each.duration_s ? clock(Math.round(each.duration_s)) : "", each.width ? `${each.width}×${each.height}` : ""];
      view.tell({ title: each.name, text: [...facts, each.size ? bytes(each.size) : ""].filter(Boolean).join(" · ") });
      if (each.picture >= 0) view.lookAt(pictures[each.picture]);
      else if (from?.view.picture && !view.picture) view.look(from.view.picture, each.kind);
      if (!from) return;
      from.became = view;
      reveal(kept, [view.root]);
      tellReader("said there", { name: each.name });
    });
    if (id) hearGone({ id });
    tidy();
  }

  link.on("transfer", hearTransfer);
  link.on("gone", hearGone);
  link.on("media", hearMedia);
  link
    .ask("look", {}, [], { patience_ms: 0 })
    .then(({ content, buffers }) => {
      content.transfers.forEach((row) => hearTransfer({ row }));
      hearMedia(content, buffers);
    })
    .catch(() => {}); // the line of troubles says why
  const ticking = setInterval(() => {
    for (const item of items.values()) {
      if (item.row.is_elsewhere && performance.now() - item.at > STALE_MS) drop(item);
      else if (["receiving", "queued"].includes(item.row.state)) show(item);
    }
  }, 1000);

  return () => {
    clearInterval(ticking);
    leaveZone();
    const ids = [...items.values()].filter((item) => item.file && item.row.state !== "sending").map(({ id }) => id);
    if (ids.length) link.ask("leave", { ids }, [], { urgent: true, patience_ms: 0 }).catch(() => {});
    for (const item of items.values()) {
      item.isOff = true;
      item.view.remove();
    }
    there.forEach((view) => view.remove());
    end();
  };
}

function newId() {
  return crypto.randomUUID?.() ?? `${Date.now()}-${Math.random()}`;
}

export default { render };
