// What would four calls of one client alone take if the server did nothing in them but its way: socket, main, bell, history thread, one write and one
// sync of a file, bell, main, socket? Nothing that has this shape and this disk answers sooner; the rest of a workflow's time is ours.
// Workload: 300 B each way over TCP to another process, four calls one after the other as a workflow with one activity makes them; 12 KiB written and
// synced in each (`sync`) or nothing (`memory`). Unit: ms for four calls. Baseline: `memory`. Prints p50, p90, p99.
// Run: node native-free-bench/micro/call-floor/call-floor.ts [FOLDER]   (where the file is written; default: the system's temporary folder)

import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const WORKFLOWS = 3_000;
const WARM_UP = 500;
const CALLS = 4;
const REQUEST = Buffer.alloc(300, 1);

function measure(port: number): Promise<number[]> {
  const socket = connect({ port, host: '127.0.0.1', noDelay: true });
  const times: number[] = [];
  const { promise, resolve, reject } = Promise.withResolvers<number[]>();
  let beganMs = 0;
  let calls = 0;
  const begin = () => {
    beganMs = performance.now();
    calls = 0;
    socket.write(REQUEST);
  };
  socket.on('connect', begin);
  socket.on('error', reject);
  socket.on('data', () => {
    calls++;
    if (calls < CALLS) {
      socket.write(REQUEST);
      return;
    }
    times.push(performance.now() - beganMs);
    if (times.length < WARM_UP + WORKFLOWS) begin();
    else {
      socket.destroy();
      resolve(times.slice(WARM_UP));
    }
  });
  return promise;
}

const folder = mkdtempSync(join(process.argv[2] ?? tmpdir(), 'call-floor-'));
try {
  for (const mode of ['memory', 'sync']) {
    const server = fork(join(import.meta.dirname, 'server.ts'), [mode, join(folder, 'floor.dat')]);
    const [port] = (await once(server, 'message')) as [number];
    const times = (await measure(port)).sort((a, b) => a - b);
    const at = (part: number) => times[Math.floor(part * (times.length - 1))]!.toFixed(2);
    console.log(`${mode}\t${CALLS} calls\tp50 ${at(0.5)} ms\tp90 ${at(0.9)} ms\tp99 ${at(0.99)} ms`);
    server.kill();
    await once(server, 'exit');
  }
} finally {
  rmSync(folder, { recursive: true });
}
