// Where new threads get their code: the same entry as this process. In the single executable that is the bundle embedded in
// it, which a Worker takes as source text; there is no file.

import { getAsset, isSea } from 'node:sea';
import type { ThreadEntry } from '../runtime/thread-supervisor.ts';

/** Name under which scripts/build-executable.ts embeds the bundle. */
export const BUNDLE_ASSET = 'ostinato.cjs';

export function threadEntry(): ThreadEntry {
  if (isSea()) return { source: getAsset(BUNDLE_ASSET, 'utf8') };
  return { url: new URL('../main.ts', import.meta.url) };
}
