// npm run verify: format, lint, types, layering, versions, unit tests. What CI runs, nothing else hidden.

import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { OSTINATO_VERSION } from '../src/base/version.ts';

const PROJECT = join(import.meta.dirname, '..');
const BIN = join(PROJECT, 'node_modules/.bin');
const NODE = process.execPath;

const CHECKS: readonly { readonly name: string; readonly command: readonly string[] }[] = [
  { name: 'format and lint', command: [join(BIN, 'biome'), 'ci', '.'] },
  { name: 'types', command: [join(BIN, 'tsc'), '-p', 'tsconfig.json'] },
  { name: 'layering', command: [NODE, 'scripts/check-layering.ts'] },
  { name: 'unit tests', command: [NODE, 'scripts/test.ts', 'unit'] },
];

const failed: string[] = [];
for (const { name, command } of CHECKS) {
  console.log(`── ${name}`);
  const [file, ...args] = command;
  const { status } = spawnSync(file!, args, { cwd: PROJECT, stdio: 'inherit' });
  if (status !== 0) failed.push(name);
}

const { version } = JSON.parse(readFileSync(join(PROJECT, 'package.json'), 'utf8')) as { version: string };
if (version !== OSTINATO_VERSION) {
  console.error(`package.json says ${version}, src/base/version.ts says ${OSTINATO_VERSION}`);
  failed.push('version');
}

console.log(failed.length === 0 ? '── verify: ok' : `── verify: failed: ${failed.join(', ')}`);
process.exit(failed.length === 0 ? 0 : 1);
