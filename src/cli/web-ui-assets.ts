// Where a development server finds the Web UI's files: in the folder that it is told, in the executable itself, or where `npm run web-ui`
// lays them down. Nothing is read here but whether they are there.

import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { getAssetKeys, getRawAsset, isSea } from 'node:sea';
import { type AssetSource, EmbeddedAssets, FolderAssets } from '../frontend/web/index.ts';
import { FatalError } from './fatal.ts';

/** Where scripts/fetch-web-ui.ts puts the files, and build:executable takes them from. */
export const WEB_UI_FOLDER = join(import.meta.dirname, '../../dist/web-ui');

/** Of the names under which scripts/build-executable.ts embeds them. */
export const WEB_UI_ASSET_PREFIX = 'web-ui/';

export interface WebUiAssets {
  /** Undefined: not installed. */
  readonly assets: AssetSource | undefined;
  /** How they are had, a sentence of HTML. */
  readonly remedy: string;
}

export function webUiAssets(folder: string | undefined): WebUiAssets {
  if (folder !== undefined) {
    const path = resolve(folder);
    if (!existsSync(join(path, 'index.html'))) throw new FatalError(`--ui-asset-path: ${path} has no index.html`);
    return { assets: new FolderAssets(path), remedy: '' };
  }
  if (isSea()) {
    const remedy =
      'This executable was built without them; <code>--ui-asset-path FOLDER</code> serves them from a folder.';
    return { assets: embeddedAssets(), remedy };
  }
  const remedy =
    '<code>npm run web-ui</code> installs them for servers of this folder; <code>--ui-asset-path FOLDER</code> serves them from another.';
  return {
    assets: existsSync(join(WEB_UI_FOLDER, 'index.html')) ? new FolderAssets(WEB_UI_FOLDER) : undefined,
    remedy,
  };
}

function embeddedAssets(): AssetSource | undefined {
  const keys = new Set(getAssetKeys());
  if (!keys.has(`${WEB_UI_ASSET_PREFIX}index.html`)) return undefined;
  return new EmbeddedAssets((path) => {
    const key = WEB_UI_ASSET_PREFIX + path;
    return keys.has(key) ? new Uint8Array(getRawAsset(key)) : undefined;
  });
}
