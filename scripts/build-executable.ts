// Builds dist/ostinato: our sources bundled into two scripts, main loop and threads, embedded into a copy of the Node binary that npm brought
// (--build-sea). The file runs alone on a machine without Node. Run: npm run build:executable

import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import { THREAD_BUNDLE_ASSET } from '../src/cli/thread-source.ts';

const PROJECT = join(import.meta.dirname, '..');
const DIST = join(PROJECT, 'dist');
const MAIN_BUNDLE = join(DIST, 'main.cjs');
const THREAD_BUNDLE = join(DIST, THREAD_BUNDLE_ASSET);
const EXECUTABLE = join(DIST, process.platform === 'win32' ? 'ostinato.exe' : 'ostinato');

/** Node from npm, never the machine's: what is released is what was tested. */
function baseExecutable(): string {
  const packageName = `node-${process.platform === 'win32' ? 'win' : process.platform}-${process.arch}`;
  const file = process.platform === 'win32' ? 'node.exe' : 'node';
  for (const name of [packageName, `node-bin-${process.platform}-${process.arch}`]) {
    const path = join(PROJECT, 'node_modules', name, 'bin', file);
    if (existsSync(path)) return path;
  }
  throw new Error(`node_modules has no ${packageName}: run npm ci`);
}

async function bundle(entry: string, outfile: string): Promise<void> {
  const result = await build({
    entryPoints: [join(PROJECT, entry)],
    outfile,
    bundle: true,
    platform: 'node',
    target: 'node26',
    // The embedded script and the source of a Worker are both CommonJS.
    format: 'cjs',
    // Identifiers stay: stack traces must be readable.
    minifyWhitespace: true,
    minifySyntax: true,
    legalComments: 'none',
    // Only reached outside an executable, where there is no bundle.
    define: { 'import.meta.url': '"file:///"', 'import.meta.dirname': '"/"' },
    logLevel: 'warning',
    metafile: true,
  });
  const inputs = Object.entries(Object.values(result.metafile.outputs)[0]!.inputs);
  inputs.sort(([, a], [, b]) => b.bytesInOutput - a.bytesInOutput);
  console.log(`${entry}:`);
  for (const [path, { bytesInOutput }] of inputs.slice(0, 3)) {
    console.log(`${String(Math.round(bytesInOutput / 1024)).padStart(8)} KiB  ${path}`);
  }
}

function embed(base: string): void {
  const config = join(DIST, 'sea.json');
  writeFileSync(
    config,
    JSON.stringify({
      main: MAIN_BUNDLE,
      output: EXECUTABLE,
      executable: base,
      disableExperimentalSEAWarning: true,
      useCodeCache: true,
      assets: { [THREAD_BUNDLE_ASSET]: THREAD_BUNDLE },
    }),
  );
  execFileSync(base, ['--build-sea', config], { stdio: 'inherit', cwd: DIST });
  chmodSync(EXECUTABLE, 0o755);
  rmSync(config);
}

const startMs = performance.now();
mkdirSync(DIST, { recursive: true });
const base = baseExecutable();
await bundle('src/main.ts', MAIN_BUNDLE);
await bundle('src/cli/server/thread-main.ts', THREAD_BUNDLE);
embed(base);
const mib = (path: string) => `${(statSync(path).size / 1024 / 1024).toFixed(1)} MiB`;
const seconds = ((performance.now() - startMs) / 1000).toFixed(1);
console.log(
  `${EXECUTABLE}: ${mib(EXECUTABLE)}, of it main ${mib(MAIN_BUNDLE)} and threads ${mib(THREAD_BUNDLE)}, in ${seconds} s`,
);
