// How a part's page and its Python talk, parts of a page with each other, and where files of the server are.

const PATIENCE_MS = 30_000;
// When nothing has come by then, the kernel is asked whether it is there at all; it says so at once, be it busy or not.
const DOUBT_MS = 8_000;
const SIGN_OF_LIFE_MS = { restart: 6_000, doubt: 20_000 };
// A message that was not answered by then goes by the control channel too: the kernel is busy with a cell, or was
// restarted behind the page's back and knows the page's subshell no longer.
const EAGER_MS = { urgent: 400, other: 3_000 };
const SOCKET_KEPT_MS = 5_000;
const READ_BYTES = 1 << 20; // of a file, in one message
const READS = 4; // on their way at once

/** Hear an event of a model until the signal. */
function hear(model, name, hearer, signal) {
  model.on(name, hearer);
  signal.addEventListener("abort", () => model.off(name, hearer));
}

/**
 * What a view and its kernel say to each other, until the signal.
 *
 * `onLife` is told whether there is still somebody to talk to: not after the kernel was restarted, nor while the
 * connection is broken.
 */
function connect(model, signal, onLife) {
  const waiting = new Map();
  const hearers = new Map();
  let isAlive = true;
  let doubt = null; // the question whether it lives, while it is asked

  const live = (isSo) => {
    if (isSo === isAlive) return;
    isAlive = isSo;
    onLife(isSo);
    if (isSo) return;
    [...waiting.values()].forEach((asked) => asked.fail(new Error(say(model, "gone"))));
    shout(model, "gone", {});
  };
  const take = (content, buffers) => {
    live(true);
    const asked = content.answer && waiting.get(content.answer);
    if (asked) asked.hear(content, buffers ?? []);
    else if (content.say) hearers.get(content.say)?.forEach((hearer) => hearer(content, buffers ?? []));
  };

  /** Ask the part's Python; rejects with what went wrong. `patience_ms: 0` waits for as long as it takes. */
  const ask = (what, content = {}, buffers = [], { patience_ms = PATIENCE_MS, urgent = false } = {}) => {
    const key = newId();
    const message = { ...content, do: what, ask: key };
    return new Promise((done, fail) => {
      const timers = [];
      const after = (time_ms, work) => timers.push(setTimeout(work, time_ms));
      const leave = () => {
        timers.forEach(clearTimeout);
        waiting.delete(key);
      };
      const refuse = (error) => {
        leave();
        fail(error);
      };
      waiting.set(key, {
        leave,
        fail: refuse,
        hear(answer, data) {
          leave();
          if (answer.error === undefined) return done({ content: answer.content, buffers: data });
          fail(Object.assign(new Error(answer.error), { hint: answer.hint }));
        },
      });
      if (patience_ms) after(patience_ms, () => refuse(new Error(say(model, "no answer"))));
      if (!buffers.length) after(urgent ? EAGER_MS.urgent : EAGER_MS.other, () => sendControl(model, message));
      if (what !== "hello") after(DOUBT_MS, () => look(SIGN_OF_LIFE_MS.doubt));
      try {
        model.send(message, undefined, buffers);
      } catch {
        refuse(new Error(say(model, "gone"))); // its comm is closed
      }
    });
  };

  /** See whether the kernel still knows this part. Where there is no way past a busy cell, silence says nothing. */
  const look = (patience_ms) => {
    if (!server()) return;
    doubt ??= ask("hello", {}, [], { patience_ms, urgent: true })
      .then(() => live(true), () => live(false))
      .finally(() => (doubt = null));
  };
  const restarts = () => look(SIGN_OF_LIFE_MS.restart);
  // JupyterLab says when a kernel is restarted, or starts again by itself; others tell it by the comm alone, or not at all.
  const status = model.widget_manager?.kernel?.statusChanged;
  const heed = (_, now) => /restarting|dead/.test(now) && restarts();
  const lookAgain = () => !isAlive && document.visibilityState === "visible" && restarts();
  overhear(model, "gone", () => isAlive && restarts(), signal);
  hear(model, "msg:custom", take, signal);
  hear(model, "comm_live_update", restarts, signal);
  status?.connect(heed);
  document.addEventListener("visibilitychange", lookAgain, { signal }); // as when a lid is opened
  signal.addEventListener("abort", () => {
    status?.disconnect(heed);
    [...waiting.values()].forEach((asked) => asked.leave());
  });

  return {
    ask,
    get isAlive() {
      return isAlive;
    },
    /** Hear what the part says of its own accord. */
    on(kind, hearer) {
      hearers.set(kind, [...(hearers.get(kind) ?? []), hearer]);
    },
  };
}

/**
 * Say something to the other parts of the same session on this page, without a way through the kernel.
 *
 * `playhead` {at_s, is_playing}: the player is there; `seek` {at_s}: the player is to go there; `play`: it is to play, or
 * to pause; `select` {segment}; `prompt` {text}: words to be put into the prompt; `gone`: the kernel does not answer.
 */
function shout(model, kind, detail) {
  window.dispatchEvent(new CustomEvent(`nemo:${kind}`, { detail: { ...detail, session: model.get("session_id") } }));
}

/** Hear what other parts of the same session shout, until the signal. */
function overhear(model, kind, hearer, signal) {
  const take = ({ detail }) => detail.session === model.get("session_id") && hearer(detail);
  window.addEventListener(`nemo:${kind}`, take, { signal });
}

/** The Jupyter server that this page comes from, if it does: the base of its addresses. */
function server() {
  const page = document.getElementById("jupyter-config-data");
  try {
    return page ? new URL(JSON.parse(page.textContent).baseUrl, location.href) : null;
  } catch {
    return null;
  }
}

let control = null; // the kernel's channels, while they are in use

/** Say something to the part by the kernel's control channel, which is heard while a cell runs. */
function sendControl(model, message) {
  const base = server();
  const kernel = model.get("kernel_id");
  if (!base || !kernel) return;
  const session = newId();
  if (!control || control.kernel !== kernel || control.socket.readyState > WebSocket.OPEN) {
    const address = new URL(`api/kernels/${encodeURIComponent(kernel)}/channels`, base);
    address.protocol = address.protocol === "https:" ? "wss:" : "ws:";
    address.searchParams.set("session_id", session);
    control = { kernel, session, socket: new WebSocket(address) };
  }
  const mine = control;
  clearTimeout(mine.timer);
  mine.timer = setTimeout(() => mine.socket.close(), SOCKET_KEPT_MS);
  const header = { msg_id: message.ask, msg_type: "nemo_urgent", session: mine.session, username: "", version: "5.3" };
  const content = { part_id: model.get("part_id"), data: message };
  const whole = { header: { ...header, date: new Date().toISOString() }, parent_header: {}, metadata: {}, content };
  const send = () => mine.socket.send(JSON.stringify({ ...whole, channel: "control", buffers: [] }));
  if (mine.socket.readyState === WebSocket.OPEN) send();
  else mine.socket.addEventListener("open", send, { once: true });
}

/** The notebook's folder on the Jupyter server, by its kernel; null where there is none. */
async function notebookFolder(model, base) {
  const answer = await fetch(new URL("api/sessions", base));
  const sessions = answer.ok ? await answer.json() : [];
  const mine = sessions.find((each) => each.kernel?.id === model.get("kernel_id"));
  return mine ? mine.path.split("/").slice(0, -1) : null;
}

/**
 * The address of a file on the Jupyter server, which a player can seek in; null if the server does not give it.
 *
 * `near` is the file's path relative to the notebook, `size` how many bytes it has.
 */
async function fileAddress(model, near, size) {
  const base = server();
  if (!base || !near) return null;
  try {
    const folder = await notebookFolder(model, base);
    if (!folder) return null;
    for (const step of near.split("/")) {
      if (step === "..") {
        if (!folder.length) return null;
        folder.pop();
      } else if (step && step !== ".") folder.push(step);
    }
    const address = new URL(`files/${folder.map(encodeURIComponent).join("/")}`, base);
    const answer = await fetch(address, { headers: { Range: "bytes=0-0" } });
    const total = answer.headers.get("Content-Range")?.split("/")[1];
    await answer.body?.cancel();
    return answer.status === 206 && Number(total) === size ? address.href : null;
  } catch {
    return null;
  }
}

/** The bytes of a served file from the kernel, in order, several slices asked for at once; ends where `isWanted` ends it. */
async function* slices(link, key, begin, end, size, isWanted = () => true) {
  const asked = [];
  let at = begin;
  const more = () => {
    if (at >= end) return;
    const asking = link.ask("read", { key, offset: at, size: Math.min(size, end - at) });
    asking.catch(() => {}); // it is told where it is awaited, if it still is
    asked.push(asking);
    at += size;
  };
  for (let n = 0; n < READS; n += 1) more();
  while (asked.length) {
    const { buffers } = await asked.shift();
    if (!isWanted()) return;
    more();
    yield buffers[0];
  }
}

/** Open a page that knows nothing of this one. Gives whether the browser has done it, as far as that can be told. */
function openPage(address) {
  const user = navigator.userActivation;
  if (!user?.isActive) return false; // the click is too long ago: the browser would take it for a pop-up
  window.open(address, "_blank", "noopener,noreferrer"); // gives null in any case
  return !user.isActive; // a page that is opened uses the click up
}
