export type { AssetSource } from './asset-source.ts';
export { EmbeddedAssets } from './embedded-assets.ts';
export { FolderAssets } from './folder-assets.ts';
export { createWebUiServer, type WebUiOptions, type WebUiServer } from './web-ui-server.ts';
