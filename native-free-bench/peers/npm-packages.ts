// Peers that come from npm: their packages are large, so they are no dependencies of this project but are installed when a
// comparison first asks for them, as peers/npm/package-lock.json says, into node_modules/.cache.

import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { PeerUnavailable } from './peer.ts';

const FOLDER = join(import.meta.dirname, 'npm');
const CACHE = join(import.meta.dirname, '../../node_modules/.cache/native-free-bench');

export interface InstalledPackages {
  /** For `import()`. */
  urlOf(specifier: string): string;
  pathOf(file: string): string;
}

export function installedPackages(): InstalledPackages {
  if (!existsSync(join(FOLDER, 'package-lock.json'))) {
    throw new PeerUnavailable('its packages are installed from the sources, not from the executable');
  }
  const lock = readFileSync(join(FOLDER, 'package-lock.json'));
  const place = join(CACHE, `npm-${createHash('sha256').update(lock).digest('hex').slice(0, 12)}`);
  if (!existsSync(place)) install(place);
  const require = createRequire(join(place, 'package.json'));
  return {
    urlOf: (specifier) => pathToFileURL(require.resolve(specifier)).href,
    pathOf: (file) => join(place, 'node_modules', file),
  };
}

function install(place: string): void {
  const unfinished = `${place}-${process.pid}`;
  mkdirSync(unfinished, { recursive: true });
  cpSync(FOLDER, unfinished, { recursive: true });
  process.stdout.write('installing peers from npm, once\n');
  const { status, error, stderr } = spawnSync('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund'], {
    cwd: unfinished,
    encoding: 'utf8',
  });
  if (status !== 0) {
    rmSync(unfinished, { recursive: true, force: true });
    throw new PeerUnavailable(`npm ci failed: ${error?.message ?? stderr.slice(-500)}`);
  }
  renameSync(unfinished, place);
}
