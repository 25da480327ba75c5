// A load generator without any library, for machines without Go: `node raw-load.ts --port N --conc C --calls N --warm N
// --method M`. Sends unary calls as grpc-go frames them (header fields indexed after the first call, a fresh timeout in each,
// HEADERS and DATA in one write) over two connections, and prints the same line of JSON as the Go one. The server's CPU is
// what is measured, so replies are only counted by their trailers.

import { LAB, LoadConnection, REQUEST as message } from './load-connection.ts';

const CONNECTIONS = 2;

const args = process.argv.slice(2);
const option = (name: string, otherwise: string): string => {
  const at = args.indexOf(`--${name}`);
  return at < 0 ? otherwise : args[at + 1]!;
};

const connections = Array.from({ length: CONNECTIONS }, () => new LoadConnection(Number(option('port', '0'))));

async function usage(): Promise<{ User: number; System: number }> {
  const reply = await new Promise<Buffer>((resolve) => connections[0]!.call(`${LAB}Usage`, message, resolve));
  return JSON.parse(reply.toString()) as { User: number; System: number };
}

async function run(calls: number, latencies: Float64Array): Promise<{ seconds: number; receivedBytes: number }> {
  const inFlight = Number(option('conc', '64'));
  const path = LAB + option('method', 'Small');
  const began = performance.now();
  let started = 0;
  let received = 0;
  let finished = 0;
  await new Promise<void>((resolve) => {
    const next = (connection: LoadConnection): void => {
      if (started >= calls) return;
      const index = started++;
      const at = performance.now();
      connection.call(path, message, (reply) => {
        latencies[index] = performance.now() - at;
        received += reply.length;
        if (++finished === calls) resolve();
        else next(connection);
      });
    };
    for (let i = 0; i < inFlight; i++) next(connections[i % CONNECTIONS]!);
  });
  return { seconds: (performance.now() - began) / 1000, receivedBytes: received };
}

await run(Number(option('warm', '5000')), new Float64Array(Number(option('warm', '5000'))));
const calls = Number(option('calls', '20000'));
const latencies = new Float64Array(calls);
const before = await usage();
const { seconds, receivedBytes } = await run(calls, latencies);
const after = await usage();
latencies.sort();
const at = (quantile: number): number => latencies[Math.floor(quantile * (calls - 1))]! * 1000;
console.log(
  JSON.stringify({
    cpuUs: (after.User + after.System - before.User - before.System) / calls,
    callsPerSecond: calls / seconds,
    p50Us: at(0.5),
    p99Us: at(0.99),
    maxUs: at(1),
    receivedBytes,
  }),
);
for (const { socket } of connections) socket.destroy();
