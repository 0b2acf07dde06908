const SAVED_MS = 500;
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
    const { root, body, link, end } = begin({ model, el }, "player");
    Object.assign(this, { model, root, body, link, kept: keeper(link), loading: null, frame: 0, shownKey: "" });
    root.setAttribute("aria-label", say(model, "player"));
    this.screen = make("div", "nemo-player-stage", body);
    this.screen.tabIndex = -1;
    this.sound = make("div", "nemo-player-sound", this.screen);
    this.mark = make("div", "nemo-player-badge nemo-figures", this.screen);
    this.big = make("button", "nemo-player-big", this.screen);
    this.big.append(icon("play"));
    this.big.tabIndex = -1; // the button below is for the keyboard
    this.big.setAttribute("aria-hidden", "true");
    this.told = make("div", "nemo-unseen", root);
    this.told.setAttribute("role", "status");
    this.stage = new Stage(model, link, this.screen, (what, value) => this.tell(what, value));
    const wanted = this.wanted();
    this.controls = new Controls(model, body, wanted);
    this.blank = new Blank(model, this.screen, wanted);
    this.foot = new Foot(model, this.controls.foot, wanted);
    this.leave = [...this.listen(wanted), () => this.stage.close(), end];
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
      download: (film) => download(model, link, film, (what, value) => this.tell(what, value)),
      auto: (isAuto) => {
        model.set("auto", isAuto);
        model.save_changes();
      },
    };
  }

  /** Hear the pointer, the keys, the kernel and the other parts; gives what ends each. */
  listen(wanted) {
    const { model, link, stage, screen, root, body, controls } = this;
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
    document.addEventListener("fullscreenchange", onFull);
    link.on("seek", ({ at_s }) => stage.seek(at_s));
    const hear = (name, hearer) => {
      model.on(`change:${name}`, hearer);
      return () => model.off(`change:${name}`, hearer);
    };
    const draw = () => this.draw();
    return [
      hear("film", () => this.show()),
      ...["work", "is_ready", "can_preview", "has_failed", "auto", "aspect"].map((name) => hear(name, draw)),
      overhear(model, "seek", ({ at_s }) => stage.seek(at_s)),
      overhear(model, "play", () => stage.toggle()),
      overhear(model, "show", ({ job }) => this.present(job)),
      () => document.removeEventListener("fullscreenchange", onFull),
      () => clearTimeout(idle),
      () => cancelAnimationFrame(this.frame),
      () => this.kept.end(),
    ];
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
    if (!View.MOVES.includes(what)) return;
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
View.MOVES = ["play", "pause", "ended", "seeking", "seeked", "timeupdate"];

function render(context) {
  const view = new View(context);
  return () => view.leave.forEach((each) => each());
}

/** Hand a film to the user's disk. */
async function download(model, link, film, tell) {
  const taken = make("a");
  taken.download = film.name;
  try {
    taken.href = (await filmAddress(model, film)) ?? "";
    if (!taken.getAttribute("href")) {
      if (film.size > LARGEST_BYTES) throw new Error(say(model, "too large", { path: film.near || film.name }));
      const blob = await wholeFilm(link, film, (done) => tell("loading", done / film.size));
      taken.href = URL.createObjectURL(blob);
      setTimeout(() => URL.revokeObjectURL(taken.href), 60_000);
    }
    taken.click();
  } catch (error) {
    tell("trouble", error);
  } finally {
    tell("loading", null);
  }
}

export default { render };
