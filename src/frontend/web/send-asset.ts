// An asset as an HTTP answer: type, validator, how long a browser may keep it. Main loop.

import type { IncomingMessage, ServerResponse } from 'node:http';
import { pipeline } from 'node:stream/promises';
import type { Asset } from './asset-source.ts';
import { contentType } from './content-type.ts';

/** Files under this path have their content's hash in their name. */
const IMMUTABLE = '_app/immutable/';
const FOR_A_YEAR = 'public, max-age=31536000, immutable';
/** Kept, but asked for again each time. */
const ASK_AGAIN = 'no-cache';

export async function sendAsset(
  request: IncomingMessage,
  response: ServerResponse,
  path: string,
  asset: Asset,
): Promise<void> {
  response.setHeader('etag', asset.etag);
  response.setHeader('cache-control', path.startsWith(IMMUTABLE) ? FOR_A_YEAR : ASK_AGAIN);
  response.setHeader('vary', 'accept-encoding');
  if (isFresh(request.headers['if-none-match'], asset.etag)) {
    response.writeHead(304).end();
    return;
  }
  response.setHeader('content-type', contentType(path));
  response.setHeader('content-length', asset.sizeBytes);
  if (asset.encoding !== undefined) response.setHeader('content-encoding', asset.encoding);
  if (request.method === 'HEAD') {
    response.end();
    return;
  }
  const body = asset.body();
  if (body instanceof Uint8Array) response.end(body);
  else await pipeline(body, response);
}

export function isFresh(ifNoneMatch: string | undefined, etag: string): boolean {
  if (ifNoneMatch === undefined) return false;
  const plain = (tag: string) => tag.trim().replace(/^W\//, '');
  return ifNoneMatch.split(',').some((tag) => tag.trim() === '*' || plain(tag) === plain(etag));
}

export function acceptsBrotli(request: IncomingMessage): boolean {
  const header = [request.headers['accept-encoding'] ?? []].flat().join(',');
  return header.split(',').some((part) => {
    const [name, ...parameters] = part.split(';').map((text) => text.trim().toLowerCase());
    return name === 'br' && !parameters.some((parameter) => /^q=0(\.0*)?$/.test(parameter));
  });
}
