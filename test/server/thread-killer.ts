// Preloaded into a server under test (node --import): ends a thread with an exception when a file of its name appears in the
// folder OSTINATO_TEST_KILL. The product has no such switch.

import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { isMainThread, workerData } from 'node:worker_threads';

const folder = process.env.OSTINATO_TEST_KILL;
const LOOK_INTERVAL_MS = 10;

if (!isMainThread && folder !== undefined) {
  const { thread, topology } = workerData as { thread: number; topology: { threads: { name: string }[] } };
  const path = join(folder, topology.threads[thread]!.name);
  setInterval(() => {
    if (!existsSync(path)) return;
    rmSync(path);
    throw new Error('killed by a test');
  }, LOOK_INTERVAL_MS).unref();
}
