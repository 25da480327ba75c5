// Data of a development server that is to be forgotten: files in a temporary folder, so that a restarted thread finds its
// shards again, but never synced. Removed at exit; what a killed server left is removed by the next one.

import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const FOLDER_PREFIX = 'ostinato-dev-';

/** Nothing here outlives the process: syncing and journals would only cost time. */
export const EPHEMERAL_PRAGMAS: Readonly<Record<string, string>> = { synchronous: 'OFF' };

export interface EphemeralData {
  /** Path of the main database file. */
  readonly path: string;
  remove(): void;
}

export function createEphemeralData(): EphemeralData {
  removeAbandoned();
  const folder = join(tmpdir(), `${FOLDER_PREFIX}${process.pid}`);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { mode: 0o700 });
  return {
    path: join(folder, 'ostinato.db'),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

function removeAbandoned(): void {
  for (const name of readdirSync(tmpdir())) {
    if (!name.startsWith(FOLDER_PREFIX)) continue;
    const pid = Number(name.slice(FOLDER_PREFIX.length));
    if (Number.isInteger(pid) && !isAlive(pid)) removeQuietly(join(tmpdir(), name));
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: it lives and belongs to somebody else.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** Another user's folder is not ours to remove. */
function removeQuietly(folder: string): void {
  try {
    rmSync(folder, { recursive: true, force: true });
  } catch {
    return;
  }
}
