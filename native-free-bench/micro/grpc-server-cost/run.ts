// What one unary gRPC call costs the server in CPU: ours, node:http2 and @grpc/grpc-js, interleaved in one run.
//
//   node native-free-bench/micro/grpc-server-cost/run.ts [--rounds 3] [--client go|raw] [--conc 1,8,64,512] [--tls]
//   node native-free-bench/micro/grpc-server-cost/run.ts --memory
//
// Workload: 300-byte requests with the metadata of a Temporal SDK and a fresh deadline, 60-byte replies, 2 connections;
// answered at once (Small) and after a random 1 to 6 ms (Later). Unit: microseconds of CPU (user and system) of the server's
// process per call; median of the rounds. Baseline: @grpc/grpc-js. The load is grpc-go where Go is installed, else
// raw-load.ts. Checksum: the bytes received. `--memory`: bytes of resident memory per idle connection and per parked poll.

import { type ChildProcess, execFile, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { measureMemory } from './memory.ts';

const SERVERS = ['ostinato', 'node', 'grpc-js'] as const;
export type ServerName = (typeof SERVERS)[number];
const here = (name: string): string => fileURLToPath(new URL(name, import.meta.url));

interface Server {
  readonly child: ChildProcess;
  readonly port: number;
  readonly ca: string;
}

interface Result {
  readonly cpuUs: number;
  readonly p50Us: number;
  readonly p99Us: number;
  readonly maxUs: number;
  readonly receivedBytes: number;
}

const args = process.argv.slice(2);
const option = (name: string, otherwise: string): string => {
  const at = args.indexOf(`--${name}`);
  return at < 0 ? otherwise : args[at + 1]!;
};

if (args.includes('--memory')) await memory();
else await cost();

async function cost(): Promise<void> {
  const work = mkdtempSync(join(tmpdir(), 'grpc-server-cost-'));
  const client = option('client', buildGoClient(work) ? 'go' : 'raw');
  const rounds = Number(option('rounds', '3'));
  const secure = args.includes('--tls') ? ['--tls'] : [];
  const servers = new Map<ServerName, Server>();
  for (const name of SERVERS) servers.set(name, await startServer(name, secure));
  const load = (server: Server, method: string, conc: number, calls: number): Promise<Result> => {
    const common = { method, conc, calls, warm: Math.min(calls, 5000) };
    const flags = (dash: string) =>
      Object.entries(common).flatMap(([name, value]) => [`${dash}${name}`, String(value)]);
    return client === 'go'
      ? run(join(work, 'load'), ['load', '-addr', `127.0.0.1:${server.port}`, '-ca', server.ca, ...flags('-')])
      : run(process.execPath, [here('raw-load.ts'), '--port', String(server.port), ...flags('--')]);
  };
  console.log(`client ${client}, ${rounds} rounds, ${secure.length > 0 ? 'TLS' : 'plain'}`);
  for (const [method, concs] of [
    ['Small', option('conc', '1,8,64,512').split(',').map(Number)],
    ['Later', [64, 512]],
  ] as const) {
    for (const conc of concs) {
      const results = new Map<ServerName, Result[]>(SERVERS.map((name) => [name, []]));
      for (let round = 0; round < rounds; round++) {
        for (const [name, server] of servers) {
          const calls = (conc === 1 ? 4000 : conc === 8 ? 10_000 : 20_000) * (name === 'ostinato' ? 2 : 1);
          results.get(name)!.push(await load(server, method, conc, calls));
        }
      }
      report(method, conc, results);
    }
  }
  for (const { child } of servers.values()) child.kill('SIGINT');
  rmSync(work, { recursive: true });
}

function report(method: string, conc: number, results: ReadonlyMap<ServerName, Result[]>): void {
  const median = (name: ServerName, of: (result: Result) => number): number => {
    const sorted = results
      .get(name)!
      .map(of)
      .sort((a, b) => a - b);
    return sorted[sorted.length >> 1]!;
  };
  const baseline = median('grpc-js', ({ cpuUs }) => cpuUs);
  for (const name of SERVERS) {
    const cpu = median(name, ({ cpuUs }) => cpuUs);
    const [p50, p99, max] = [
      median(name, ({ p50Us }) => p50Us),
      median(name, ({ p99Us }) => p99Us),
      median(name, ({ maxUs }) => maxUs),
    ];
    const bytes = results.get(name)!.reduce((sum, { receivedBytes }) => sum + receivedBytes, 0);
    console.log(
      `${method.padEnd(5)} ${String(conc).padStart(4)} in flight  ${name.padEnd(8)} ${cpu.toFixed(1).padStart(6)} us/call ` +
        `(grpc-js / ${(baseline / cpu).toFixed(1)})  p50 ${p50.toFixed(0)} p99 ${p99.toFixed(0)} max ${max.toFixed(0)} us  ${bytes} bytes`,
    );
  }
}

async function memory(): Promise<void> {
  for (const name of SERVERS) {
    const bytes: number[] = [];
    for (const what of ['idle connection', 'parked poll'] as const) {
      // a process for each: what the first leaves free, the second would use
      const server = await startServer(name, []);
      bytes.push(await measureMemory(server.port, server.child.pid!, what));
      server.child.kill('SIGINT');
    }
    const [connection, poll] = bytes.map((one) => (one / 1024).toFixed(2));
    console.log(`${name.padEnd(8)} ${connection} KiB per idle connection, ${poll} KiB per parked poll`);
  }
}

async function startServer(name: ServerName, flags: readonly string[]): Promise<Server> {
  const node = args.includes('--memory') ? ['--expose-gc', '--max-semi-space-size=1'] : [];
  const child = spawn(process.execPath, [...node, here('server.ts'), name, ...flags], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const line = await new Promise<string>((resolve) => {
    child.stdout!.once('data', (chunk: Buffer) => resolve(String(chunk)));
  });
  return { child, ...(JSON.parse(line) as { port: number; ca: string }) };
}

function buildGoClient(work: string): boolean {
  const source = here('../../../test/rpc/interop/go');
  return spawnSync('go', ['build', '-o', join(work, 'load'), '.'], { cwd: source, stdio: 'ignore' }).status === 0;
}

function run(command: string, flags: string[]): Promise<Result> {
  return new Promise((resolve, reject) => {
    execFile(command, flags, (error, stdout) =>
      error === null ? resolve(JSON.parse(stdout) as Result) : reject(error),
    );
  });
}
