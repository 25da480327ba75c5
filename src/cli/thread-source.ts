// Where new threads get their code. In the single executable that is a bundle embedded in it: there is no file.

import { isSea } from 'node:sea';
import type { ThreadEntry } from '../runtime/thread-supervisor.ts';
import type { SpawnedRole } from '../runtime/topology.ts';

/** Name under which scripts/build-executable.ts embeds the bundle of a role. */
export function threadBundleAsset(role: SpawnedRole): string {
  return `${role}.cjs`;
}

export function threadEntry(role: SpawnedRole): ThreadEntry {
  if (isSea()) return { source: bundleLoader(threadBundleAsset(role)) };
  return { url: new URL(`./server/${role}-main.js`, import.meta.url) };
}

/**
 * The thread fetches its bundle itself. As the Worker's own source text it would come in a message, and the C library, once a block of so
 * many MiB has been freed, keeps twice as much on top of every heap of its own.
 */
function bundleLoader(asset: string): string {
  return `
    const source = require('node:sea').getAsset('${asset}', 'utf8');
    const run = require('node:vm').compileFunction(source, ['exports', 'require', 'module'], { filename: '${asset}' });
    run(exports, require, module);`;
}
