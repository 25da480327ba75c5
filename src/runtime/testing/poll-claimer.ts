// A thread that claims polls until it is told to stop: for poll-board.test.ts.

import { Buffer } from 'node:buffer';
import { parentPort, workerData } from 'node:worker_threads';
import { PollBoardReader } from '../poll-board.ts';

const { memory, key } = workerData as { memory: SharedArrayBuffer; key: string };
const reader = new PollBoardReader(memory);
let stopped = false;
parentPort!.on('message', () => {
  stopped = true;
});

function claim(): void {
  for (let i = 0; i < 100; i++) {
    const claimed = reader.claim(key);
    if (claimed !== undefined) parentPort!.postMessage([claimed.id, Buffer.from(claimed.request).toString()]);
  }
  if (stopped) {
    parentPort!.postMessage([-1, '']);
    parentPort!.close();
  } else {
    setImmediate(claim);
  }
}
// It runs; at the end it says -1.
parentPort!.postMessage([0, '']);
claim();
