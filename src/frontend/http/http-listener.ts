// Opening and closing a listener of node:http, for the HTTP API and the Web UI. Main loop.

import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface HttpAddress {
  readonly host: string;
  readonly port: number;
}

/** Port 0 takes a free one. Rejects with what the operating system says. */
export function listen(server: Server, { host, port }: HttpAddress): Promise<HttpAddress> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      const address = server.address() as AddressInfo;
      resolve({ host: address.address, port: address.port });
    });
  });
}

/** Waits for requests in progress up to `graceMs`. Safe to call twice. */
export function close(server: Server, graceMs: number): Promise<void> {
  if (!server.listening) return Promise.resolve();
  return new Promise((resolve) => {
    const limit = setTimeout(() => server.closeAllConnections(), graceMs);
    server.close(() => {
      clearTimeout(limit);
      resolve();
    });
    server.closeIdleConnections();
  });
}
