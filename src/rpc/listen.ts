// Binds a server to its address. Both transports. Main loop.

import type { AddressInfo, ListenOptions, Server } from 'node:net';

/** Resolves with the address that was bound, once connections are accepted. */
export function listen(
  server: Server,
  options: ListenOptions & { host: string },
): Promise<{ host: string; port: number }> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(options, () => {
      server.removeListener('error', reject);
      resolve({ host: options.host, port: (server.address() as AddressInfo).port });
    });
  });
}
