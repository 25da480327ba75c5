// Where new threads get their code. In the single executable that is a bundle embedded in it, which a Worker takes as source
// text; there is no file.

import { getAsset, isSea } from 'node:sea';
import type { ThreadEntry } from '../runtime/thread-supervisor.ts';

/** Name under which scripts/build-executable.ts embeds the threads' bundle. */
export const THREAD_BUNDLE_ASSET = 'thread.cjs';

export function threadEntry(): ThreadEntry {
  if (isSea()) return { source: getAsset(THREAD_BUNDLE_ASSET, 'utf8') };
  return { url: new URL('./server/thread-main.js', import.meta.url) };
}
