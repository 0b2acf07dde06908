// What a block of sound shows: how loud it is, and the volume that it is played at.

const BAR = 3; // from one bar of a waveform to the next

/** A sound's loudness under its volume, as far as it is seen, and its volume as a line. */
function drawWave(sheet, view, row, top, x, wide) {
  if (wide < 3 * BAR) return;
  const { pen } = sheet;
  const [high, low] = volumeSpan("audio", top);
  const sound = view.timeline.sounds[row.sound];
  const at = (ms) => levelAt(row, ms);
  const begin = Math.max(x, view.left);
  const end = Math.min(x + wide, sheet.width) - 1;
  if (sound?.peaks.length && sound.duration_ms) {
    const { peaks } = sound;
    const each = sound.duration_ms / peaks.length;
    const thick = Math.max(1, sheet.snap(2));
    pen.fillStyle = "rgba(127, 224, 189, .8)";
    // Bars stand still in time while the view moves, so that they do not swim.
    for (let bar = Math.ceil((begin - x) / BAR); x + bar * BAR < end; bar += 1) {
      const ms = (bar * BAR) / view.perMs;
      const first = Math.floor((row.in + ms) / each);
      const last = Math.floor((row.in + ms + BAR / view.perMs) / each);
      let peak = first < last ? 0 : between(peaks, (row.in + ms) / each - 0.5);
      for (let place = Math.max(0, first); first < last && place <= last && place < peaks.length; place += 1)
        peak = Math.max(peak, peaks[place]);
      const tall = Math.max(1, sheet.snap(((low - high) * peak * at(ms)) / 100));
      pen.fillRect(sheet.snap(x + bar * BAR), sheet.snap(low) - tall, thick, tall);
    }
  }
  if (row.volume === null) return;
  pen.strokeStyle = "rgba(255, 255, 255, .75)";
  pen.lineWidth = 1;
  pen.beginPath();
  for (let place = begin; ; place = Math.min(end, place + 4)) {
    pen.lineTo(place, low - (low - high) * at((place - x) / view.perMs));
    if (place >= end) break;
  }
  pen.stroke();
}

/** A value between two peaks, where one of them is wider than a bar; nothing before and behind the sound. */
function between(peaks, place) {
  if (place < -0.5 || place > peaks.length - 0.5) return 0;
  const at = Math.max(0, Math.floor(place));
  const next = peaks[Math.min(peaks.length - 1, at + 1)];
  return peaks[at] + (next - peaks[at]) * Math.min(1, Math.max(0, place - at));
}

/** How high the volume stands, with its fades, so long after a segment's beginning. */
function levelAt(row, ms) {
  const come = row.fade_in ? ms / row.fade_in : 1;
  const go = row.fade_out ? (row.length - ms) / row.fade_out : 1;
  return levelOf((row.volume ?? 1) * Math.max(0, Math.min(come, go, 1)));
}
