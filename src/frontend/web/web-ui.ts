// What the Web UI's port answers: settings and health, the JSON API as the UI reads it, the UI's files, and its one page for every other
// path. Routes and headers as Temporal's UI server has them (server/server.go and server/route, ui-server v2.54). Main loop.

import { createHash } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { ApiEndpoint, JSON_HEADERS, writeResponse } from '../http/api-endpoint.ts';
import { WEB_UI_DIALECT } from '../http/dialect.ts';
import { csrfCookie, csrfRefusal } from './csrf.ts';
import { indexPage } from './index-page.ts';
import { missingFilesPage } from './missing-files-page.ts';
import { belowPublicPath } from './public-path.ts';
import { rawHistoryUrl, sendRawHistory } from './raw-history.ts';
import { renderedPage } from './rendered-page.ts';
import { acceptsBrotli, isFresh, sendAsset } from './send-asset.ts';
import { settingsJson } from './ui-settings.ts';
import { UI_VERSION } from './ui-version.ts';
import type { WebUiOptions } from './web-ui-server.ts';

const HTML_HEADERS = { 'content-type': 'text/html; charset=utf-8' };
const SECURITY_HEADERS: readonly (readonly [string, string])[] = [
  ['x-content-type-options', 'nosniff'],
  ['x-frame-options', 'SAMEORIGIN'],
];
/** A path below it is a file or nothing, never a page. */
const FILES = '/_app/';
const PAGE = 'index.html';
/** 128 bits of a hash tell contents apart. */
const ETAG_DIGITS = 22;

export class WebUi {
  private readonly options: WebUiOptions;
  private readonly api: ApiEndpoint;

  constructor(options: WebUiOptions) {
    this.options = options;
    this.api = new ApiEndpoint({
      methods: options.methods,
      serverVersion: options.serverVersion,
      dialect: WEB_UI_DIALECT,
      additionalForwardedHeaders: ['caller-type'],
      client: { name: 'temporal-ui', version: UI_VERSION },
    });
  }

  async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const asked = request.url ?? '/';
    const url = belowPublicPath(asked, this.options.publicPath) ?? asked;
    const path = url.split('?', 1)[0] as string;
    for (const [name, value] of SECURITY_HEADERS) response.setHeader(name, value);
    // No other origin is allowed anything, so a preflight has nothing to say.
    if (request.method === 'OPTIONS') {
      response.writeHead(204).end();
      return;
    }
    // What any cache may keep must not carry a visitor's token.
    const cookie = path.startsWith(FILES) ? undefined : csrfCookie(request);
    if (cookie !== undefined) response.setHeader('set-cookie', cookie);
    const refusal = csrfRefusal(request);
    if (refusal !== undefined) {
      writeJson(response, refusal.status, JSON.stringify({ message: refusal.message }));
      return;
    }
    if (path.startsWith('/api/v1/')) return this.serveApi(request, response, url);
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      response.setHeader('allow', 'OPTIONS, GET, HEAD');
      return writeJson(response, 405, '{"message":"Method Not Allowed"}');
    }
    if (path === '/healthz') return writeJson(response, 200, '{"status":"OK"}');
    if (path === '/render') return writeResponse(response, renderedPage(new URLSearchParams(url.slice(path.length))));
    return this.serveFile(request, response, path);
  }

  private async serveApi(request: IncomingMessage, response: ServerResponse, url: string): Promise<void> {
    const path = url.split('?', 1)[0] as string;
    const isRead = request.method === 'GET';
    if (isRead && path === '/api/v1/settings') return writeJson(response, 200, settingsJson(this.options));
    const run = isRead ? rawHistoryUrl(path) : undefined;
    if (run !== undefined) return sendRawHistory(this.api, run, request, response);
    writeResponse(response, await this.api.call(request, response, url));
  }

  private async serveFile(request: IncomingMessage, response: ServerResponse, path: string): Promise<void> {
    const name = fileName(path);
    if (name !== undefined && name !== PAGE) {
      const asset = await this.options.assets?.open(name, { brotli: acceptsBrotli(request) });
      if (asset !== undefined) return sendAsset(request, response, name, asset);
    }
    if (path.startsWith(FILES)) return writeJson(response, 404, '{"message":"Not Found"}');
    await this.sendPage(request, response);
  }

  private async sendPage(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { assets, publicPath, remedy } = this.options;
    const asked = request.url ?? '/';
    if (belowPublicPath(asked, publicPath) === undefined) {
      response.writeHead(308, { location: publicPath + asked }).end();
      return;
    }
    const file = await assets?.open(PAGE, { brotli: false });
    const body =
      file === undefined ? missingFilesPage(publicPath, remedy) : indexPage(await textOf(file.body()), publicPath);
    const etag = `"${createHash('sha256').update(body).digest('base64url').slice(0, ETAG_DIGITS)}"`;
    const headers = { ...HTML_HEADERS, etag, 'cache-control': 'no-cache' };
    if (isFresh(request.headers['if-none-match'], etag)) response.writeHead(304, headers).end();
    else writeResponse(response, { status: 200, headers, body });
  }
}

/** What the path names in a folder, without the leading slash; undefined if it cannot be read. */
function fileName(path: string): string | undefined {
  try {
    const parts = path.split('/').slice(1).map(decodeURIComponent);
    // A slash that was escaped is no separator.
    return parts.some((part) => part.includes('/')) ? undefined : parts.join('/');
  } catch (error) {
    if (error instanceof URIError) return undefined;
    throw error;
  }
}

async function textOf(body: AsyncIterable<Uint8Array> | Uint8Array): Promise<string> {
  return (body instanceof Uint8Array ? Buffer.from(body) : await buffer(body)).toString();
}

function writeJson(response: ServerResponse, status: number, body: string): void {
  writeResponse(response, { status, headers: JSON_HEADERS, body });
}
