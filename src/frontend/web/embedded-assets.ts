// The Web UI's files as build:executable puts them into the executable, each compressed with Brotli. Main loop.

import { promisify } from 'node:util';
import { brotliDecompress } from 'node:zlib';
import { type Asset, type AssetSource, isPlainPath } from './asset-source.ts';
import { UI_VERSION } from './ui-version.ts';

const decompress = promisify(brotliDecompress);

export class EmbeddedAssets implements AssetSource {
  private readonly read: (path: string) => Uint8Array | undefined;

  /** `read` gives the compressed file, undefined if there is none. */
  constructor(read: (path: string) => Uint8Array | undefined) {
    this.read = read;
  }

  async open(path: string, { brotli }: { readonly brotli: boolean }): Promise<Asset | undefined> {
    const compressed = isPlainPath(path) ? this.read(path) : undefined;
    if (compressed === undefined) return undefined;
    const bytes = brotli ? compressed : await decompress(compressed);
    // The files of one version never change; weak, for a client may get them compressed or not.
    return {
      etag: `W/"${UI_VERSION}"`,
      sizeBytes: bytes.byteLength,
      encoding: brotli ? 'br' : undefined,
      body: () => bytes,
    };
  }
}
