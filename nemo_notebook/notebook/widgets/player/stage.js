// What a film is seen on: the one that is shown, and behind it the one that comes.

const DARK = 16; // of 255: what a fade from black begins with
const POSED_S = 2;
const POSE_PATIENCE_MS = 1500;

async function sought(media, at_s) {
  const seen = once(media, "seeked", "error");
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
        const shown = once(media, "loadedmetadata", "error");
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

  async blob(film, isWanted) {
    if (film.size > LARGEST_BYTES) throw new Error(say(this.model, "too large", { path: film.near || film.name }));
    try {
      const onProgress = (done) => isWanted() && this.tell("loading", done / film.size);
      return await wholeFilm(this.link, film, onProgress, isWanted);
    } finally {
      this.tell("loading", null);
    }
  }

  /** Have the picture of a moment; where that lies behind the end, of the beginning. */
  async arrive(media, at_s) {
    const wish_s = at_s < (media.duration || Infinity) - 0.05 ? at_s : 0;
    if (wish_s > 0) await sought(media, wish_s);
    else if (media.readyState < 2) await once(media, "loadeddata", "error");
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
      for (const each of Stage.EVENTS) this.media.addEventListener(each, (event) => this.hear(event));
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
Stage.EVENTS = "timeupdate play pause ended seeked progress volumechange ratechange durationchange error".split(" ");
