// FarmHash's Fingerprint32 (farmhashmk::Hash32), the hash by which Temporal places workflows on shards and tasks on task-queue
// partitions. It never changes: stored data depends on it. Any thread.

const C1 = 0xcc9e2d51;
const C2 = 0x1b873593;

/** Hash of `bytes[0, length)` as an unsigned 32-bit number. */
export function farmFingerprint32(bytes: Uint8Array, length: number = bytes.length): number {
  if (length > 24) return hashLong(bytes, length);
  if (length > 12) return hash13to24(bytes, length);
  if (length > 4) return hash5to12(bytes, length);
  return hash0to4(bytes, length);
}

function load(bytes: Uint8Array, at: number): number {
  return (
    (bytes[at] as number) |
    ((bytes[at + 1] as number) << 8) |
    ((bytes[at + 2] as number) << 16) |
    ((bytes[at + 3] as number) << 24)
  );
}

function rotateRight(value: number, bits: number): number {
  return (value >>> bits) | (value << (32 - bits));
}

/** Murmur3's finalizer. */
function mix(h: number): number {
  h ^= h >>> 16;
  h = Math.imul(h, 0x85ebca6b);
  h ^= h >>> 13;
  h = Math.imul(h, 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

function scramble(a: number): number {
  return Math.imul(rotateRight(Math.imul(a, C1), 17), C2);
}

function step(h: number): number {
  return (Math.imul(rotateRight(h, 19), 5) + 0xe6546b64) | 0;
}

/** Murmur3's combination of two values. */
function combine(a: number, h: number): number {
  return step(h ^ scramble(a));
}

function hash0to4(bytes: Uint8Array, length: number): number {
  let b = 0;
  let c = 9;
  for (let i = 0; i < length; i++) {
    const signed = ((bytes[i] as number) << 24) >> 24;
    b = (Math.imul(b, C1) + signed) | 0;
    c ^= b;
  }
  return mix(combine(b, combine(length, c)));
}

function hash5to12(bytes: Uint8Array, length: number): number {
  const d = length * 5;
  const a = length + load(bytes, 0);
  const b = d + load(bytes, length - 4);
  const c = 9 + load(bytes, (length >>> 1) & 4);
  return mix(combine(c, combine(b, combine(a, d))));
}

function hash13to24(bytes: Uint8Array, length: number): number {
  const half = length >>> 1;
  let a = load(bytes, half - 4);
  const b = load(bytes, 4);
  const c = load(bytes, length - 8);
  const d = load(bytes, half);
  const e = load(bytes, 0);
  const f = load(bytes, length - 4);
  let h = (Math.imul(d, C1) + length) | 0;
  a = (rotateRight(a, 12) + f) | 0;
  h = (combine(c, h) + a) | 0;
  a = (rotateRight(a, 3) + c) | 0;
  h = (combine(e, h) + a) | 0;
  a = (rotateRight((a + f) | 0, 12) + d) | 0;
  h = (combine(b, h) + a) | 0;
  return mix(h);
}

function hashLong(bytes: Uint8Array, length: number): number {
  let h = length;
  let g = Math.imul(C1, length);
  let f = g;
  h = step(h ^ scramble(load(bytes, length - 4)));
  h = step(h ^ scramble(load(bytes, length - 16)));
  g = step(g ^ scramble(load(bytes, length - 8)));
  g = step(g ^ scramble(load(bytes, length - 12)));
  f = (rotateRight((f + scramble(load(bytes, length - 20))) | 0, 19) + 113) | 0;
  for (let at = 0, left = length; left > 20; at += 20, left -= 20) {
    const a = load(bytes, at);
    const b = load(bytes, at + 4);
    const c = load(bytes, at + 8);
    const d = load(bytes, at + 12);
    const e = load(bytes, at + 16);
    h = (h + a) | 0;
    g = (g + b) | 0;
    f = (f + c) | 0;
    h = (combine(d, h) + e) | 0;
    g = (combine(c, g) + a) | 0;
    f = (combine((b + Math.imul(e, C1)) | 0, f) + d) | 0;
    f = (f + g) | 0;
    g = (g + f) | 0;
  }
  g = fold(g);
  f = fold(f);
  h = Math.imul(rotateRight(step((h + g) | 0), 17), C1);
  h = Math.imul(rotateRight(step((h + f) | 0), 17), C1);
  return h >>> 0;
}

function fold(value: number): number {
  return Math.imul(rotateRight(Math.imul(rotateRight(value, 11), C1), 17), C1);
}
