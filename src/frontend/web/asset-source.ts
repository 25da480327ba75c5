// Where the Web UI's files are: a folder, or the executable itself. Main loop.

import type { Readable } from 'node:stream';

export interface Asset {
  readonly etag: string;
  /** Of what `body` gives. */
  readonly sizeBytes: number;
  /** Undefined: as it is. */
  readonly encoding: 'br' | undefined;
  /** Called at most once; until then nothing is open. */
  body(): Readable | Uint8Array;
}

export interface AssetSource {
  /** `path` has no leading slash. Undefined if there is no file of this name, whatever else the name might mean elsewhere. */
  open(path: string, accepts: { readonly brotli: boolean }): Promise<Asset | undefined>;
}

/** Whether a file's name means the same in every source: no way up or out, no other way to write a separator. */
export function isPlainPath(path: string): boolean {
  return path
    .split('/')
    .every((part) => part !== '' && part !== '.' && part !== '..' && !/[\\:\0]/.test(part) && !part.startsWith('.'));
}
