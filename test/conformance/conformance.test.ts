// Temporal's functional suites as a stage of `npm test`: the must-lists on the embedded store, as far as ten minutes allow. What
// was not run, and why, is said; only a test that fails twice fails the stage, because these tests hold the server to fractions
// of a second, which a busy machine does not always have.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { prepareBinary } from './binary.ts';
import { runGroup } from './group.ts';
import { GROUPS, testsOf } from './lists.ts';

/** Ten, less what stopping takes. */
const LIMIT_MS = 9.5 * 60_000;
/** Of these: compiling everything on two cores; with Go's cache it takes seconds. */
const BUILD_LIMIT_MS = 5 * 60_000;
const TEST_LIMIT_SECONDS = 120;

test("Temporal's functional suites", { timeout: 11 * 60_000 }, async (t) => {
  const deadlineMs = performance.now() + LIMIT_MS;
  const say = (line: string) => t.diagnostic(line);
  const prepared = await prepareBinary(BUILD_LIMIT_MS, say);
  if ('missing' in prepared) {
    t.skip(prepared.missing);
    return;
  }
  for (const group of GROUPS) {
    const { chosen } = await testsOf(group, { list: 'must', all: false });
    const results = await runGroup(group, chosen, {
      binary: prepared.binary,
      store: 'sqlite',
      processes: 3,
      limitSeconds: TEST_LIMIT_SECONDS,
      retries: 1,
      deadlineMs,
      say,
    });
    assert.ok(results.length > 0, `${group}: nothing was run`);
    for (const { test: name, outcome, reason } of results) {
      await t.test(`${group}: ${name}`, { skip: outcome === 'NOTRUN' && 'the ten minutes were over' }, () =>
        assert.ok(outcome === 'PASS' || outcome === 'SKIP', `${outcome} ${reason}`),
      );
    }
  }
});
