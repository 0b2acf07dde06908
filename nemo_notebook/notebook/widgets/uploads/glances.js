// What a local file looks like, drawn by the browser at once, until the engine's own picture of it comes.

const GLANCE_PX = 160;
const GLANCE_MS = 6_000;
const PICTURE_BYTES = 60e6;
const SOUND_BYTES = 16e6; // a song; of what is longer, only its beginning is looked at
const SOUND_HEAD = 1 << 20;
const SOUND_HZ = 8000;

/** A canvas with a picture of the file, or null where the browser cannot show it. */
async function glance(file, kind) {
  const draw = { image: glanceAtPicture, video: glanceAtFilm, audio: glanceAtSound }[kind];
  try {
    return draw ? await draw(file) : null;
  } catch {
    return null; // of a type that this browser does not know, or damaged
  }
}

function canvasOf(width, height) {
  const scale = Math.min(1, GLANCE_PX / Math.max(width, height, 1));
  const canvas = document.createElement("canvas");
  canvas.width = Math.max(1, Math.round(width * scale));
  canvas.height = Math.max(1, Math.round(height * scale));
  return canvas;
}

async function glanceAtPicture(file) {
  if (file.size > PICTURE_BYTES) return null;
  const picture = await createImageBitmap(file, { resizeWidth: 2 * GLANCE_PX, resizeQuality: "medium" });
  const canvas = canvasOf(picture.width, picture.height);
  canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
  picture.close();
  return canvas;
}

async function glanceAtFilm(file) {
  const film = document.createElement("video");
  const address = URL.createObjectURL(file);
  let tooLate;
  try {
    film.muted = true;
    film.preload = "auto";
    film.src = address;
    const event = (name) => new Promise((done, fail) => {
      film.addEventListener(name, done, { once: true });
      film.addEventListener("error", () => fail(film.error ?? new Error()), { once: true });
    });
    const patience = new Promise((_, fail) => (tooLate = setTimeout(() => fail(new Error()), GLANCE_MS)));
    patience.catch(() => {});
    await Promise.race([event("loadedmetadata"), patience]);
    const sought = event("seeked");
    film.currentTime = Math.min(2, (film.duration || 0) / 10);
    await Promise.race([sought, patience]);
    if (!film.videoWidth) return null;
    const canvas = canvasOf(film.videoWidth, film.videoHeight);
    canvas.getContext("2d").drawImage(film, 0, 0, canvas.width, canvas.height);
    return canvas;
  } finally {
    clearTimeout(tooLate);
    film.removeAttribute("src");
    film.load(); // lets go of the decoder
    URL.revokeObjectURL(address);
  }
}

async function glanceAtSound(file) {
  const head = file.size <= SOUND_BYTES ? file : file.slice(0, SOUND_HEAD);
  const sound = await new OfflineAudioContext(1, 1, SOUND_HZ).decodeAudioData(await head.arrayBuffer());
  return drawWave(sound.getChannelData(0));
}

/** Bars of the loudest moments of equal stretches. */
function drawWave(samples) {
  const canvas = canvasOf(GLANCE_PX, 120);
  const pen = canvas.getContext("2d");
  const bars = 20;
  const step = canvas.width / bars;
  const stretch = Math.max(1, Math.floor(samples.length / bars));
  const peaks = Array.from({ length: bars }, (_, bar) => {
    let most = 0;
    for (let at = bar * stretch; at < (bar + 1) * stretch && at < samples.length; at += 1) {
      most = Math.max(most, Math.abs(samples[at]));
    }
    return most;
  });
  const loudest = Math.max(...peaks, 0.01);
  pen.fillStyle = "#2f9d7c"; // shows on light and on dark
  peaks.forEach((peak, bar) => {
    const height = Math.max(4, (peak / loudest) * canvas.height * 0.8);
    pen.fillRect(bar * step + 1.5, (canvas.height - height) / 2, step - 3, height);
  });
  return canvas;
}
