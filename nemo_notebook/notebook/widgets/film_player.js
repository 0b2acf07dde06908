// How a page gets at the bytes of a film: by the Jupyter server's own address of it, else through the kernel.

const AHEAD_S = 20; // is buffered
const BEHIND_S = 30; // is kept
const LEAST_AHEAD_S = 4; // where a browser has little room
const HOLE_S = 0.3; // is stepped over
const SLICE_BYTES = 64 << 10; // what a seek waits for at most, where the way is slow
const LARGEST_BYTES = 300e6; // of a file that is kept in the page as a whole
const FEEDER_EVENTS = ["timeupdate", "seeking", "waiting", "stalled", "progress"];

/** Whether a player has all of a stretch. */
function holds({ buffered }, begin, end) {
  const hole_s = Math.min(HOLE_S, (end - begin) / 4);
  for (let n = 0; n < buffered.length; n += 1)
    if (buffered.start(n) <= begin + hole_s && buffered.end(n) >= end - hole_s) return true;
  return false;
}

/** Feeds a player with the pieces of a preview around where it is, and takes away what lies behind. */
class Feeder {
  constructor(link, film, video, onError) {
    Object.assign(this, { link, film, video, onError, isOver: false, ahead_s: AHEAD_S });
    this.over = new AbortController();
    this.wake = () => {};
  }

  /** Whether the browser takes it; if so, it begins. */
  async begin() {
    const Source = window.ManagedMediaSource ?? window.MediaSource;
    if (!Source) return false;
    const { content } = await this.link.ask("pieces", { key: this.film.key });
    const type = `video/mp4; codecs="${content.codecs}"`;
    if (!content.pieces.length || !Source.isTypeSupported(type)) return false;
    this.pieces = content.pieces.map(([start, offset, size], n, all) => {
      return { start, offset, size, end: all[n + 1]?.[0] ?? this.film.duration_s };
    });
    this.source = new Source();
    this.address = URL.createObjectURL(this.source);
    if (window.ManagedMediaSource) this.video.disableRemotePlayback = true; // Safari's condition for it
    this.video.src = this.address;
    await once(this.source, "sourceopen", "sourceclose");
    this.buffer = this.source.addSourceBuffer(type);
    this.source.duration = this.film.duration_s;
    const look = () => {
      this.stepOver();
      this.wake();
    };
    for (const each of FEEDER_EVENTS) this.video.addEventListener(each, look, { signal: this.over.signal });
    this.run(content.head_bytes).catch((error) => this.isOver || this.onError(error));
    return true;
  }

  async run(headBytes) {
    const { link, film, source, video } = this;
    for await (const slice of slices(link, film.key, 0, headBytes, READ_BYTES)) await this.append(slice);
    const tries = new Map();
    while (!this.isOver) {
      const n = this.next();
      if (n >= 0) {
        tries.set(n, (tries.get(n) ?? 0) + 1);
        if (tries.get(n) > 20) throw new Error("It cannot be buffered.");
        await this.load(n);
        await this.evict(BEHIND_S, Infinity, BEHIND_S / 3);
      } else {
        const last = this.pieces.at(-1);
        if (source.readyState === "open" && holds(video, last.start, last.end)) source.endOfStream();
        tries.clear();
        await new Promise((done) => (this.wake = done));
      }
    }
  }

  /** The piece that is wanted first; -1 for none. */
  next() {
    const { pieces, video, film } = this;
    const at = Math.min(video.currentTime, film.duration_s - 0.01);
    const first = Math.max(0, pieces.findLastIndex((piece) => piece.start <= at));
    for (let n = first; n < pieces.length && pieces[n].start < at + this.ahead_s; n += 1)
      if (!holds(video, n === first ? Math.min(at, pieces[n].end - HOLE_S) : pieces[n].start, pieces[n].end)) return n;
    return -1;
  }

  async load(n) {
    const { link, film, buffer } = this;
    const { offset, size } = this.pieces[n];
    const isWanted = () => !this.isOver && [-1, n, n + 1].includes(this.next()); // else it was sought elsewhere
    const all = slices(link, film.key, offset, offset + size, SLICE_BYTES, isWanted);
    for await (const slice of all) await this.append(slice);
    await this.settled();
    if (!this.isOver && !isWanted()) buffer.abort(); // the rest of it will not come
  }

  settled() {
    return this.buffer.updating ? once(this.buffer, "updateend") : null;
  }

  async append(data) {
    for (let tries = 0; ; tries += 1) {
      await this.settled();
      if (this.isOver) return;
      try {
        this.buffer.appendBuffer(data);
        await this.settled();
        return;
      } catch (error) {
        if (error.name !== "QuotaExceededError" || tries > 3) throw error;
        this.ahead_s = Math.max(LEAST_AHEAD_S, this.ahead_s / 2);
        await this.evict(1, this.ahead_s);
      }
    }
  }

  /** Take away what lies further from the playhead than that; behind it only once that is `worth_s` more. */
  async evict(behind_s, forward_s, worth_s = 0) {
    const { pieces, video } = this;
    const at = video.currentTime;
    const begin = pieces.findLast((piece) => piece.start <= at - behind_s)?.start ?? 0;
    const end = pieces.find((piece) => piece.start >= at + forward_s)?.start ?? Infinity;
    if (video.buffered.length && begin - video.buffered.start(0) > worth_s) await this.remove(0, begin);
    if (end < this.film.duration_s) await this.remove(end, Infinity);
  }

  async remove(begin, end) {
    await this.settled();
    if (this.isOver) return;
    this.buffer.remove(begin, end);
    await this.settled();
  }

  /** Go on behind a small hole in what is buffered. */
  stepOver() {
    const { buffered, currentTime, paused } = this.video;
    if (paused && currentTime > 0) return;
    for (let n = 0; n < buffered.length; n += 1) {
      const hole_s = buffered.start(n) - currentTime;
      if (hole_s > 0.001 && hole_s < HOLE_S) this.video.currentTime = buffered.start(n) + 0.001;
    }
  }

  end() {
    this.isOver = true;
    this.wake();
    this.over.abort();
    if (this.address) URL.revokeObjectURL(this.address);
  }
}

/** The address of an export on the Jupyter server; other bytes at the same place get another address. */
async function filmAddress(model, film) {
  const address = await fileAddress(model, film.near, film.size);
  return address && `${address}?film=${encodeURIComponent(film.key)}`;
}

// What a film is seen on: the one that is shown, and behind it the one that comes.

const DARK = 16; // of 255: what a fade from black begins with
const POSED_S = 2;
const POSE_PATIENCE_MS = 1500;
const STAGE_EVENTS =
  "timeupdate play pause ended seeked progress volumechange ratechange durationchange error".split(" ");

async function sought(media, at_s) {
  const seen = once(media, "seeked");
  media.currentTime = at_s;
  await seen;
}

function drawn(media, width) {
  const canvas = make("canvas", "nemo-player-media nemo-player-poster");
  canvas.width = width;
  canvas.height = Math.round((width * media.videoHeight) / media.videoWidth);
  canvas.getContext("2d").drawImage(media, 0, 0, canvas.width, canvas.height);
  return canvas;
}

function isDark(media) {
  const small = drawn(media, 16);
  const { data } = small.getContext("2d").getImageData(0, 0, small.width, small.height);
  return data.every((each, n) => n % 4 === 3 || each < DARK);
}

/** A film that begins in the dark shows a later picture until it is played. */
async function pose(media) {
  const at_s = Math.min(POSED_S, media.duration / 4);
  if (!isDark(media) || !(at_s > 0)) return;
  const patience = new Promise((done) => setTimeout(done, POSE_PATIENCE_MS));
  await Promise.race([sought(media, at_s), patience]);
  if (!media.seeking && !isDark(media)) {
    const poster = drawn(media, Math.min(960, media.videoWidth));
    media.after(poster);
    const gone = () => media.currentTime > 0.05 || !media.paused ? poster.remove() : null;
    for (const each of ["play", "seeking"]) media.addEventListener(each, gone);
    media.addEventListener("emptied", () => poster.remove());
  }
  await sought(media, 0);
}

/** Shows one film after another without a flash between them. */
class Stage {
  constructor(model, link, element, tell) {
    Object.assign(this, { model, link, element, tell, media: null, film: {}, loading: null, wish_s: null });
    this.how = { volume: 1, muted: false, playbackRate: 1 };
    this.isLooping = false;
  }

  get at_s() {
    return this.wish_s ?? this.media?.currentTime ?? 0;
  }

  get whole_s() {
    const [told, own] = [this.film.duration_s ?? 0, this.media?.duration];
    return Number.isFinite(own) && Math.abs(own - told) > 0.5 ? own : told; // streams end some milliseconds apart
  }

  /** Show another film, at the same moment; the one before stays until it can be seen. */
  async show(film, at_s) {
    if (film.key && film.key === (this.loading ?? this.film).key) {
      if (!this.loading) this.film = film;
      return this.tell("film");
    }
    this.loading = film;
    const isWanted = () => this.loading === film;
    let made = null;
    let trouble = null;
    try {
      if (film.look === "video" || film.look === "sound") made = await this.play(film, at_s, isWanted);
      else if (film.look === "picture") made = await this.picture(film, isWanted);
    } catch (error) {
      trouble = error;
    }
    if (isWanted()) {
      this.loading = null;
      this.adopt(film, made);
      if (trouble) this.tell("trouble", trouble);
    } else made?.end();
  }

  /** A player that shows the film at that moment, by the first way that works; null if the film is not wanted. */
  async play(film, at_s, isWanted) {
    let last = null;
    for (const way of this.ways(film, isWanted)) {
      const kind = film.look === "sound" ? "audio" : "video";
      const media = make(kind, "nemo-player-media nemo-player-coming", this.element);
      media.preload = "auto";
      media.playsInline = true;
      const made = { media, end: () => this.leave(media) };
      try {
        const shown = once(media, "loadedmetadata");
        shown.catch(() => {});
        const end = await way(media, (error) => this.broken(film, media, error));
        if (end && isWanted()) {
          made.end = () => (end === true || end(), this.leave(media));
          await shown;
          await this.arrive(media, this.media ? this.at_s : at_s);
          if (isWanted()) return made;
        }
      } catch (error) {
        last = error;
      }
      made.end();
      if (!isWanted()) return null;
    }
    throw last ?? new Error(say(this.model, "no bytes"));
  }

  *ways(film, isWanted) {
    if (film.is_pieces && !film.is_whole)
      yield async (media, onError) => {
        const feeder = new Feeder(this.link, film, media, onError);
        const end = () => feeder.end();
        return (await feeder.begin()) ? end : (end(), null);
      };
    if (film.near)
      yield async (media) => {
        const address = await filmAddress(this.model, film);
        if (address) media.src = address;
        return Boolean(address);
      };
    yield async (media) => {
      const blob = await this.blob(film, isWanted);
      if (!blob) return null;
      const address = URL.createObjectURL(blob);
      media.src = address;
      return () => URL.revokeObjectURL(address);
    };
  }

  /** Hand a film to the user's disk. */
  async download(film) {
    saveAs((await filmAddress(this.model, film)) ?? (await this.blob(film)), film.name);
  }

  /** The whole file through the kernel; null if it is not wanted any more. */
  async blob(film, isWanted = () => true) {
    if (film.size > LARGEST_BYTES) throw new Error(say(this.model, "too large", { path: film.near || film.name }));
    try {
      const parts = [];
      let done = 0;
      for await (const part of slices(this.link, film.key, 0, film.size, READ_BYTES, isWanted)) {
        parts.push(part);
        done += part.byteLength;
        this.tell("loading", done / film.size);
      }
      return done === film.size ? new Blob(parts, { type: film.mime }) : null;
    } finally {
      this.tell("loading", null);
    }
  }

  /** Have the picture of a moment; where that lies behind the end, of the beginning. */
  async arrive(media, at_s) {
    const wish_s = at_s < (media.duration || Infinity) - 0.05 ? at_s : 0;
    if (wish_s > 0) await sought(media, wish_s);
    else if (media.readyState < 2) await once(media, "loadeddata");
    const wentOn = this.media && !this.media.paused && wish_s > 0;
    if (wentOn) await sought(media, this.media.currentTime + 0.05);
    if (!this.media && !wish_s && media.videoWidth) await pose(media).catch(() => {});
  }

  async picture(film, isWanted) {
    const image = make("img", "nemo-player-media nemo-player-coming", this.element);
    image.alt = film.name;
    let address = await filmAddress(this.model, film);
    let end = () => {};
    if (!address) {
      const blob = await this.blob(film, isWanted);
      address = blob && URL.createObjectURL(blob);
      end = () => URL.revokeObjectURL(address);
    }
    const made = { image, end: () => (end(), image.remove()) };
    image.src = address ?? "";
    await image.decode().catch((error) => {
      made.end();
      throw error;
    });
    return made;
  }

  /** Let what is made be what is seen. */
  adopt(film, made) {
    const before = { end: this.end, media: this.media };
    const isPlaying = before.media && !before.media.paused;
    Object.assign(this, { film, media: made?.media ?? null, image: made?.image ?? null, end: made?.end, wish_s: null });
    if (this.media) {
      Object.assign(this.media, this.how);
      for (const each of STAGE_EVENTS) this.media.addEventListener(each, (event) => this.hear(event));
      if (isPlaying || film.key === this.wanted) this.media.play().catch(() => {});
      this.wanted = null;
    }
    (made?.media ?? made?.image)?.classList.remove("nemo-player-coming");
    before.end?.();
    this.tell("film");
  }

  hear({ type, target }) {
    if (target !== this.media) return;
    if (type === "seeked" && this.wish_s !== null) {
      const wish_s = this.wish_s;
      if (Math.abs(target.currentTime - wish_s) > 0.02 && wish_s !== this.tried_s) {
        target.currentTime = this.tried_s = wish_s; // it was dragged further meanwhile
        return;
      }
      this.wish_s = this.tried_s = null;
    }
    if (type === "ended" && this.isLooping) {
      this.seek(0);
      target.play().catch(() => {});
    }
    if (type === "error") this.broken(this.film, target, target.error);
    this.tell(type);
  }

  /** A film that played until now broke off: it is tried once more as a whole. */
  broken(film, media, error) {
    if (media !== this.media) media.dispatchEvent(new Event("error")); // who waits for it goes on with another way
    else if (film.is_pieces && !film.is_whole) {
      const at_s = this.at_s;
      this.film = {};
      this.show({ ...film, is_whole: true }, at_s);
    } else this.tell("trouble", error ?? new Error(say(this.model, "no bytes")));
  }

  /** Play a film, at once or when it is there. */
  start(key) {
    this.wanted = key;
    if (this.loading || this.film.key !== key) return;
    this.wanted = null;
    this.media?.play().catch(() => {});
  }

  toggle() {
    if (!this.media) return;
    if (!this.media.paused) this.media.pause();
    else this.media.play().catch(() => {});
  }

  seek(at_s) {
    if (!this.media || !Number.isFinite(at_s)) return;
    const wasSeeking = this.wish_s !== null;
    this.wish_s = Math.min(Math.max(0, at_s), this.whole_s);
    if (!wasSeeking || !this.media.seeking) this.media.currentTime = this.tried_s = this.wish_s;
    this.tell("seeking");
  }

  set(how) {
    Object.assign(this.how, how);
    if (this.media) Object.assign(this.media, how);
  }

  leave(media) {
    media.pause();
    media.removeAttribute("src");
    media.load(); // lets go of what it holds
    media.remove();
  }

  close() {
    this.loading = {};
    this.end?.();
    this.media = null;
  }
}

// The player's controls. They tell what is wanted, and show what they are told.

const SPEEDS = [0.25, 0.5, 0.75, 1, 1.25, 1.5, 2];

Object.assign(ICONS, {
  aside: "M2 3.5h12v9H2zM8.5 8h3.5v2.5H8.5z",
  loop: "M3 7.5V7a3 3 0 013-3h6M9.8 1.8L12 4 9.8 6.2M13 8.5V9a3 3 0 01-3 3H4M6.2 14.2L4 12l2.2-2.2",
  small: "M6 2.5V6H2.5M10 2.5V6h3.5M10 13.5V10h3.5M6 13.5V10H2.5",
});

/** The row of controls, and the bar above it. */
class Controls {
  constructor(model, body, wanted) {
    Object.assign(this, { model, body, wanted });
    const values = { "aria-valuemin": 0, "aria-valuenow": 0, "aria-valuemax": 0 };
    const slider = { role: "slider", tabindex: 0, "aria-label": say(model, "position"), ...values };
    this.bar = make("div", "nemo-player-bar", body, null, slider);
    this.rail = make("div", "nemo-player-rail", this.bar);
    this.done = make("div", "nemo-player-done", this.bar);
    this.knob = make("div", "nemo-player-knob", this.bar);
    this.hover = make("div", "nemo-player-hover nemo-figures", this.bar, null, { "aria-hidden": "true" });
    this.row = make("div", "nemo-wrap nemo-player-row", body);
    this.play = this.sign("play", "play", wanted.toggle);
    this.mute = this.sign("sound", "mute", wanted.mute);
    const range = { type: "range", min: 0, max: 1, step: 0.05, value: 1, "aria-label": say(model, "volume") };
    const input = () => wanted.volume(Number(this.volume.value));
    this.volume = make("input", "nemo-player-volume", this.row, null, { ...range, input });
    this.time = make("span", "nemo-player-time nemo-figures", this.row, "0:00 / 0:00");
    this.foot = make("div", "nemo-row nemo-player-foot", this.row);
    const change = () => wanted.speed(Number(this.speed.value));
    const choice = { "aria-label": say(model, "speed"), change };
    this.speed = make("select", "nemo-input nemo-player-speed nemo-figures", this.row, null, choice);
    for (const each of SPEEDS) make("option", "", this.speed, `${each}×`, { value: each });
    this.speed.value = "1";
    this.loop = this.sign("loop", "loop", wanted.loop);
    this.loop.setAttribute("aria-pressed", "false");
    this.aside = this.sign("aside", "aside", wanted.aside);
    this.full = this.sign("full", "full", wanted.full);
    this.own = [...this.row.children].filter((each) => each !== this.foot);
    this.pointer();
  }

  /** Show the controls where something plays. Where a preview is to come, keep their room, so that nothing moves then. */
  appear(isPlayed, isToCome) {
    for (const each of this.own) each.hidden = !isPlayed;
    this.full.hidden ||= !this.body.requestFullscreen;
    this.bar.hidden = !isPlayed && !isToCome;
    this.bar.classList.toggle("nemo-player-to-come", !isPlayed && isToCome);
  }

  sign(sign, label, act) {
    return button(this.row, sign, say(this.model, label), { act });
  }

  rename(made, sign, label) {
    rename(made, sign, say(this.model, label));
  }

  pointer() {
    const { bar } = this;
    const at = (event) => {
      const { left, width } = bar.getBoundingClientRect();
      return Math.min(1, Math.max(0, (event.clientX - left) / width));
    };
    bar.addEventListener("pointermove", (event) => {
      const part = at(event);
      this.hover.textContent = clock(part * this.whole_s);
      this.hover.style.left = `clamp(20px, ${100 * part}%, calc(100% - 20px))`;
      if (bar.hasPointerCapture(event.pointerId)) this.wanted.seek(part * this.whole_s);
    });
    bar.addEventListener("pointerdown", (event) => {
      if (event.button) return;
      bar.setPointerCapture(event.pointerId);
      this.wanted.seek(at(event) * this.whole_s);
    });
  }

  /** Show where it is, and how much of it is there. */
  draw(media, at_s, whole_s) {
    this.whole_s = whole_s;
    const part = whole_s ? Math.min(1, at_s / whole_s) : 0;
    this.done.style.transform = `scaleX(${part})`;
    this.knob.style.left = `${100 * part}%`;
    const time = `${clock(at_s)} / ${clock(whole_s)}`;
    if (this.time.textContent !== time) {
      this.time.textContent = time;
      this.bar.setAttribute("aria-valuenow", at_s.toFixed(0));
      this.bar.setAttribute("aria-valuemax", whole_s.toFixed(0));
      const words = say(this.model, "of", { at: clock(at_s), whole: clock(whole_s) });
      this.bar.setAttribute("aria-valuetext", words);
    }
    const { buffered } = media;
    const stops = [];
    for (let n = 0; n < buffered.length; n += 1) {
      const at = (each_s) => `${((100 * each_s) / (whole_s || 1)).toFixed(2)}%`;
      const [from, to] = [at(buffered.start(n)), at(buffered.end(n))];
      stops.push(`transparent ${from}`, `var(--nemo-edge) ${from} ${to}`, `transparent ${to}`);
    }
    const there = `linear-gradient(to right, ${["transparent 0%", ...stops, "transparent 100%"].join(", ")})`;
    if (this.there !== there) this.rail.style.backgroundImage = this.there = there;
  }

  /** Show how it plays. */
  state(media, isSound) {
    this.rename(this.play, media.paused ? "play" : "pause", media.paused ? "play" : "pause");
    const isMute = media.muted || !media.volume;
    this.rename(this.mute, isMute ? "mute" : "sound", isMute ? "unmute" : "mute");
    this.volume.value = String(media.muted ? 0 : media.volume);
    this.speed.value = String(media.playbackRate);
    this.aside.hidden = isSound || !document.pictureInPictureEnabled || !media.requestPictureInPicture;
  }
}

/** What is there where no film is: words, and what can be done. */
class Blank {
  constructor(model, stage, { preview, download }) {
    Object.assign(this, { model, preview, download });
    this.box = make("div", "nemo-column nemo-player-blank", stage);
  }

  tell(film) {
    const { model, box } = this;
    box.replaceChildren();
    const isFile = Boolean(film.key);
    const isReady = model.get("is_ready");
    const key = isFile ? "not played" : !isReady ? "nothing" : model.get("can_preview") ? "unseen" : "export first";
    box.append(icon(isFile && film.look === "sound" ? "music" : "film"));
    make("div", "nemo-player-blank-head", box, isFile ? film.name : say(model, key));
    const why = !isFile ? `${key} why` : film.look === "file" ? key : "no bytes";
    make("div", "nemo-quiet", box, say(model, why));
    if (isFile) {
      button(box, "download", say(model, "download"), { text: true, act: () => this.download(film) });
    } else if (isReady && model.get("can_preview") && model.get("work").done === undefined) {
      button(box, "play", say(model, "preview"), { text: true, kind: "nemo-primary", act: this.preview });
    }
  }
}

const TELLING = 0.05; // of the work, before which the time that is left is a guess

/** Among the controls: how far a preview is, and the way to one. */
class Foot {
  constructor(model, row, wanted) {
    Object.assign(this, { model, row });
    this.words = make("span", "nemo-player-words nemo-quiet nemo-figures", this.row);
    const named = { max: 1, "aria-label": say(model, "preview") };
    this.progress = make("progress", "nemo-progress nemo-player-progress", this.row, null, named);
    this.label = make("label", "nemo-row nemo-player-auto", this.row, null, { title: say(model, "auto why") });
    const change = () => wanted.auto(this.auto.checked);
    this.auto = make("input", "", this.label, null, { type: "checkbox", change });
    make("span", "", this.label, say(model, "auto"));
    this.preview = button(this.row, "retry", say(model, "preview"), { text: true, act: wanted.preview });
    this.cancel = button(this.row, "close", say(model, "cancel"), { text: true, act: wanted.cancel });
  }

  tell(film, loading) {
    const { model } = this;
    const { done, left_s } = model.get("work");
    const isWorking = done !== undefined;
    const part = isWorking ? done : loading;
    const isLoading = part !== null && part !== undefined;
    const words = [];
    if (isWorking) {
      words.push(say(model, "rendering", { percent: Math.floor(100 * done) }));
      if (left_s !== null && done >= TELLING) words.push(say(model, "left", { left: clock(left_s) }));
    } else if (isLoading) {
      words.push(say(model, "loading", { done: bytes(part * film.size), whole: bytes(film.size) }));
    }
    this.words.textContent = words.join(" · ");
    this.progress.hidden = !isLoading;
    this.progress.value = part ?? 0;
    const canPreview = model.get("can_preview") && model.get("is_ready");
    const isNeeded = film.key ? film.is_old : model.get("has_failed");
    this.label.hidden = !canPreview || isWorking;
    this.auto.checked = model.get("auto");
    this.preview.hidden = !canPreview || isWorking || !(isNeeded || model.get("has_failed"));
    this.preview.lastChild.textContent = say(model, model.get("has_failed") ? "again" : "preview");
    this.cancel.hidden = !isWorking;
    this.row.classList.toggle("nemo-player-busy", isLoading);
  }
}

const SAVED_MS = 500;
const MOVES = ["play", "pause", "ended", "seeking", "seeked", "timeupdate"]; // of the playhead
const SAME_SHAPE = 0.02; // of the aspect, within which sizes are rounded to even pixels
const IDLE_MS = 3_000; // in full screen, after which the controls are hidden

/** What the kernel is told of the playhead: at most twice a second while it plays, and one at a time. */
function keeper(link) {
  let last_s = null;
  let isUrgent = false;
  let isAsking = false;
  let timer = 0;
  const send = () => {
    clearTimeout(timer);
    timer = 0;
    if (isAsking || last_s === null) return;
    const at_s = last_s;
    last_s = null;
    isUrgent = false;
    isAsking = true;
    const over = () => {
      isAsking = false;
      if (last_s !== null) timer = setTimeout(send, isUrgent ? 0 : SAVED_MS);
    };
    link.ask("at", { at_s }).then(over, over);
  };
  return {
    keep(at_s, isAtOnce) {
      last_s = at_s;
      isUrgent ||= isAtOnce;
      if (isAtOnce) send();
      else timer ||= setTimeout(send, SAVED_MS);
    },
    end: () => clearTimeout(timer),
  };
}

/** What an export of another shape than the timeline is called; empty for one of the same. */
function otherShape(aspect, width, height) {
  if (!aspect || !width || Math.abs(width / height / aspect - 1) < SAME_SHAPE) return "";
  return width === height ? "square " : width > height ? "wide " : "tall ";
}

function badge(model, element, film, media, image) {
  const [width, height] = media ? [media.videoWidth, media.videoHeight] : [image?.naturalWidth, image?.naturalHeight];
  const size = image ? `${width} × ${height}` : height ? `${Math.min(width, height)}p` : "";
  const shape = film.kind === "export" ? otherShape(model.get("aspect"), width, height) : "";
  const kind = film.kind && say(model, `is ${shape}${film.kind}`, { size }).trim();
  element.replaceChildren();
  element.hidden = !kind;
  element.classList.toggle("nemo-player-old", Boolean(film.is_old));
  element.title = film.is_old ? say(model, "old why") : shape ? say(model, "other shape") : film.name ?? "";
  if (film.is_old) make("strong", "", element, say(model, "is old"));
  if (kind) make("span", "", element, kind);
}

/** Keys for all of it; those that a control under the focus has a use for are its own. */
function keys(stage, wanted) {
  const go = (by_s) => stage.seek(stage.at_s + by_s);
  const frame = (by) => {
    const fps = stage.film.fps || 30;
    stage.media?.pause();
    stage.seek((Math.floor(stage.at_s * fps + 0.01) + by + 0.1) / fps);
  };
  const acts = {
    " ": wanted.toggle, k: wanted.toggle, m: wanted.mute, f: wanted.full, l: wanted.loop,
    ArrowLeft: () => go(-1), ArrowRight: () => go(1), ",": () => frame(-1), ".": () => frame(1),
    Home: () => stage.seek(0), End: () => stage.seek(stage.whole_s),
  };
  return (event) => {
    const { target, key } = event;
    if (event.ctrlKey || event.metaKey || event.altKey || isComposing(event) || target.tagName === "SELECT") return;
    const isOwn = target.type === "range" ? /^(Arrow|Home|End|Page)/.test(key) : key === " ";
    if (target.tagName === "INPUT" && isOwn) return;
    if (target.closest("button, a") && (key === " " || key === "Enter")) return;
    const toPart = () => stage.seek((stage.whole_s * Number(key)) / 10);
    const act = /^[0-9]$/.test(key) ? toPart : acts[key.length > 1 ? key : key.toLowerCase()];
    if (!act || !stage.media) return;
    event.preventDefault();
    event.stopPropagation();
    act();
  };
}

/** One player on a page. */
class View {
  constructor({ model, el }) {
    const view = begin({ model, el }, "player");
    const { root, body, link } = view;
    Object.assign(this, { model, root, body, link, kept: keeper(link), loading: null, frame: 0, shownKey: "" });
    root.setAttribute("aria-label", say(model, "player"));
    this.screen = make("div", "nemo-box nemo-player-stage", body, null, { tabindex: -1 });
    this.sound = make("div", "nemo-column nemo-player-sound", this.screen);
    this.mark = make("div", "nemo-row nemo-player-badge nemo-figures", this.screen);
    const forMouse = { tabindex: -1, "aria-hidden": true }; // the button below is for the keyboard
    this.big = make("button", "nemo-button nemo-player-big", this.screen, null, forMouse);
    this.big.append(icon("play"));
    this.told = make("div", "nemo-unseen", root, null, { role: "status" });
    this.stage = new Stage(model, link, this.screen, (what, value) => this.tell(what, value));
    const wanted = this.wanted();
    this.controls = new Controls(model, body, wanted);
    this.blank = new Blank(model, this.screen, wanted);
    this.foot = new Foot(model, this.controls.foot, wanted);
    this.listen(view, wanted);
    this.end = view.end;
    this.draw();
    this.show();
  }

  /** What can be done. */
  wanted() {
    const { model, link, stage, body } = this;
    const trouble = (error) => this.trouble(error);
    return {
      toggle: () => stage.toggle(),
      mute: () => stage.set({ muted: !(stage.how.muted || !stage.how.volume), volume: stage.how.volume || 1 }),
      volume: (volume) => stage.set({ volume, muted: false }),
      speed: (rate) => stage.set({ playbackRate: rate, defaultPlaybackRate: rate }),
      seek: (at_s) => stage.seek(at_s),
      loop: () => this.controls.loop.setAttribute("aria-pressed", String((stage.isLooping = !stage.isLooping))),
      aside: () => {
        const isAside = Boolean(document.pictureInPictureElement);
        (isAside ? document.exitPictureInPicture() : stage.media?.requestPictureInPicture())?.catch(trouble);
      },
      full: () => (document.fullscreenElement ? document.exitFullscreen() : body.requestFullscreen?.())?.catch(trouble),
      preview: () => link.ask("preview").catch(trouble),
      cancel: () => link.ask("cancel", {}, [], { urgent: true }).catch(trouble),
      download: (film) => stage.download(film).catch(trouble),
      auto: (isAuto) => {
        model.set("auto", isAuto);
        model.save_changes();
      },
    };
  }

  /** Hear the pointer, the keys, the kernel and the other parts. */
  listen({ hear, overhear, signal }, wanted) {
    const { link, stage, screen, root, body, controls } = this;
    screen.addEventListener("click", ({ target }) => {
      if (target.closest(".nemo-player-blank") || !stage.media) return;
      screen.focus({ preventScroll: true });
      stage.toggle();
    });
    root.addEventListener("keydown", keys(stage, wanted));
    let idle = 0;
    const wake = () => {
      clearTimeout(idle);
      body.classList.remove("nemo-player-idle");
      if (document.fullscreenElement === body) idle = setTimeout(() => body.classList.add("nemo-player-idle"), IDLE_MS);
    };
    for (const each of ["pointermove", "pointerdown", "keydown"]) body.addEventListener(each, wake);
    const onFull = () => {
      const how = document.fullscreenElement === body ? "small" : "full";
      controls.rename(controls.full, how, how);
      wake();
    };
    document.addEventListener("fullscreenchange", onFull, { signal });
    link.on("seek", ({ at_s }) => stage.seek(at_s));
    hear("film", () => this.show());
    hear("work is_ready can_preview has_failed auto aspect", () => this.draw());
    overhear("seek", ({ at_s }) => stage.seek(at_s));
    overhear("play", () => stage.toggle());
    overhear("show", ({ job }) => this.present(job));
    signal.addEventListener("abort", () => {
      clearTimeout(idle);
      cancelAnimationFrame(this.frame);
      this.kept.end();
      stage.close();
    });
  }

  show() {
    this.stage.show(this.model.get("film"), this.model.get("playhead_s"));
  }

  /** Bring an export into view, and play it. */
  async present(job) {
    this.root.scrollIntoView({ block: "nearest" });
    try {
      const { content } = await this.link.ask("show", { job });
      this.stage.start(content);
    } catch (error) {
      this.trouble(error);
    }
  }

  trouble(error) {
    this.told.textContent = this.foot.words.textContent = error.message;
  }

  /** Hear of the stage. */
  tell(what, value) {
    if (what === "trouble") return this.trouble(value);
    if (what === "loading") this.loading = value;
    const { media, film, at_s, whole_s } = this.stage;
    if (what === "film" || what === "loading") this.draw();
    if (what === "film") {
      if (film.kind === "preview" && film.key !== this.shownKey) this.told.textContent = say(this.model, "ready");
      this.shownKey = film.key;
    }
    if (!media) return;
    this.controls.draw(media, at_s, whole_s);
    this.controls.state(media, film.look === "sound");
    this.big.hidden = !media.paused || at_s > 0.05;
    if (!MOVES.includes(what)) return;
    this.kept.keep(at_s, what === "pause" || what === "seeked");
    shout(this.model, "playhead", { at_s, is_playing: !media.paused });
    if (!media.paused && !this.frame) this.frame = requestAnimationFrame(() => this.tick());
  }

  tick() {
    const { media, at_s, whole_s } = this.stage;
    this.frame = 0;
    if (!media || media.paused) return;
    this.frame = requestAnimationFrame(() => this.tick());
    this.controls.draw(media, at_s, whole_s);
    shout(this.model, "playhead", { at_s, is_playing: true });
  }

  draw() {
    const { film, media, image, at_s } = this.stage;
    const { model, root, screen, sound, blank } = this;
    root.dataset.look = media || image ? film.look : "blank";
    this.controls.appear(Boolean(media), !image && model.get("is_ready") && model.get("can_preview"));
    if (media) this.controls.state(media, film.look === "sound");
    this.big.hidden = !media || !media.paused || at_s > 0.05;
    badge(model, this.mark, film, media, image);
    sound.replaceChildren();
    if (film.look === "sound") sound.append(icon("music"), make("span", "", null, film.name));
    const [width, height] = media ? [media.videoWidth, media.videoHeight] : [image?.naturalWidth, image?.naturalHeight];
    screen.style.setProperty("--aspect", width ? `${width} / ${height}` : model.get("aspect") || "16 / 9");
    blank.box.hidden = Boolean(media || image);
    if (!blank.box.hidden) blank.tell(film);
    this.foot.tell(film, this.loading);
  }
}

function render(context) {
  return new View(context).end;
}

export default { render };
