// Which moment is where: how much time is in a pixel, how far it is scrolled, and how all of it fits.

const LEFT = { wide: 76, narrow: 40 };
const NARROW = 480;
const AFTER = 24; // pixels behind the end
const CLOSEST = 1; // pixels in a millisecond
const WIDEST = 12_000_000; // pixels: browsers make nothing wider

class Scale {
  /** `draw` is called when all is to be drawn anew. */
  constructor(scroller, draw) {
    this.scroller = scroller;
    this.draw = draw;
    this.end = 0; // of the timeline
    this.perMs = 0.05;
    this.isFitted = true;
  }

  /** Take the room there is; what is to be seen whole is fitted into it again. */
  lay(isHeld) {
    const before = this.width;
    this.width = this.scroller.clientWidth;
    this.left = this.width < NARROW ? LEFT.narrow : LEFT.wide;
    const reach = this.end * this.perMs;
    const isOff = this.width !== before || reach > this.room + AFTER - 4 || reach < 0.6 * this.room;
    if (this.isFitted && !isHeld && this.room > 0 && isOff) this.fit();
  }

  /** The pixels that the lanes have. */
  get room() {
    return this.width - this.left - AFTER;
  }

  /** How wide all of it is. */
  get wide() {
    return Math.max(this.width, this.left + this.end * this.perMs + AFTER);
  }

  get scrolled() {
    return this.wish ?? this.scroller.scrollLeft;
  }

  x(ms) {
    return this.left + ms * this.perMs - this.scrolled;
  }

  ms(x) {
    return (x - this.left + this.scrolled) / this.perMs;
  }

  /** Where a moment is, or the side behind which it is. */
  within(ms) {
    return Math.min(Math.max(this.x(ms), this.left), this.width);
  }

  isSeen(ms, slack = 0) {
    const x = this.x(ms);
    return x >= this.left && x <= this.width - slack;
  }

  /** Scroll, with the next frame. */
  scrollTo(x) {
    this.wish = Math.min(this.wide - this.width, Math.max(0, x));
    this.draw();
  }

  /** Scroll so far that a moment stands a little behind the left side. */
  scrollBehind(ms) {
    this.scrollTo(this.scrolled + this.x(ms) - this.left - 40);
  }

  /** Do what was wished of scrolling; called once a frame. */
  settle() {
    if (this.wish !== undefined) this.scroller.scrollLeft = this.wish;
    this.wish = undefined;
  }

  /** Go closer, or away, about a place that stays where it is. */
  zoom(by, about) {
    const ms = this.ms(about);
    this.isFitted = false;
    this.take(this.perMs * by);
    this.scrollTo(ms * this.perMs + this.left - about);
  }

  fit() {
    this.take(this.room / Math.max(1000, this.end));
    this.isFitted = true;
    this.scrollTo(0);
  }

  take(perMs) {
    const end = Math.max(1000, this.end);
    const least = Math.min(0.1, this.room / end / 1.2);
    this.perMs = Math.max(least, Math.min(perMs, CLOSEST, WIDEST / end));
  }
}
