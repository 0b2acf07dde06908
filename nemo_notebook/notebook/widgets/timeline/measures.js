// How high and how long things are, for what draws them and for the hand alike.

const RULER = 28;
const BETWEEN = 4;
const TALL = { video: 48, audio: 52, text: 28, other: 28 };
const NAMED = 18; // room for a name, above a waveform

/** A moment as the ruler and the fields show it: `0:02`, `1:05.4`, `1:00:00`. */
function moment(ms, digits = 0) {
  const unit = 10 ** digits;
  const whole = Math.round((Math.max(0, ms) / 1000) * unit);
  const rest = digits ? `.${String(whole % unit).padStart(digits, "0")}` : "";
  return clock(Math.floor(whole / unit)) + rest;
}

/** Where each lane lies, from below the ruler on, and how high all are. */
function layLanes(timeline) {
  let top = BETWEEN;
  const tops = timeline.lanes.map((lane) => {
    const own = top;
    top += TALL[lane.kind] + BETWEEN;
    return own;
  });
  return { tops, height: top };
}

const LOUDEST = 4; // a volume: above 1 it is more than recorded

/** How high a volume stands: half as loud is more than half as high. The line ends at 1, whatever is louder. */
const levelOf = (volume) => Math.sqrt(Math.min(1, Math.max(0, volume)));
const volumeOf = (level) => Math.min(1, Math.max(0, level)) ** 2;

/** From which y to which a block's volume goes. */
function volumeSpan(kind, top) {
  return [top + (kind === "audio" ? NAMED : 6), top + TALL[kind] - 3];
}
