// How an export comes to the user's disk through the kernel, where no server gives it to the page.

const PIECE = 1 << 20;
const IN_FLIGHT = 4;
const MOST_IN_MEMORY = 500e6;

/** Reads a file piece by piece, several on their way at once, and hands the pieces over in order. */
async function readPieces(link, offer, hand, told) {
  let next = 0;
  let done = 0;
  const coming = [];
  while (done < offer.size_bytes) {
    while (coming.length < IN_FLIGHT && next < offer.size_bytes) {
      coming.push(link.ask("read", { file: offer.file, offset: next, size: PIECE }));
      coming.at(-1).catch(() => {}); // it is heard of when its turn comes
      next += PIECE;
    }
    const { buffers } = await coming.shift();
    await hand(new Uint8Array(buffers[0].buffer ?? buffers[0], buffers[0].byteOffset ?? 0, buffers[0].byteLength));
    done += buffers[0].byteLength;
    if (told(done / offer.size_bytes) === false) return false;
  }
  return true;
}

/** Let the browser keep a blob as a file. */
function keep(blob, name) {
  const address = URL.createObjectURL(blob);
  const anchor = make("a", "");
  anchor.href = address;
  anchor.download = name;
  anchor.click();
  setTimeout(() => URL.revokeObjectURL(address), 60_000);
}

/** Where a large file is to be written; undefined if the user changed their mind. */
async function place(model, row) {
  if (!window.showSaveFilePicker) {
    throw new Error(say(model, "too large", { size: bytes(row.size_bytes), place: row.near || row.name }));
  }
  try {
    return await (await window.showSaveFilePicker({ suggestedName: row.name })).createWritable();
  } catch (error) {
    if (error.name !== "AbortError") throw error;
    return undefined;
  }
}

/** Fetch an export through the kernel: into memory, or, if it is large, to where the user wants it. */
async function fetchFile({ model, link }, row, { begun, told }) {
  const target = row.size_bytes > MOST_IN_MEMORY ? await place(model, row) : null;
  if (target === undefined) return;
  const { content: offer } = await link.ask("offer", { key: row.key });
  begun();
  const pieces = [];
  const isWhole = await readPieces(link, offer, (piece) => (target ? target.write(piece) : pieces.push(piece)), told);
  if (!isWhole) await target?.abort();
  else if (target) await target.close();
  else keep(new Blob(pieces), offer.name);
}
