// The playhead: a slider above the lanes, which goes where the player is and takes the player along.

const STEP_MS = 100;

class Playhead {
  /** `part` is the view; `time` the element that tells the time in words. */
  constructor(part, time) {
    this.part = part;
    this.time = time;
    this.ms = 1000 * part.model.get("playhead_s");
    this.head = make("div", "nemo-timeline-head", part.stage);
    this.head.setAttribute("role", "slider");
    this.head.setAttribute("aria-label", part.say("playhead"));
    this.head.setAttribute("aria-valuemin", "0");
    this.head.tabIndex = 0;
    this.head.addEventListener("keydown", (event) => this.key(event));
  }

  /** Go to a time, and tell the player. */
  seek(ms) {
    this.stand(Math.round(ms));
    shout(this.part.model, "seek", { at_s: this.ms / 1000 });
    this.note(this.ms / 1000);
  }

  stand(ms) {
    this.ms = Math.max(0, ms);
    this.part.draw();
  }

  /** Where the player is. */
  follow({ at_s, is_playing }) {
    this.stand(1000 * at_s);
    const { scale, hand } = this.part;
    if (is_playing && !hand.drag && !scale.isSeen(this.ms, 8)) scale.scrollBehind(this.ms);
    clearTimeout(this.noting);
    if (!is_playing) this.note(at_s);
  }

  /** Let Python know, once it stands still. */
  note(at_s) {
    clearTimeout(this.noting);
    this.noting = setTimeout(() => this.part.note("playhead_s", at_s), 200);
  }

  /** Show where it is. */
  tell() {
    const { timeline, scale } = this.part;
    const told = `${moment(this.ms, 1)} / ${moment(timeline.end, 1)}`;
    if (this.time.textContent !== told) {
      this.time.textContent = told;
      this.head.setAttribute("aria-valuemax", (timeline.end / 1000).toFixed(1));
      this.head.setAttribute("aria-valuenow", (Math.min(this.ms, timeline.end) / 1000).toFixed(1));
      this.head.setAttribute("aria-valuetext", moment(this.ms, 1));
    }
    this.head.style.transform = `translateX(${scale.within(this.ms) - 8}px)`;
  }

  key(event) {
    const { timeline, scale } = this.part;
    const step = event.shiftKey ? 1000 : STEP_MS;
    const cuts = () => cutsOf(timeline, new Set());
    const goals = {
      ArrowLeft: () => this.ms - step,
      ArrowDown: () => this.ms - step,
      ArrowRight: () => this.ms + step,
      ArrowUp: () => this.ms + step,
      PageDown: () => cuts()[placeOf(cuts(), this.ms) - 1] ?? 0,
      PageUp: () => cuts()[placeOf(cuts(), this.ms + 1)] ?? timeline.end,
      Home: () => 0,
      End: () => timeline.end,
    };
    const goal = goals[event.key];
    if (!goal || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    this.seek(Math.min(Math.max(0, goal()), timeline.end));
    if (!scale.isSeen(this.ms, 8)) scale.scrollTo(scale.scrolled + scale.x(this.ms) - scale.width / 2);
  }

  close() {
    clearTimeout(this.noting);
  }
}
