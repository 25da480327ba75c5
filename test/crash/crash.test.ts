// The server is killed with SIGKILL at random moments under load and started again; what it acknowledged must be there exactly
// once. OSTINATO_CRASH_ROUNDS kills per store (20 for a full run), OSTINATO_CRASH_SEED to choose the same moments again,
// OSTINATO_CRASH_STORE=sqlite|postgres for one store.

import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { Connection } from '@temporalio/client';
import { freePort, startPostgres } from '../end-to-end/harness/postgres.ts';
import { pause, waitUntil } from '../end-to-end/harness/wait-until.ts';
import { CrashTarget } from './crash-target.ts';
import { Ledger } from './ledger.ts';
import { LoadDriver } from './load-driver.ts';
import { Random } from './random.ts';
import { verify } from './verify.ts';

/** Few by default, so that the suite can be part of every test run. */
const DEFAULT_ROUNDS = 3;
const LEAST_LIFE_MS = 400;
const MOST_LIFE_MS = 2_500;
/** After the last restart; activities that were lost wait for their timeouts. */
const DRAIN_DEADLINE_MS = 90_000;

const rounds = Number(process.env.OSTINATO_CRASH_ROUNDS ?? DEFAULT_ROUNDS);
const seed = Number(process.env.OSTINATO_CRASH_SEED ?? Math.floor(Math.random() * 2 ** 31));
const stores = (process.env.OSTINATO_CRASH_STORE ?? 'sqlite,postgres').split(',');

describe(`SIGKILL under load, seed ${seed}`, () => {
  for (const store of stores) {
    it(`${rounds} crashes on ${store} lose nothing that was acknowledged`, { timeout: 600_000 }, () => crash(store));
  }
});

async function crash(store: string): Promise<void> {
  const random = new Random(seed);
  const folder = await mkdtemp(join(tmpdir(), 'ostinato-crash-'));
  const postgres = store === 'postgres' ? await startPostgres() : undefined;
  const target = new CrashTarget({
    port: await freePort(),
    httpPort: await freePort(),
    databaseUrl: postgres?.url,
    dataFile: postgres ? undefined : join(folder, 'ostinato.db'),
    folder,
  });
  const ledger = new Ledger();
  try {
    await target.start();
    await registerNamespace(target.address);
    const driver = new LoadDriver(target.address, ledger, random, `crash-${seed}`);
    await driver.start();
    try {
      const restarts = await killRepeatedly(target, random);
      await Promise.race([driver.drain(), deadline(ledger)]);
      await report(target.address, ledger, restarts, store);
    } finally {
      await driver.stop();
    }
  } finally {
    await target.stop();
    await postgres?.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

async function killRepeatedly(target: CrashTarget, random: Random): Promise<number[]> {
  const restartMs: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    await pause(random.between(LEAST_LIFE_MS, MOST_LIFE_MS));
    await target.kill();
    const began = performance.now();
    await target.start();
    restartMs.push(performance.now() - began);
  }
  return restartMs;
}

async function deadline(ledger: Ledger): Promise<void> {
  await wait(DRAIN_DEADLINE_MS, undefined, { ref: false });
  const open = [...ledger.entries.values()].filter((entry) => !entry.completed);
  if (open.length > 0) ledger.violations.push(`${open.length} workflows did not finish: ${open[0]?.workflowId} ...`);
}

async function report(address: string, ledger: Ledger, restartMs: readonly number[], store: string): Promise<void> {
  const connection = await Connection.connect({ address, interceptors: [] });
  try {
    const problems = await verify(connection, ledger);
    const entries = [...ledger.entries.values()];
    const sum = (count: (entry: (typeof entries)[number]) => number) =>
      entries.reduce((total, entry) => total + count(entry), 0);
    process.stdout.write(
      `${store}, seed ${seed}: ${rounds} crashes, ${entries.length} workflows, ${sum((entry) => entry.signals.size)} signals, ` +
        `${sum((entry) => entry.updates.size)} updates, ${sum((entry) => entry.attempts.size)} activity attempts, ` +
        `${sum((entry) => entry.answers.length)} workflow tasks; slowest restart ${Math.max(0, ...restartMs).toFixed(0)} ms\n`,
    );
    assert.ok(entries.length > rounds, 'there was load');
    assert.deepEqual(problems.slice(0, 20), [], `${problems.length} problems, seed ${seed}`);
  } finally {
    await connection.close();
  }
}

/** Ostinato has a namespace `default`; another server under test may not. */
async function registerNamespace(address: string): Promise<void> {
  const connection = await Connection.connect({ address, interceptors: [] });
  const { workflowService } = connection;
  await workflowService
    .registerNamespace({ namespace: 'default', workflowExecutionRetentionPeriod: { seconds: 86_400 as never } })
    .catch((error: { code: number }) => assert.equal(error.code, 6));
  await waitUntil(() => workflowService.listWorkflowExecutions({ namespace: 'default' }), 'the namespace', 20_000);
  await connection.close();
}
