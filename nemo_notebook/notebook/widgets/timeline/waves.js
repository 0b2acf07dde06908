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
    const each = sound.duration_ms / sound.peaks.length;
    pen.fillStyle = "rgba(127, 224, 189, .8)";
    // Bars stand still in time while the view moves, so that they do not swim.
    for (let bar = Math.ceil((begin - x) / BAR); x + bar * BAR < end; bar += 1) {
      const ms = (bar * BAR) / view.perMs;
      const first = Math.floor((row.in + ms) / each);
      const last = Math.floor((row.in + ms + BAR / view.perMs) / each);
      let peak = 0;
      for (let place = Math.max(0, first); place <= last && place < sound.peaks.length; place += 1)
        peak = Math.max(peak, sound.peaks[place]);
      const tall = Math.max(1, ((low - high) * peak * at(ms)) / 100);
      pen.fillRect(x + bar * BAR, low - tall, 2, tall);
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

/** How high the volume stands, with its fades, so long after a segment's beginning. */
function levelAt(row, ms) {
  const come = row.fade_in ? ms / row.fade_in : 1;
  const go = row.fade_out ? (row.length - ms) / row.fade_out : 1;
  return levelOf((row.volume ?? 1) * Math.max(0, Math.min(come, go, 1)));
}
