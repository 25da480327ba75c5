// The Web UI's files in a folder: as scripts/fetch-web-ui.ts lays them down, or as --ui-asset-path names it. Looked at when a file is
// asked for, never at start. Main loop; the reading is the thread pool's.

import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { type Asset, type AssetSource, isPlainPath } from './asset-source.ts';

export class FolderAssets implements AssetSource {
  private readonly folder: string;

  constructor(folder: string) {
    this.folder = folder;
  }

  async open(path: string): Promise<Asset | undefined> {
    if (!isPlainPath(path)) return undefined;
    const file = join(this.folder, path);
    const found = await stat(file).catch(missing);
    if (!found?.isFile()) return undefined;
    return {
      etag: `W/"${found.size.toString(36)}-${Math.trunc(found.mtimeMs).toString(36)}"`,
      sizeBytes: found.size,
      encoding: undefined,
      body: () => createReadStream(file),
    };
  }
}

/** Not there, or not for this process to see: to a browser the same. */
function missing(error: NodeJS.ErrnoException): undefined {
  if (['ENOENT', 'ENOTDIR', 'EACCES', 'ENAMETOOLONG', 'ELOOP'].includes(error.code ?? '')) return undefined;
  throw error;
}
