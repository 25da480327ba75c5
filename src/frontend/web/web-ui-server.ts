// The Web UI's listener. What answers is loaded with the first request: most development servers run without anybody looking. Started by
// the composition root when a UI port is configured. Main loop.

import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { Logger } from '../../metrics/logger.ts';
import type { MethodTable } from '../../rpc/handler.ts';
import { close, type HttpAddress, listen } from '../http/http-listener.ts';
import type { AssetSource } from './asset-source.ts';
import type { UiSettings } from './ui-settings.ts';
import type { WebUi } from './web-ui.ts';

/** A connection that sends its request more slowly than this is closed, as on the HTTP API's port. */
const REQUEST_TIMEOUT_MS = 120_000;
/** Connections at one time: browsers' and what watches them, each with at most one body of 4 MiB. */
const MAX_CONNECTIONS = 1_000;
/** Bytes of a request's head: /render has a run's details in its URL, 20,000 bytes at most (limit.userMetadataDetailsSize, v1.31), escaped. */
const MAX_HEAD_BYTES = 128 * 1024;

export interface WebUiOptions extends HttpAddress, UiSettings {
  readonly methods: MethodTable;
  readonly serverVersion: string;
  readonly logger: Logger;
  /** Undefined: not installed. A page says so. */
  readonly assets: AssetSource | undefined;
  /** How the files are had, a sentence of HTML for that page. */
  readonly remedy: string;
  /** '' or a path without a slash at its end. */
  readonly publicPath: string;
}

export interface WebUiServer {
  start(): Promise<HttpAddress>;
  /** Waits for requests in progress up to `graceMs`. Safe to call twice. */
  stop(graceMs: number): Promise<void>;
}

export function createWebUiServer(options: WebUiOptions): WebUiServer {
  let loaded: Promise<WebUi> | undefined;
  const load = () => {
    loaded ??= import('./web-ui.ts').then((module) => new module.WebUi(options));
    return loaded;
  };
  const answer = (request: IncomingMessage, response: ServerResponse): void => {
    const served = load().then((webUi) => webUi.serve(request, response));
    served.catch((error: unknown) => {
      // A browser that leaves in the middle of a file is no fault.
      if ((error as NodeJS.ErrnoException).code === 'ERR_STREAM_PREMATURE_CLOSE') return;
      options.logger.error({ err: error, url: request.url }, 'Web UI request failed');
      if (response.headersSent) response.destroy();
      else response.writeHead(500, { 'content-type': 'application/json' }).end('{"message":"Internal Server Error"}');
    });
  };
  const server = createServer({ requestTimeout: REQUEST_TIMEOUT_MS, maxHeaderSize: MAX_HEAD_BYTES }, answer);
  server.maxConnections = MAX_CONNECTIONS;
  return {
    start: () => listen(server, options),
    stop: (graceMs) => close(server, graceMs),
  };
}
