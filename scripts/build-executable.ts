// Builds dist/ostinato: our sources bundled into a script for the main loop and one for each kind of thread, embedded into a copy of the Node binary that npm brought
// (--build-sea). The file runs alone on a machine without Node. Run: npm run build:executable

import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { dirname, join, relative, sep } from 'node:path';
import { promisify } from 'node:util';
import { brotliCompress, constants } from 'node:zlib';
import { build } from 'esbuild';
import { threadBundleAsset } from '../src/cli/thread-source.ts';
import { WEB_UI_ASSET_PREFIX, WEB_UI_FOLDER } from '../src/cli/web-ui-assets.ts';
import type { SpawnedRole } from '../src/runtime/topology.ts';

const PROJECT = join(import.meta.dirname, '..');
const DIST = join(PROJECT, 'dist');
const MAIN_BUNDLE = join(DIST, 'main.cjs');
const THREAD_ROLES: readonly SpawnedRole[] = ['history', 'matching', 'worker'];
const threadBundle = (role: SpawnedRole) => join(DIST, threadBundleAsset(role));
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
  escapeNonAscii(outfile);
  const inputs = Object.entries(Object.values(result.metafile.outputs)[0]!.inputs);
  inputs.sort(([, a], [, b]) => b.bytesInOutput - a.bytesInOutput);
  console.log(`${entry}:`);
  for (const [path, { bytesInOutput }] of inputs.slice(0, 3)) {
    console.log(`${String(Math.round(bytesInOutput / 1024)).padStart(8)} KiB  ${path}`);
  }
}

/**
 * A single other character makes V8 keep the whole text in two bytes each. The bundler leaves them in regular expressions only, where an
 * escape means the same.
 */
function escapeNonAscii(file: string): void {
  const escaped = (unit: string) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;
  writeFileSync(file, readFileSync(file, 'utf8').replace(/[^\0-\x7f]/g, escaped));
}

const compress = promisify(brotliCompress);
/** Of 11. Makes 1.29 MB of 3.92 MB in 0.1 s; the best makes 1.18 MB in 6 s. */
const BROTLI_QUALITY = 5;

/** The Web UI's files, compressed as EmbeddedAssets reads them: name of the asset to a file of its bytes. None if they are not there. */
async function webUiAssets(folder: string): Promise<Readonly<Record<string, string>>> {
  if (!existsSync(join(WEB_UI_FOLDER, 'index.html'))) return {};
  const entries = await readdir(WEB_UI_FOLDER, { recursive: true, withFileTypes: true });
  const assets: Record<string, string> = {};
  const params = { [constants.BROTLI_PARAM_QUALITY]: BROTLI_QUALITY };
  for (const entry of entries.filter((each) => each.isFile())) {
    const source = join(entry.parentPath, entry.name);
    const path = relative(WEB_UI_FOLDER, source);
    const compressed = join(folder, path);
    mkdirSync(dirname(compressed), { recursive: true });
    writeFileSync(compressed, await compress(readFileSync(source), { params }));
    assets[WEB_UI_ASSET_PREFIX + path.split(sep).join('/')] = compressed;
  }
  return assets;
}

function embed(base: string, webUi: Readonly<Record<string, string>>): void {
  const config = join(DIST, 'sea.json');
  writeFileSync(
    config,
    JSON.stringify({
      main: MAIN_BUNDLE,
      output: EXECUTABLE,
      executable: base,
      disableExperimentalSEAWarning: true,
      useCodeCache: true,
      assets: {
        ...Object.fromEntries(THREAD_ROLES.map((role) => [threadBundleAsset(role), threadBundle(role)])),
        ...webUi,
      },
    }),
  );
  execFileSync(base, ['--build-sea', config], { stdio: 'inherit', cwd: DIST });
  chmodSync(EXECUTABLE, 0o755);
  rmSync(config);
}

const startMs = performance.now();
mkdirSync(DIST, { recursive: true });
const base = baseExecutable();
await bundle('src/main.js', MAIN_BUNDLE);
for (const role of THREAD_ROLES) await bundle(`src/cli/server/${role}-main.js`, threadBundle(role));
const compressed = mkdtempSync(join(DIST, 'web-ui-compressed-'));
let webUi: Readonly<Record<string, string>>;
try {
  webUi = await webUiAssets(compressed);
  embed(base, webUi);
} finally {
  rmSync(compressed, { recursive: true, force: true });
}
const mib = (path: string) => `${(statSync(path).size / 1024 / 1024).toFixed(1)} MiB`;
const seconds = ((performance.now() - startMs) / 1000).toFixed(1);
console.log(
  `${EXECUTABLE}: ${mib(EXECUTABLE)}, of it main ${mib(MAIN_BUNDLE)}, ${THREAD_ROLES.map((role) => `${role} ${mib(threadBundle(role))}`).join(', ')}, in ${seconds} s`,
);
const webUiFiles = Object.keys(webUi).length;
console.log(
  webUiFiles === 0
    ? 'built without the Web UI, whose files are not there: npm run web-ui installs them'
    : `with the Web UI: ${webUiFiles} files`,
);
