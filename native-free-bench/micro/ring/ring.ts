// How long does a call to another thread take, and how many fit in a second?
// Workload: 64 B and 1 KiB messages echoed by a second thread over rings. Unit: us per round trip, calls per second.
// Baseline: the same echo by postMessage. Prints p50, p99, max and a checksum of the echoed bytes.
// Run: node native-free-bench/micro/ring/ring.ts

import { Worker } from 'node:worker_threads';
import { startEchoThreads } from '../../../src/runtime/testing/threads.ts';

const ROUND_TRIPS = 5_000;
const CALLS = 200_000;
const IN_FLIGHT = 256;

type Call = (request: Uint8Array) => Promise<Uint8Array>;

function message(size: number): Uint8Array {
  const bytes = Buffer.alloc(size, 1);
  bytes[0] = 0; // the echo thread answers it synchronously
  return bytes;
}

async function roundTrips(name: string, size: number, call: Call): Promise<void> {
  const request = message(size);
  const times: number[] = [];
  let checksum = 0;
  for (let i = 0; i < ROUND_TRIPS; i++) {
    const startMs = performance.now();
    const response = await call(request);
    times.push((performance.now() - startMs) * 1000);
    checksum += response.length;
  }
  times.sort((a, b) => a - b);
  const at = (part: number) => times[Math.floor(part * (times.length - 1))]!.toFixed(1);
  console.log(
    `${name}\t${size} B\tround trip\tp50 ${at(0.5)} us\tp99 ${at(0.99)} us\tmax ${at(1)} us\tchecksum ${checksum}`,
  );
}

async function throughput(name: string, size: number, call: Call): Promise<void> {
  const request = message(size);
  let left = CALLS;
  let checksum = 0;
  const cpu = process.cpuUsage();
  const startMs = performance.now();
  const lane = async () => {
    while (left-- > 0) {
      const response = await call(request);
      checksum += response.length;
    }
  };
  await Promise.all(Array.from({ length: IN_FLIGHT }, lane));
  const seconds = (performance.now() - startMs) / 1000;
  const used = process.cpuUsage(cpu);
  const cpuUs = (used.user + used.system) / CALLS;
  const rate = Math.round(CALLS / seconds);
  console.log(
    `${name}\t${size} B\t${IN_FLIGHT} in flight\t${rate}/s\t${cpuUs.toFixed(2)} us CPU a call\tchecksum ${checksum}`,
  );
}

async function postMessageEcho(): Promise<{ call: Call; stop(): Promise<number> }> {
  const worker = new Worker(
    "require('node:worker_threads').parentPort.on('message', function (m) { this.postMessage(m) })",
    {
      eval: true,
    },
  );
  const pending = new Map<number, (response: Uint8Array) => void>();
  let nextId = 0;
  worker.on('message', ({ id, bytes }: { id: number; bytes: Uint8Array }) => {
    pending.get(id)!(bytes);
    pending.delete(id);
  });
  const call: Call = (bytes) =>
    new Promise((resolve) => {
      pending.set(++nextId, resolve);
      worker.postMessage({ id: nextId, bytes });
    });
  return { call, stop: () => worker.terminate() };
}

const threads = await startEchoThreads();
const baseline = await postMessageEcho();
const ring: Call = (request) => threads.router.callWorker('GetClusterInfo', request);
await throughput('warm-up', 64, ring);
for (const size of [64, 1024]) {
  await roundTrips('ring', size, ring);
  await roundTrips('postMessage', size, baseline.call);
  await throughput('ring', size, ring);
  await throughput('postMessage', size, baseline.call);
}
await baseline.stop();
await threads.stop();
