// npm run web-ui: installs the files of Temporal's Web UI into dist/web-ui, where `npm start` and build:executable look for them. They are
// published, built, in the Go module of Temporal's UI server, under the MIT license; Go's own client gets them, from wherever it is set up
// to get modules.
//   npm run web-ui                       needs Go
//   npm run web-ui -- --from FOLDER      takes the module from a folder that was filled elsewhere
// Either way the module's checksum must be the pinned one.

import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { WEB_UI_FOLDER } from '../src/cli/web-ui-assets.ts';
import { UI_VERSION } from '../src/frontend/web/ui-version.ts';

const MODULE = 'github.com/temporalio/ui-server/v2';
/** As go.sum has it; goes with UI_VERSION. */
const CHECKSUM = 'h1:V45S+OatX/PbOz5TAtd+T94hm4tfGHc1j5dZAHo+Ouw=';
/** Within the module. */
const FILES = 'ui/assets/local';

function filesOf(folder: string): string[] {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => relative(folder, join(entry.parentPath, entry.name)));
}

/** Go's `h1` checksum of a module in a folder (golang.org/x/mod/sumdb/dirhash). */
export function moduleChecksum(folder: string, module: string): string {
  const names = new Map(filesOf(folder).map((path) => [`${module}/${path.split(sep).join('/')}`, path]));
  const sum = createHash('sha256');
  for (const name of [...names.keys()].sort()) {
    const hash = createHash('sha256').update(readFileSync(join(folder, names.get(name) as string)));
    sum.update(`${hash.digest('hex')}  ${name}\n`);
  }
  return `h1:${sum.digest('base64')}`;
}

/** Where Go keeps the module, downloaded if it was not there. */
function downloaded(): string {
  const folder = mkdtempSync(join(tmpdir(), 'ostinato-web-ui-'));
  try {
    const args = ['mod', 'download', '-json', `${MODULE}@v${UI_VERSION}`];
    // In an empty folder: in a module of somebody's, its rules would apply.
    const output = execFileSync('go', args, { cwd: folder, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] });
    return (JSON.parse(output) as { readonly Dir: string }).Dir;
  } catch (cause) {
    const isMissing = (cause as NodeJS.ErrnoException).code === 'ENOENT';
    const what = isMissing ? 'there is no Go on this machine' : `Go could not get ${MODULE}@v${UI_VERSION}`;
    throw new Error(`${what}; --from FOLDER takes the module from a folder`, { cause });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The bytes alone: Go's module cache is read-only, and what is laid down here must go away again. */
function copy(from: string, to: string): void {
  mkdirSync(dirname(to), { recursive: true });
  writeFileSync(to, readFileSync(from));
}

/** Returns how many files there are now in `target`. */
export function install(module: string, target: string, checksum = CHECKSUM): number {
  if (!existsSync(join(module, FILES, 'index.html'))) throw new Error(`${module} has no ${FILES}/index.html`);
  const found = moduleChecksum(module, `${MODULE}@v${UI_VERSION}`);
  if (found !== checksum) throw new Error(`${module} is not ${MODULE}@v${UI_VERSION}: its checksum is ${found}`);
  mkdirSync(dirname(target), { recursive: true });
  const next = `${target}.next`;
  rmSync(next, { recursive: true, force: true });
  for (const path of filesOf(join(module, FILES))) copy(join(module, FILES, path), join(next, path));
  copy(join(module, 'LICENSE'), join(next, 'LICENSE.txt'));
  rmSync(target, { recursive: true, force: true });
  renameSync(next, target);
  return filesOf(target).length;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  try {
    const { values } = parseArgs({ options: { from: { type: 'string' } } });
    const count = install(values.from === undefined ? downloaded() : resolve(values.from), WEB_UI_FOLDER);
    console.log(`Web UI ${UI_VERSION}: ${count} files in ${WEB_UI_FOLDER}`);
  } catch (error) {
    console.error(`error: ${(error as Error).message}`);
    process.exit(1);
  }
}
