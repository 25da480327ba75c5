// node test/invariants/prove.ts [I3 ...]: takes away, one by one, the lines that hold an invariant, in a copy of the sources, and
// checks that its test goes red each time. A removal that no test notices, or that no longer applies, fails the run.

import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { REMOVALS, type Removal } from './removals.ts';

const PROJECT = join(import.meta.dirname, '../..');
const TEST_TIMEOUT_MS = 60_000;

const wanted = process.argv.slice(2);
const removals = REMOVALS.filter(({ invariant }) => wanted.length === 0 || wanted.includes(invariant));
const copy = mkdtempSync(join(tmpdir(), 'ostinato-invariants-'));
try {
  for (const name of ['src', 'test', 'package.json', 'tsconfig.json']) {
    cpSync(join(PROJECT, name), join(copy, name), { recursive: true });
  }
  symlinkSync(join(PROJECT, 'node_modules'), join(copy, 'node_modules'));
  process.exitCode = provesAll() ? 0 : 1;
} finally {
  rmSync(copy, { recursive: true, force: true });
}

function provesAll(): boolean {
  const files = [...new Set(removals.map(({ test }) => test))];
  for (const test of files) {
    if (run(test).passed) continue;
    console.log(`${test} is red before anything is removed`);
    return false;
  }
  let unnoticed = 0;
  for (const removal of removals) {
    const verdict = prove(removal);
    if (verdict !== 'red') unnoticed++;
    console.log(
      `${verdict === 'red' ? 'ok ' : 'BAD'} ${removal.invariant} ${removal.what} (${removal.file}): ${verdict}`,
    );
  }
  console.log(`${removals.length - unnoticed} of ${removals.length} removals turn a test red`);
  return unnoticed === 0;
}

function prove({ file, from, to, test }: Removal): string {
  const path = join(copy, file);
  const source = readFileSync(path, 'utf8');
  if (source.split(from).length !== 2)
    return 'the lines are not there, or more than once: adapt test/invariants/removals.ts';
  writeFileSync(
    path,
    source.replace(from, () => to),
  );
  // Red must mean that the test noticed, not that nothing could be loaded.
  const { status } = spawnSync(process.execPath, ['--check', path], { stdio: 'ignore' });
  const { passed } = run(test);
  writeFileSync(path, source);
  if (status !== 0) return 'without the lines the file cannot be read';
  return passed ? 'nobody notices' : 'red';
}

function run(test: string): { readonly passed: boolean } {
  const { status } = spawnSync(process.execPath, ['--test', `test/invariants/${test}`], {
    cwd: copy,
    stdio: 'ignore',
    timeout: TEST_TIMEOUT_MS,
    env: { ...process.env, NODE_OPTIONS: '--max-old-space-size=1024' },
  });
  return { passed: status === 0 };
}
