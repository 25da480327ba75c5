import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkLayering } from './check-layering.ts';

const check = (file: string, text: string) =>
  checkLayering(new Map([[file, text]])).map(({ line, reason }) => `${line}: ${reason}`);

test('imports point down', () => {
  assert.deepEqual(
    check('history/service.ts', "import { a } from '../runtime/clock.ts';\nimport { b } from '#proto/x';\n"),
    [],
  );
  assert.deepEqual(
    check('runtime/link.ts', "import { x } from './ring.ts';\nimport {\n  a,\n} from '../rpc/index.ts';\n"),
    [],
  );
  assert.deepEqual(check('runtime/link.ts', "// one\nimport type { a } from '../history/index.ts';\n"), [
    '2: runtime must not import history: imports point down (../history/index.ts)',
  ]);
});

test('the four services never import one another, not even lazily or for re-export', () => {
  for (const text of [
    "import { a } from '../../matching/index.ts';",
    "export { a } from '../../matching/index.ts';",
    "const a = await import('../../matching/index.ts');",
  ]) {
    assert.deepEqual(check('frontend/api/poll.ts', text), [
      '1: frontend must not import matching: services meet in messages (../../matching/index.ts)',
    ]);
  }
});

test('a new folder has to be given a layer', () => {
  assert.deepEqual(check('surprise/a.ts', ''), ['1: src/surprise is in no layer: add it to scripts/check-layering.ts']);
});
