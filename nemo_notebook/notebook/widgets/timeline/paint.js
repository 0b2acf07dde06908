// The timeline drawn: only what is seen, what is too narrow to be told apart as one block, and blocks on their way.

const ALONE = 2; // narrower blocks that touch become one
const EASE_MS = 70;

class Painter {
  constructor(canvas) {
    this.sheet = new Sheet(canvas);
    this.shown = new Map(); // where blocks are on their way to where they belong
    this.drawn_ms = 0;
  }

  /** Let blocks go softly from where they were to where they are now. */
  glide(before, after) {
    for (const row of after.rows) {
      const old = before.byId.get(row.id);
      if (old && (old.start !== row.start || old.length !== row.length) && !this.shown.has(row.id))
        this.shown.set(row.id, { start: old.start, length: old.length });
    }
  }

  /**
   * Draw a scene; gives whether something is still on its way.
   *
   * It has `timeline`, `tops`, `beats`, `downs`, `perMs`, `left`, `scrollX`, `scrollY`, `selected`, `floating`
   * ({id, start, track, bad}), `guide`, `playhead`, `many`.
   */
  paint(scene) {
    const { sheet } = this;
    const { pen, ratio, width, height, colors } = sheet;
    this.step(scene);
    pen.setTransform(ratio, 0, 0, ratio, 0, 0);
    pen.fillStyle = colors.surface;
    pen.fillRect(0, 0, width, height);
    const x = (ms) => scene.left + ms * scene.perMs - scene.scrollX;
    const from = (scene.scrollX - 1) / scene.perMs;
    const to = (scene.scrollX + width - scene.left) / scene.perMs;
    const view = { ...scene, x, from, to };
    pen.save();
    pen.beginPath();
    pen.rect(0, RULER, width, height - RULER);
    pen.clip();
    this.backs(view);
    scene.timeline.lanes.forEach((lane, at) => this.lane(view, lane, RULER + scene.tops[at] - scene.scrollY));
    drawBeats(sheet, view);
    this.overlays(view);
    drawLabels(sheet, view);
    pen.restore();
    drawRuler(sheet, view);
    drawLines(sheet, view);
    return this.shown.size > 0;
  }

  backs({ timeline, tops, scrollY, left }) {
    const { pen, width, colors } = this.sheet;
    pen.fillStyle = colors.sunken;
    timeline.lanes.forEach((lane, at) => pen.fillRect(left, RULER + tops[at] - scrollY, width - left, TALL[lane.kind]));
  }

  /** Take what is on its way a step further. */
  step({ timeline, perMs }) {
    const now = performance.now();
    const part = 1 - Math.exp(-Math.min(50, now - this.drawn_ms) / EASE_MS);
    this.drawn_ms = now;
    for (const [id, shown] of this.shown) {
      const row = timeline.byId.get(id);
      if (row) {
        shown.start += (row.start - shown.start) * part;
        shown.length += (row.length - shown.length) * part;
      }
      if (!row || (Math.abs(row.start - shown.start) + Math.abs(row.length - shown.length)) * perMs < 0.5) this.shown.delete(id);
    }
  }

  lane(view, lane, top) {
    const tall = TALL[lane.kind];
    if (top > this.sheet.height || top + tall < RULER) return;
    const { x, perMs } = view;
    const far = this.shown.size ? Infinity : view.to;
    const first = this.shown.size ? 0 : firstFrom(lane, view.from);
    const wide = [];
    let run = null;
    const flush = () => {
      if (run) drawBlock(this.sheet, view, lane, top, run.x, Math.max(1, run.end - run.x), run.count === 1 ? run.row : null, run.count);
      run = null;
    };
    for (let at = first; at < lane.rows.length && lane.rows[at].start <= far; at += 1) {
      const row = lane.rows[at];
      const place = this.shown.get(row.id) ?? row;
      const begin = x(place.start);
      const end = begin + place.length * perMs;
      if (end < view.left - 20 || begin > this.sheet.width) continue;
      if (end - begin >= ALONE) wide.push([row, begin, end - begin]);
      else if (run && begin <= run.end + 1) {
        run.end = Math.max(run.end, end);
        run.count += 1;
      } else {
        flush();
        run = { x: begin, end, row, count: 1 };
      }
    }
    flush();
    for (const [row, begin, width] of wide) drawBlock(this.sheet, view, lane, top, begin, width, row, 1);
  }

  /** What hangs at the pointer. */
  overlays(view) {
    const { floating, timeline } = view;
    const row = floating && timeline.byId.get(floating.id);
    const lane = row && timeline.byTrack.get(floating.track);
    if (!lane) return;
    const { pen, colors } = this.sheet;
    const top = RULER + view.tops[lane.at] - view.scrollY;
    const x = view.x(floating.start);
    const wide = Math.max(2, row.length * view.perMs - 1);
    pen.globalAlpha = 0.9;
    drawBlock(this.sheet, { ...view, floating: null, selected: null }, lane, top, x, wide + 1, row, 1);
    pen.globalAlpha = 1;
    pen.strokeStyle = floating.bad ? colors.danger : colors.accent;
    pen.lineWidth = 2;
    pen.setLineDash(floating.bad ? [5, 3] : []);
    pen.strokeRect(x + 1, top + 1, Math.max(1, wide - 2), TALL[lane.kind] - 2);
    pen.setLineDash([]);
  }
}
