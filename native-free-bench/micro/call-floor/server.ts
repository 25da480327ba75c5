// The server of call-floor.ts: the main thread has the socket, a second one the file. They wake each other as the server's threads do; what
// a ring would carry is a number of calls.

import { fdatasyncSync, fsyncSync, openSync, writeSync } from 'node:fs';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { isMainThread, Worker, workerData } from 'node:worker_threads';
import { Bell, createBells, Doorbell } from '../../../src/runtime/doorbell.ts';

const MAIN = 0;
const HISTORY = 1;
/** As much as a small commit of SQLite writes at least. */
const WRITE_BYTES = 12 * 1024;
/** The file has its length from the beginning, as SQLite's log after its first checkpoint. */
const FILE_WRITES = 800;
const REPLY = Buffer.alloc(300, 1);

interface Setup {
  readonly bells: SharedArrayBuffer;
  /** Calls that have come to each thread. */
  readonly calls: Int32Array;
  readonly mode: string;
  readonly file: string;
}

/** The other thread's side: a call goes to it. */
function passTo({ bells, calls }: Setup, thread: number): () => void {
  const bell = new Bell(bells, thread);
  return () => {
    Atomics.add(calls, thread, 1);
    bell.ring();
  };
}

function onCalls({ bells, calls }: Setup, thread: number, call: () => void): void {
  let done = 0;
  const hasWork = () => Atomics.load(calls, thread) !== done;
  const work = (): void => {
    while (hasWork()) {
      done++;
      call();
    }
  };
  new Doorbell(bells, thread, { work, hasWork }).start();
}

function main(): void {
  const [mode, file] = process.argv.slice(2) as [string, string];
  const setup: Setup = { bells: createBells(2), calls: new Int32Array(new SharedArrayBuffer(8)), mode, file };
  new Worker(new URL(import.meta.url), { workerData: setup });
  let client: Socket | undefined;
  onCalls(setup, MAIN, () => client?.write(REPLY));
  const pass = passTo(setup, HISTORY);
  const server = createServer({ noDelay: true }, (socket) => {
    client = socket;
    socket.on('data', pass);
    socket.on('error', () => {}); // the client has what it came for
  });
  server.listen(0, '127.0.0.1', () => process.send?.((server.address() as AddressInfo).port));
}

function history(setup: Setup): void {
  const bytes = Buffer.alloc(WRITE_BYTES, 1);
  const fd = openSync(setup.file, 'w');
  for (let i = 0; i < FILE_WRITES; i++) writeSync(fd, bytes, 0, WRITE_BYTES, i * WRITE_BYTES);
  fsyncSync(fd);
  let writes = 0;
  setInterval(() => {}, 1_000); // a thread that only waits for a bell would end
  const pass = passTo(setup, MAIN);
  onCalls(setup, HISTORY, () => {
    if (setup.mode === 'sync') {
      writeSync(fd, bytes, 0, WRITE_BYTES, (writes++ % FILE_WRITES) * WRITE_BYTES);
      fdatasyncSync(fd);
    }
    pass();
  });
}

if (isMainThread) main();
else history(workerData as Setup);
