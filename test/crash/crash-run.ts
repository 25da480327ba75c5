// One run of the crash suite: a server under load, something that happens to it, and the comparison of what it acknowledged with
// what it shows in the end.

import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { Connection } from '@temporalio/client';
import { freePort } from '../../native-free-bench/peers/free-ports.ts';
import { startPostgres } from '../end-to-end/harness/postgres.ts';
import { waitUntil } from '../end-to-end/harness/wait-until.ts';
import { CrashTarget } from './crash-target.ts';
import { Ledger } from './ledger.ts';
import { LoadDriver } from './load-driver.ts';
import { Random } from './random.ts';
import { verify } from './verify.ts';

/** After the last restart; activities that were lost wait for their timeouts. */
const DRAIN_DEADLINE_MS = 90_000;

export const seed = Number(process.env.OSTINATO_CRASH_SEED ?? Math.floor(Math.random() * 2 ** 31));

export interface Suffering {
  readonly target: CrashTarget;
  readonly random: Random;
}

/** `suffer` leaves a server that runs; it returns how long each restart took. */
export async function crashRun(store: string, suffer: (run: Suffering) => Promise<readonly number[]>): Promise<void> {
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
      const restarts = await suffer({ target, random });
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

async function deadline(ledger: Ledger): Promise<void> {
  await wait(DRAIN_DEADLINE_MS, undefined, { ref: false });
  const open = [...ledger.entries.values()].filter((entry) => !entry.completed);
  if (open.length > 0) ledger.violations.push(`${open.length} workflows did not finish: ${open[0]?.workflowId} ...`);
}

async function report(address: string, ledger: Ledger, restartMs: readonly number[], store: string): Promise<void> {
  // Retries as every client does: a thread that is to throw after so many commits may do so now, when tables follow a journal.
  const connection = await Connection.connect({ address });
  try {
    const problems = await verify(connection, ledger);
    const entries = [...ledger.entries.values()];
    const sum = (count: (entry: (typeof entries)[number]) => number) =>
      entries.reduce((total, entry) => total + count(entry), 0);
    process.stdout.write(
      `${store}, seed ${seed}: ${restartMs.length} restarts, ${entries.length} workflows, ` +
        `${sum((entry) => entry.signals.size)} signals, ${sum((entry) => entry.updates.size)} updates, ` +
        `${sum((entry) => entry.attempts.size)} activity attempts, ${sum((entry) => entry.answers.length)} workflow tasks; ` +
        `slowest restart ${Math.max(0, ...restartMs).toFixed(0)} ms\n`,
    );
    assert.ok(entries.length > restartMs.length, 'there was load');
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
