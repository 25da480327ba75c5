import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readTap } from './tap.ts';

const OUTPUT = `TAP version 13
ok 1 - a test - with a dash
not ok 2 - another one
  ---
    name: AssertionError
    message: of 3
  ...
ok 3 - a third # SKIP
not ok 4 - later # TODO
not ok 5 - without a diagnostic
# after hook

1..5
# tests 5
`;

test('outcomes and what is said of a failure', () => {
  assert.deepEqual(readTap(OUTPUT), [
    { test: 'a test - with a dash', outcome: 'passed' },
    { test: 'another one', outcome: 'failed', detail: '    name: AssertionError\n    message: of 3' },
    { test: 'a third', outcome: 'skipped' },
    { test: 'later', outcome: 'skipped' },
    { test: 'without a diagnostic', outcome: 'failed', detail: '' },
  ]);
});
