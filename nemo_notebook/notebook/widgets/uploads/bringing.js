// Files on their way into the kernel: a few pieces in flight, each with its hash.

const AT_ONCE_FILES = 2;
const AT_ONCE_PIECES = 4;
const TRIES = 4;
const BUSY_PATIENCE_MS = 900_000; // a cell may run for long, and the kernel hear nothing meanwhile

/** So many at a time; the others wait in their order. */
function turnstile(count) {
  const queue = [];
  return {
    enter: () => (count > 0 ? (count -= 1) : new Promise((go) => queue.push(go))),
    leave: () => (queue.length ? queue.shift()() : (count += 1)),
  };
}

/** Ask, however long the kernel is busy; what it refuses is for the file's own row. */
async function askPatiently(link, what, content, buffers = []) {
  const answer = await link.ask(what, content, buffers, { patience_ms: BUSY_PATIENCE_MS });
  const { error, hint } = answer.content ?? {};
  if (error !== undefined) throw Object.assign(new Error(error), { hint });
  return answer.content;
}

/** Bring one file into the kernel, piece by piece; whatever it has already is not sent again. */
async function bring(link, item, pieces, size) {
  for (let attempt = 1; ; attempt += 1) {
    const { missing } = await askPatiently(link, "begin", item.facts);
    item.heard();
    await bringPieces(link, item, missing, pieces, size);
    if (item.isOff) return;
    const whole = new Uint8Array(item.digests.length * 32);
    item.digests.forEach((digest, at) => whole.set(digest, 32 * at));
    const end = await askPatiently(link, "finish", { id: item.id, sha256: hex(await sha256(whole.buffer)) });
    if (end.ok || end.gone) return;
    if (attempt === TRIES) throw item.problem("damaged");
  }
}

async function bringPieces(link, item, missing, pieces, size) {
  const going = new Set();
  let failed = null;
  for (const number of missing) {
    await pieces.enter();
    if (failed || item.isOff) {
      pieces.leave();
      break;
    }
    const one = bringPiece(link, item, number, size)
      .catch((error) => (failed ??= error))
      .finally(() => (pieces.leave(), going.delete(one)));
    going.add(one);
  }
  await Promise.all(going);
  if (failed) throw failed;
}

async function bringPiece(link, item, number, size) {
  for (let attempt = 1; attempt <= TRIES; attempt += 1) {
    const data = await item.file.slice(number * size, (number + 1) * size).arrayBuffer().catch(() => {
      throw item.problem("changed");
    });
    const digest = await sha256(data);
    if (item.isOff) return;
    item.digests[number] = digest;
    const taken = await askPatiently(link, "piece", { id: item.id, number, sha256: hex(digest) }, [data]);
    item.heard();
    if (taken.gone) item.isOff = true; // it was stopped there; the row tells why
    if (taken.ok || taken.gone) return;
  }
  throw item.problem("damaged");
}
