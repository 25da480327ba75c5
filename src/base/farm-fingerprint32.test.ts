import assert from 'node:assert/strict';
import { test } from 'node:test';
import { farmFingerprint32 } from './farm-fingerprint32.ts';

// Prefix length and hash of SOURCE, from github.com/dgryski/go-farm (Fingerprint32), the module that Temporal uses.
const SOURCE = Buffer.from('the quick brown fox jumps over the lazy dog 0123456789 äöü € 日本語 '.repeat(10));
// biome-ignore format: a table
const VECTORS: readonly (readonly [number, number])[] = [
  [0, 3696677242], [1, 3448153889], [2, 3384190440], [3, 2374167618], [4, 410025137], [5, 887677291], [7, 1239831893],
  [8, 989630972], [11, 3189165172], [12, 3194388657], [13, 3901210084], [16, 2262787767], [17, 84574029],
  [23, 3082351926], [24, 3231054965], [25, 496408171], [26, 3882538946], [39, 1797387543], [40, 3458661965],
  [41, 1809713928], [44, 1676806154], [45, 2181839660], [46, 1908427262], [60, 520502067], [61, 864188115],
  [64, 3257734957], [65, 1340202660], [73, 2807081791], [100, 1315171662], [127, 1399494579], [255, 200311099],
  [500, 1681686467],
];

for (const [length, hash] of VECTORS) {
  test(`${length} bytes hash as in go-farm`, () => {
    assert.equal(farmFingerprint32(SOURCE.subarray(0, length)), hash);
    assert.equal(farmFingerprint32(SOURCE, length), hash);
  });
}
