// The Go test binary that holds Temporal's functional suites. Built once per state of the sources; needs Go and, the first time, a
// module proxy.

import { execFile, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { repositoryRoot } from '../end-to-end/harness/server.ts';

export const CACHE_FOLDER = join(repositoryRoot, 'node_modules', '.cache', 'ostinato-conformance');

const run = promisify(execFile);

/** The binary, or why the suites cannot be run here. */
export type Preparation = { readonly binary: string } | { readonly missing: string };

export async function prepareBinary(limitMs: number, say: (line: string) => void): Promise<Preparation> {
  const tools = await missingTools();
  if (tools.length > 0) return { missing: `${tools.join(' and ')} is missing` };
  const binary = join(CACHE_FOLDER, `functional-${await hashOfSources()}.test`);
  if (existsSync(binary)) return { binary };
  await mkdir(CACHE_FOLDER, { recursive: true });
  say('building the test binary (some minutes the first time)');
  const deadline = performance.now() + limitMs;
  // Loads the modules and nothing else, so that a missing proxy is told from sources that do not compile.
  const modules = await go(['list', '-deps', '-test', '-f', '{{""}}', '.'], limitMs);
  if (modules.ended === 'failed') return { missing: `Go cannot get the modules: ${lastLine(modules.output)}` };
  const made = `${binary}.${process.pid}`;
  const built =
    modules.ended === 'late' ? modules : await go(['test', '-c', '-o', made, '.'], deadline - performance.now());
  if (built.ended === 'failed') throw new Error(`the test binary cannot be built:\n${built.output}`);
  if (built.ended === 'late') return { missing: `building the test binary took more than ${seconds(limitMs)}` };
  await rename(made, binary);
  return { binary };
}

async function missingTools(): Promise<string[]> {
  const missing: string[] = [];
  for (const [command, argument] of [
    ['go', 'version'],
    ['python3', '--version'],
  ] as const) {
    await run(command, [argument]).catch(() => missing.push(command));
  }
  return missing;
}

async function hashOfSources(): Promise<string> {
  const hash = createHash('sha256');
  for (const name of (await readdir(import.meta.dirname)).sort()) {
    if (name.endsWith('.go') || name === 'go.mod' || name === 'go.sum') {
      hash.update(await readFile(join(import.meta.dirname, name)));
    }
  }
  return hash.digest('hex').slice(0, 12);
}

interface Ended {
  readonly ended: 'well' | 'failed' | 'late';
  readonly output: string;
}

/** One go command in this folder; with what it started, it is ended after `limitMs`. */
function go(args: readonly string[], limitMs: number): Promise<Ended> {
  return new Promise((resolve, reject) => {
    // A process group of its own: the compilers are children of the go command.
    const child = spawn('go', args, { cwd: import.meta.dirname, stdio: ['ignore', 'pipe', 'pipe'], detached: true });
    let output = '';
    let late = false;
    const timer = setTimeout(
      () => {
        late = true;
        if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
      },
      Math.max(0, Math.min(limitMs, 2 ** 31 - 1)),
    );
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (chunk: Buffer) => {
        output = (output + chunk.toString()).slice(-KEPT_OUTPUT);
      });
    }
    child.once('error', reject);
    child.once('close', (code) => {
      clearTimeout(timer);
      resolve({ ended: late ? 'late' : code === 0 ? 'well' : 'failed', output });
    });
  });
}

/** Characters of a failed command's end. */
const KEPT_OUTPUT = 20_000;

const lastLine = (text: string) => text.trim().split('\n').at(-1) ?? '';
const seconds = (ms: number) => `${(ms / 1000).toFixed(0)} s`;
