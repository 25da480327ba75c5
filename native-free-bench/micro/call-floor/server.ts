// The server of call-floor.ts: the main thread has the socket, a second one the file. Each has a bell, a counter that the other raises.

import { fdatasyncSync, fsyncSync, openSync, writeSync } from 'node:fs';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { isMainThread, Worker, workerData } from 'node:worker_threads';

const HISTORY_BELL = 0;
const MAIN_BELL = 1;
/** As much as a small commit of SQLite writes at least. */
const WRITE_BYTES = 12 * 1024;
/** The file has its length from the beginning, as SQLite's log after its first checkpoint. */
const FILE_WRITES = 800;
const REPLY = Buffer.alloc(300, 1);

interface Setup {
  readonly bells: Int32Array;
  readonly mode: string;
  readonly file: string;
}

function ring(bells: Int32Array, bell: number): void {
  Atomics.add(bells, bell, 1);
  Atomics.notify(bells, bell);
}

async function onRing(bells: Int32Array, bell: number, ringing: () => void): Promise<never> {
  for (let heard = 0; ; ) {
    const waiting = Atomics.waitAsync(bells, bell, heard);
    if (waiting.async) await waiting.value;
    const now = Atomics.load(bells, bell);
    if (now === heard) continue;
    heard = now;
    ringing();
  }
}

function main(): void {
  const bells = new Int32Array(new SharedArrayBuffer(8));
  const [mode, file] = process.argv.slice(2) as [string, string];
  new Worker(new URL(import.meta.url), { workerData: { bells, mode, file } satisfies Setup });
  let client: Socket | undefined;
  void onRing(bells, MAIN_BELL, () => client?.write(REPLY));
  const server = createServer({ noDelay: true }, (socket) => {
    client = socket;
    socket.on('data', () => ring(bells, HISTORY_BELL));
    socket.on('error', () => {}); // the client has what it came for
  });
  server.listen(0, '127.0.0.1', () => process.send?.((server.address() as AddressInfo).port));
}

function history({ bells, mode, file }: Setup): void {
  const bytes = Buffer.alloc(WRITE_BYTES, 1);
  const fd = openSync(file, 'w');
  for (let i = 0; i < FILE_WRITES; i++) writeSync(fd, bytes, 0, WRITE_BYTES, i * WRITE_BYTES);
  fsyncSync(fd);
  let writes = 0;
  setInterval(() => {}, 1_000); // a thread that only waits for a bell would end
  void onRing(bells, HISTORY_BELL, () => {
    if (mode === 'sync') {
      writeSync(fd, bytes, 0, WRITE_BYTES, (writes++ % FILE_WRITES) * WRITE_BYTES);
      fdatasyncSync(fd);
    }
    ring(bells, MAIN_BELL);
  });
}

if (isMainThread) main();
else history(workerData as Setup);
