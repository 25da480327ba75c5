// Ports of 127.0.0.1 for servers that benchmarks and tests start, and start again. They are below those that the kernel gives to connections (32768
// on Linux): from among those, one that was free when it was asked for belongs to somebody's connection by the time the server wants it, now
// and then. And within a smallint, which is how Temporal stores its own in PostgreSQL.

import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';

const FIRST = 10_000;
const END = 32_000;

/** One that nobody listens on; the same one is unlikely to be given twice. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = randomInt(FIRST, END);
    if (await isFree(port)) return port;
  }
}

/** Different ones. */
export async function freePorts(count: number): Promise<readonly number[]> {
  const free = new Set<number>();
  while (free.size < count) free.add(await freePort());
  return [...free];
}

export function isFree(port: number): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const server = createServer().once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE' || error.code === 'EACCES') resolve(false);
      else reject(error);
    });
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}
