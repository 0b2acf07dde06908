// SHA-256 of a piece. The browser's own is used where there is one: pages from plain http:// have none.

/** The hash of an ArrayBuffer, as bytes. */
async function sha256(data) {
  return new Uint8Array(crypto.subtle ? await crypto.subtle.digest("SHA-256", data) : plainSha256(data));
}

function hex(data) {
  return Array.from(data, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

const ROUNDS = new Int32Array(64); // FIPS 180-4, 4.2.2: the cube roots of the first primes
const FIRST = new Int32Array(8); // 5.3.3: their square roots

for (let number = 2, found = 0; found < 64; number += 1) {
  let isPrime = true;
  for (let factor = 2; factor * factor <= number; factor += 1) if (number % factor === 0) isPrime = false;
  if (!isPrime) continue;
  const fraction = (root) => Math.floor((root - Math.floor(root)) * 2 ** 32);
  if (found < 8) FIRST[found] = fraction(Math.sqrt(number));
  ROUNDS[found] = fraction(Math.cbrt(number));
  found += 1;
}

/** The same without the browser's help (FIPS 180-4, 6.2). */
function plainSha256(data) {
  const state = new Int32Array(FIRST);
  const whole = data.byteLength & ~63;
  mixBlocks(state, new DataView(data, 0, whole));
  const rest = data.byteLength - whole;
  const tail = new Uint8Array(rest < 56 ? 64 : 128);
  tail.set(new Uint8Array(data, whole));
  tail[rest] = 0x80;
  const end = new DataView(tail.buffer);
  end.setUint32(tail.length - 8, Math.floor(data.byteLength / 2 ** 29));
  end.setUint32(tail.length - 4, data.byteLength << 3);
  mixBlocks(state, end);
  const out = new DataView(new ArrayBuffer(32));
  state.forEach((word, at) => out.setInt32(4 * at, word));
  return out.buffer;
}

function mixBlocks(state, data) {
  const words = new Int32Array(64);
  for (let offset = 0; offset < data.byteLength; offset += 64) {
    for (let at = 0; at < 16; at += 1) words[at] = data.getInt32(offset + 4 * at);
    for (let at = 16; at < 64; at += 1) {
      const early = words[at - 15];
      const late = words[at - 2];
      const low = turned(early, 7) ^ turned(early, 18) ^ (early >>> 3);
      const high = turned(late, 17) ^ turned(late, 19) ^ (late >>> 10);
      words[at] = words[at - 16] + low + words[at - 7] + high;
    }
    mixBlock(state, words);
  }
}

function mixBlock(state, words) {
  let a = state[0];
  let b = state[1];
  let c = state[2];
  let d = state[3];
  let e = state[4];
  let f = state[5];
  let g = state[6];
  let h = state[7];
  for (let at = 0; at < 64; at += 1) {
    const choice = (e & f) ^ (~e & g);
    const first = (h + (turned(e, 6) ^ turned(e, 11) ^ turned(e, 25)) + choice + ROUNDS[at] + words[at]) | 0;
    const second = ((turned(a, 2) ^ turned(a, 13) ^ turned(a, 22)) + ((a & b) ^ (a & c) ^ (b & c))) | 0;
    h = g;
    g = f;
    f = e;
    e = (d + first) | 0;
    d = c;
    c = b;
    b = a;
    a = (first + second) | 0;
  }
  state[0] += a;
  state[1] += b;
  state[2] += c;
  state[3] += d;
  state[4] += e;
  state[5] += f;
  state[6] += g;
  state[7] += h;
}

function turned(word, by) {
  return (word >>> by) | (word << (32 - by));
}
