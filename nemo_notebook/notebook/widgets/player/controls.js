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
    this.bar = make("div", "nemo-player-bar", body);
    this.bar.tabIndex = 0;
    this.bar.setAttribute("role", "slider");
    this.bar.setAttribute("aria-label", say(model, "position"));
    for (const [name, value] of [["min", 0], ["now", 0], ["max", 0]]) this.bar.setAttribute(`aria-value${name}`, value);
    this.rail = make("div", "nemo-player-rail", this.bar);
    this.done = make("div", "nemo-player-done", this.bar);
    this.knob = make("div", "nemo-player-knob", this.bar);
    this.hover = make("div", "nemo-player-hover nemo-figures", this.bar);
    this.hover.setAttribute("aria-hidden", "true");
    this.row = make("div", "nemo-player-row", body);
    this.play = this.sign("play", "play", wanted.toggle);
    this.mute = this.sign("sound", "mute", wanted.mute);
    this.volume = make("input", "nemo-player-volume", this.row);
    Object.assign(this.volume, { type: "range", min: "0", max: "1", step: "0.05", value: "1" });
    this.volume.setAttribute("aria-label", say(model, "volume"));
    this.volume.addEventListener("input", () => wanted.volume(Number(this.volume.value)));
    this.time = make("span", "nemo-player-time nemo-figures", this.row, "0:00 / 0:00");
    this.foot = make("div", "nemo-player-foot", this.row);
    this.speed = make("select", "nemo-input nemo-player-speed nemo-figures", this.row);
    this.speed.setAttribute("aria-label", say(model, "speed"));
    for (const each of SPEEDS) make("option", "", this.speed, `${each}×`).value = String(each);
    this.speed.value = "1";
    this.speed.addEventListener("change", () => wanted.speed(Number(this.speed.value)));
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
    const made = button(this.row, sign, say(this.model, label));
    made.addEventListener("click", act);
    return made;
  }

  /** Give a button another sign and name. */
  rename(made, sign, label) {
    const name = say(this.model, label);
    if (made.title === name) return;
    made.replaceChildren(icon(sign));
    made.title = name;
    made.setAttribute("aria-label", name);
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
    this.box = make("div", "nemo-player-blank", stage);
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
      const taken = button(box, "download", say(model, "download"), { text: true });
      taken.addEventListener("click", () => this.download(film));
    } else if (isReady && model.get("can_preview") && model.get("work").done === undefined) {
      const made = button(box, "play", say(model, "preview"), { text: true, kind: "nemo-primary" });
      made.addEventListener("click", this.preview);
    }
  }
}

const TELLING = 0.05; // of the work, before which the time that is left is a guess

/** Among the controls: how far a preview is, and the way to one. */
class Foot {
  constructor(model, row, wanted) {
    Object.assign(this, { model, row });
    this.words = make("span", "nemo-player-words nemo-quiet nemo-figures", this.row);
    this.progress = make("div", "nemo-progress nemo-player-progress", this.row);
    this.progress.setAttribute("role", "progressbar");
    this.progress.setAttribute("aria-label", say(model, "preview"));
    this.part = make("div", "", this.progress);
    const label = make("label", "nemo-player-auto", this.row);
    label.title = say(model, "auto why");
    this.auto = make("input", "", label);
    this.auto.type = "checkbox";
    make("span", "", label, say(model, "auto"));
    this.label = label;
    this.auto.addEventListener("change", () => wanted.auto(this.auto.checked));
    this.preview = button(this.row, "retry", say(model, "preview"), { text: true });
    this.preview.addEventListener("click", wanted.preview);
    this.cancel = button(this.row, "close", say(model, "cancel"), { text: true });
    this.cancel.addEventListener("click", wanted.cancel);
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
    this.progress.setAttribute("aria-valuenow", String(Math.round(100 * (part ?? 0))));
    this.part.style.width = `${100 * (part ?? 0)}%`;
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
