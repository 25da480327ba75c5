// Whether a collection that lives long lets go of what has left it, as far as the collector of young objects can tell. A V8 Map
// or Set does not: see number-map.ts. Tests only.

import assert from 'node:assert/strict';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

const VALUES = 4_000;
const KEPT = 20;
const VALUE_BYTES = 8 * 1024;
/** V8's Map keeps nearly everything, 32 MB. */
const ALLOWED_BYTES = 4 * 1024 * 1024;

export function largeValue(): object {
  return new Array(VALUE_BYTES / 8).fill(0.5);
}

/** Runs the collector of young objects. */
export function youngCollector(): () => void {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as (options: { type: 'minor' }) => void;
  return () => collect({ type: 'minor' });
}

/** Plays values through the collection, first in, first out, once what it had at the beginning is old. */
export function assertForgets(add: (key: number) => void, remove: (key: number) => void): void {
  const minor = youngCollector();
  for (let key = 0; key < KEPT; key++) add(key);
  for (let i = 0; i < 3; i++) minor();
  const before = process.memoryUsage().heapUsed;
  for (let key = KEPT; key < VALUES; key++) {
    add(key);
    remove(key - KEPT);
    if (key % 100 === 0) minor();
  }
  minor();
  const grown = process.memoryUsage().heapUsed - before;
  assert.ok(grown < ALLOWED_BYTES, `${grown} bytes are kept that nobody can reach`);
}
