import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

/** Whole, a run takes 7 KiB. Its timers and its place among current runs stay longer than it, 2 KiB. */
const ALLOWED_BYTES = 4 * 1024;
const PROGRAM = fileURLToPath(new URL('./testing/play-ended-runs.ts', import.meta.url));
/** A young generation as on a thread that has worked for a while. */
const FLAGS = ['--min-semi-space-size=16', '--max-semi-space-size=16'];

// Anything old that nobody needs any more, such as a closure in a property, keeps runs whole until the next full collection.
test('runs that have ended do not become old (docs/decisions/0006)', () => {
  const bytes = Number(execFileSync(process.execPath, [...FLAGS, PROGRAM], { encoding: 'utf8', timeout: 60_000 }));
  assert.ok(bytes < ALLOWED_BYTES, `${bytes} bytes a run became old`);
});
