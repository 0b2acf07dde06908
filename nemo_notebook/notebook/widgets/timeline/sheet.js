// The canvas that is drawn on: its size, the theme's colours, and how wide words are.

class Sheet {
  constructor(canvas) {
    this.canvas = canvas;
    this.pen = canvas.getContext("2d");
    this.colors = {};
    this.widths = new Map();
  }

  /** Read the theme's colours again. */
  dress(root) {
    const style = getComputedStyle(root);
    const names = ["text", "quiet", "surface", "sunken", "line", "edge", "accent", "danger", "beat"];
    this.colors = Object.fromEntries(names.map((name) => [name, style.getPropertyValue(`--nemo-${name}`).trim()]));
    this.font = style.fontFamily;
    this.widths.clear();
  }

  /** Fit the canvas to its place. */
  size(width, height) {
    const ratio = window.devicePixelRatio || 1;
    if (this.width === width && this.height === height && this.ratio === ratio) return;
    Object.assign(this, { width, height, ratio });
    this.canvas.width = Math.floor(width * ratio);
    this.canvas.height = Math.floor(height * ratio);
    // One pixel of the canvas is one of the screen, also where a ratio such as 1.25 leaves a part of one over.
    Object.assign(this.canvas.style, { width: `${this.canvas.width / ratio}px`, height: `${this.canvas.height / ratio}px` });
  }

  /** The place nearest to one at which a pixel of the screen begins. */
  snap(place) {
    return Math.round(place * this.ratio) / this.ratio;
  }

  measure(text) {
    const key = `${this.pen.font}\n${text}`;
    let width = this.widths.get(key);
    if (width === undefined) {
      if (this.widths.size > 4000) this.widths.clear();
      this.widths.set(key, (width = this.pen.measureText(text).width));
    }
    return width;
  }

  /** As much of a text as there is room for. */
  fit(text, room) {
    const width = this.measure(text);
    if (width <= room) return text;
    let kept = Math.floor((text.length * room) / width);
    while (kept > 0 && this.measure(`${text.slice(0, kept)}…`) > room) kept -= 1;
    if (kept > 0 && text.charCodeAt(kept - 1) >= 0xd800 && text.charCodeAt(kept - 1) < 0xdc00) kept -= 1;
    return kept >= 2 || (kept && text.charCodeAt(0) > 0x2e7f) ? `${text.slice(0, kept).trimEnd()}…` : "";
  }
}
