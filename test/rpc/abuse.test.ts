// The port under attack: `node --test test/rpc/abuse.test.ts`. The server runs in a process of its own; while each attack goes
// on in a worker thread, a probe on another connection must be answered within 50 ms, and the server's memory and CPU
// have ceilings. Figures are printed with each attack. Linux only: memory and CPU are read from /proc.

import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { platform } from 'node:os';
import { after, before, describe, it, type TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { ATTACKS, type AttackResult, idleConnections } from './attacks.ts';
import { type RawClient, rawClient } from './grpc-client.ts';
import { LAB } from './lab-service.ts';

const ENHANCE_YOUR_CALM = 0xb;
/** For each attack. Short: what leaks or starves does so at once. */
const ATTACK_MS = 1200;
/** What the probe may take while an attack goes on (issue 4), but for the worst one in twenty: the machine is shared. */
const ATTEMPTS = 3;
const PROBE_LIMIT_MS = 50;
const CLOCK_TICK_MS = 10;

interface Ceiling {
  /** How far resident memory may grow, in MiB. */
  readonly rssMib: number;
  /** Server CPU during the attack and the probes, in ms. */
  readonly cpuMs: number;
  /** The server must end the connection with this code. */
  readonly goaway?: number;
}

/** A flood is cut off: its budget is 100 ms of CPU, with as much again for parsing, probes and collecting garbage. */
const FLOOD: Ceiling = { rssMib: 80, cpuMs: 600, goaway: ENHANCE_YOUR_CALM };
/** Back-pressure keeps these going, so that they may take their share of the core all the time. */
const SLOW: Ceiling = { rssMib: 220, cpuMs: 1400 };

const CEILINGS: Readonly<Record<string, Ceiling>> = {
  'headers over the limit': { ...FLOOD, cpuMs: 900 },
  'DATA of padding only': { rssMib: 80, cpuMs: 1400 },
  'PING flood without reading': FLOOD,
  'one byte of a message per read of noise': SLOW,
  'slow reader with full windows': SLOW,
  'slow reader without a window': SLOW,
  'slow reader of late answers': SLOW,
  'half bodies on many streams': SLOW,
  'announced lengths that never come': { rssMib: 150, cpuMs: 1400 },
  'gzip bombs': { rssMib: 300, cpuMs: 3000 },
  'byte by byte': { rssMib: 40, cpuMs: 600 },
};

describe('the gRPC port under attack', { skip: platform() === 'linux' ? false : 'reads /proc' }, () => {
  let child: ChildProcess;
  let port: number;
  let probe: RawClient;

  before(async () => {
    child = spawn(process.execPath, [fileURLToPath(new URL('lab-server.ts', import.meta.url)), '--defended'], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const line = await new Promise<string>((resolve) =>
      child.stdout!.once('data', (chunk: Buffer) => resolve(String(chunk))),
    );
    port = (JSON.parse(line) as { port: number }).port;
    probe = rawClient(port);
    for (let i = 0; i < 200; i++) await probe.call(`${LAB}Small`, Buffer.alloc(10));
  });

  after(() => {
    probe.close();
    child.kill();
  });

  for (const name of Object.keys(ATTACKS)) {
    it(`survives: ${name}`, async (context) => {
      // A machine that is busy with other things keeps others waiting without any attack: only what happens each time counts.
      let worst = Number.POSITIVE_INFINITY;
      for (let attempt = 0; attempt < ATTEMPTS && worst > PROBE_LIMIT_MS; attempt++)
        worst = await attack(name, context);
      assert.ok(worst <= PROBE_LIMIT_MS, `others waited ${worst} ms`);
    });
  }

  /** How long others waited at the 95th percentile, in ms. */
  async function attack(name: string, context: TestContext): Promise<number> {
    const ceiling = CEILINGS[name] ?? FLOOD;
    const rssBefore = rssMib(child.pid!);
    const cpuBefore = cpuMs(child.pid!);
    const running = runAttack(name, port, ATTACK_MS);
    const { latencies, peakRss } = await probeUntil(running, probe, child.pid!);
    const result = await running;
    const cpu = cpuMs(child.pid!) - cpuBefore;
    const growth = Math.max(peakRss, rssMib(child.pid!)) - rssBefore;
    const worst = latencies[Math.floor((latencies.length - 1) * 0.95)]!;
    context.diagnostic(
      `sent ${result.sentBytes >> 10} KiB, closed ${result.closed}, goaway ${result.goawayCode ?? '-'}, cpu ${cpu} ms, ` +
        `rss +${growth} MiB, probe p50 ${latencies[latencies.length >> 1]!.toFixed(1)} p95 ${worst.toFixed(1)} ms`,
    );
    if (ceiling.goaway !== undefined) {
      assert.ok(result.closed, 'the server ends the connection');
      if (result.goawayCode !== undefined) assert.equal(result.goawayCode, ceiling.goaway);
    }
    assert.ok(growth <= ceiling.rssMib, `memory grew by ${growth} MiB`);
    assert.ok(cpu <= ceiling.cpuMs, `the server took ${cpu} ms`);
    return worst;
  }

  it('does not punish a worker host that cancels thousands of polls', async () => {
    const result = await runAttack('heavy cancelling', port, 10_000);
    assert.equal(result.closed, false);
    assert.equal(result.goawayCode, undefined);
  });

  for (const hello of [false, true]) {
    it(`holds 10,000 connections that ${hello ? 'said hello' : 'never send a preface'}`, async (context) => {
      const rssBefore = rssMib(child.pid!);
      const close = await idleConnections(port, 10_000, hello);
      let tookMs = Number.POSITIVE_INFINITY;
      for (let attempt = 0; attempt < ATTEMPTS && tookMs > PROBE_LIMIT_MS; attempt++) {
        const began = performance.now();
        assert.equal((await probe.call(`${LAB}Small`, Buffer.alloc(10))).code, 0);
        tookMs = performance.now() - began;
      }
      const growth = rssMib(child.pid!) - rssBefore;
      context.diagnostic(
        `rss +${growth} MiB, ${((growth * 1024) / 10_000).toFixed(1)} KiB each, probe ${tookMs.toFixed(1)} ms`,
      );
      close();
      assert.ok(tookMs <= PROBE_LIMIT_MS, `the probe waited ${tookMs} ms`);
      assert.ok(growth <= 200, `memory grew by ${growth} MiB`);
    });
  }
});

function runAttack(name: string, port: number, ms: number): Promise<AttackResult> {
  const worker = new Worker(new URL('attack-worker.ts', import.meta.url), { workerData: { name, port, ms } });
  return new Promise((resolve, reject) => {
    worker.once('message', (result: AttackResult) => resolve(result));
    worker.once('error', reject);
  });
}

/** Calls on another connection, one after the other, until the attack is over. */
async function probeUntil(
  attack: Promise<unknown>,
  probe: RawClient,
  pid: number,
): Promise<{ latencies: number[]; peakRss: number }> {
  let over = false;
  attack.then(
    () => (over = true),
    () => (over = true),
  );
  const latencies: number[] = [];
  let peakRss = 0;
  while (!over) {
    const began = performance.now();
    const answer = await probe.call(`${LAB}Small`, Buffer.alloc(10), { deadline: Date.now() + 10_000 });
    assert.equal(answer.code, 0, answer.message);
    latencies.push(performance.now() - began);
    peakRss = Math.max(peakRss, rssMib(pid));
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  return { latencies: latencies.sort((a, b) => a - b), peakRss };
}

function rssMib(pid: number): number {
  return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))![1]) >> 10;
}

/** User and system time, fields 14 and 15 of proc(5)'s stat, behind the command's closing bracket. */
function cpuMs(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) * CLOCK_TICK_MS;
}
