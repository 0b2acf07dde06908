// How a page gets at the bytes of a film: by the Jupyter server's own address of it, else through the kernel.

const AHEAD_S = 20; // is buffered
const BEHIND_S = 30; // is kept
const LEAST_AHEAD_S = 4; // where a browser has little room
const HOLE_S = 0.3; // is stepped over
const SLICE_BYTES = 64 << 10; // what a seek waits for at most, where the way is slow
const READ_BYTES = 1 << 20;
const IN_FLIGHT = 3;
const LARGEST_BYTES = 300e6; // of a file that is kept in the page as a whole

/** The bytes of a film from the kernel, in order, several slices asked for at once; ends where `isWanted` ends it. */
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
  for (let n = 0; n < IN_FLIGHT; n += 1) more();
  while (asked.length) {
    const { buffers } = await asked.shift();
    if (!isWanted()) return;
    more();
    yield buffers[0];
  }
}

/** An event that is waited for, or the error that comes instead. */
function once(target, good, bad) {
  return new Promise((done, fail) => {
    const over = (settle) => () => {
      target.removeEventListener(good, onGood);
      target.removeEventListener(bad, onBad);
      settle();
    };
    const onGood = over(done);
    const onBad = over(() => fail(target.error ?? new Error(bad)));
    target.addEventListener(good, onGood);
    target.addEventListener(bad, onBad);
  });
}

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
    this.wake = () => {};
    this.look = () => {
      this.stepOver();
      this.wake();
    };
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
    Feeder.EVENTS.forEach((each) => this.video.addEventListener(each, this.look));
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
    return this.buffer.updating ? once(this.buffer, "updateend", "error") : null;
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
    Feeder.EVENTS.forEach((each) => this.video.removeEventListener(each, this.look));
    if (this.address) URL.revokeObjectURL(this.address);
  }
}
Feeder.EVENTS = ["timeupdate", "seeking", "waiting", "stalled", "progress"];

/** The whole file through the kernel; null if it is not wanted any more. */
async function wholeFilm(link, film, onProgress, isWanted = () => true) {
  const parts = [];
  let done = 0;
  for await (const part of slices(link, film.key, 0, film.size, READ_BYTES, isWanted)) {
    parts.push(part);
    onProgress((done += part.byteLength));
  }
  return done === film.size ? new Blob(parts, { type: film.mime }) : null;
}

/** The address of an export on the Jupyter server; other bytes at the same place get another address. */
async function filmAddress(model, film) {
  const address = await fileAddress(model, film.near, film.size);
  return address && `${address}?film=${encodeURIComponent(film.key)}`;
}
