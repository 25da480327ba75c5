// `node native-free-bench/growth.ts [append] [pending] [queues] [stock]`: does a workflow cost more when there is more around it?
// Each question compares two loads, in rounds that alternate; the ratios stand under the table, 1.00 is no growth.
//   append   a history of 10,000 events against one of 10
//   pending  2,000 pending activities, of which one changes, against 10
//   queues   ten times the task queues for the same workflows and polls
//   stock    a store with many closed and open workflows against an empty one

import { existsSync, mkdirSync, readdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Command } from 'commander';
import { APPENDS_IN_FLIGHT, openAppendDriver } from './growth/append.ts';
import { openPendingDriver, PENDING_IN_FLIGHT } from './growth/pending-activities.ts';
import { makeStock, STOCK_FLAGS } from './growth/stock.ts';
import { openSpreadDriver } from './growth/task-queues.ts';
import { alternate, type Lane } from './load/alternate.ts';
import type { Driver } from './load/driver.ts';
import { runLoop } from './load/loops.ts';
import { Session } from './load/session.ts';
import { readUsage } from './measure/process-usage.ts';
import { type Server, ServerMeter } from './measure/server-meter.ts';
import { startOstinato } from './peers/ostinato.ts';
import { exitOnSignals, type StartedPeer, temporaryFolder } from './peers/peer.ts';
import { table } from './report/table.ts';
import { oneActivity } from './workloads/activities.ts';

const QUESTIONS = ['append', 'pending', 'queues', 'stock'] as const;
const LOOP_IN_FLIGHT = 20;
const POLLS = 100;
const MIB = 1024 * 1024;
/** Limits that would end a workflow whose history is made long on purpose. */
const NO_HISTORY_LIMITS = [
  'history.maximumSignalsPerExecution=100000000',
  'limit.historyCount.error=100000000',
  'limit.historySize.error=10000000000',
].flatMap((value) => ['--dynamic-config-value', value]);

interface Flags {
  readonly seconds: number;
  readonly rounds: number;
  readonly heat: number;
  readonly events: number;
  readonly pending: number;
  readonly queues: number;
  readonly closed: number;
  readonly open: number;
  readonly data?: string;
}

async function growth(questions: readonly string[], flags: Flags): Promise<void> {
  exitOnSignals();
  const unknown = questions.filter((name) => !(QUESTIONS as readonly string[]).includes(name));
  if (unknown.length > 0) throw new Error(`no question ${unknown.join(', ')}: there are ${QUESTIONS.join(', ')}`);
  const wanted = questions.length === 0 ? QUESTIONS : questions;
  for (const question of wanted.filter((name) => name !== 'stock')) {
    const server = await startOstinato({ name: question, postgres: undefined, flags: NO_HISTORY_LIMITS });
    try {
      await heat(server, flags);
      await ask(question, server, flags);
    } finally {
      await server.stop();
    }
  }
  if (wanted.includes('stock')) await askStock(flags);
}

async function ask(question: string, server: Server, flags: Flags): Promise<void> {
  const { address } = server;
  switch (question) {
    case 'append':
      return compare(question, server, flags, APPENDS_IN_FLIGHT, [
        [`${flags.events} events`, () => openAppendDriver(address, flags.events)],
        ['10 events', () => openAppendDriver(address, 10)],
      ]);
    case 'pending':
      return compare(question, server, flags, PENDING_IN_FLIGHT, [
        [`${flags.pending} pending`, () => openPendingDriver(address, flags.pending)],
        ['10 pending', () => openPendingDriver(address, 10)],
      ]);
    default:
      return compare(question, server, flags, LOOP_IN_FLIGHT, [
        [`${flags.queues * 10} task queues`, () => openSpreadDriver(address, flags.queues * 10, POLLS)],
        [`${flags.queues} task queues`, () => openSpreadDriver(address, flags.queues, POLLS)],
      ]);
  }
}

async function compare(
  workload: string,
  server: Server,
  flags: Flags,
  inFlight: number,
  loads: readonly (readonly [string, () => Promise<Driver>])[],
): Promise<void> {
  const lanes: Lane[] = [];
  for (const [name, open] of loads) lanes.push({ name, driver: await open(), meter: new ServerMeter(server) });
  await measure(workload, lanes, flags, inFlight);
}

async function measure(workload: string, lanes: readonly Lane[], flags: Flags, inFlight: number): Promise<void> {
  const loop = { inFlight, rate: undefined, warmUpMs: 1000, measureMs: flags.seconds * 1000 };
  const results = await alternate(lanes, { workload, load: `${inFlight} in flight`, rounds: flags.rounds, loop });
  process.stdout.write(`${table(results)}\n\n`);
}

async function askStock(flags: Flags): Promise<void> {
  const folder = temporaryFolder('stock');
  const dataFile = flags.data ?? join(folder.path, 'data.db');
  const servers: StartedPeer[] = [];
  try {
    if (!existsSync(dataFile)) await fill(dataFile, flags);
    const stocked = `${flags.closed} closed, ${flags.open} open`;
    servers.push(await startOstinato({ name: stocked, postgres: undefined, dataFile, flags: STOCK_FLAGS }));
    servers.push(await startOstinato({ name: 'empty', postgres: undefined, flags: STOCK_FLAGS }));
    const lanes: Lane[] = [];
    for (const server of servers) {
      process.stdout.write(`${server.name}: RSS ${megabytes(server)} MiB after its start`);
      await heat(server, flags);
      process.stdout.write(`, ${megabytes(server)} MiB when warm\n`);
      const { name, address } = server;
      const pollers = LOOP_IN_FLIGHT;
      const driver = await Session.open({ address, workload: oneActivity, pollers, connections: 4, sticky: true });
      lanes.push({ name, driver, meter: new ServerMeter(server) });
    }
    await measure('stock', lanes, flags, LOOP_IN_FLIGHT);
  } finally {
    for (const server of servers) await server.stop();
    folder.remove();
  }
}

async function fill(dataFile: string, flags: Flags): Promise<void> {
  mkdirSync(dirname(dataFile), { recursive: true });
  const beganMs = performance.now();
  const seconds = (): string => ((performance.now() - beganMs) / 1000).toFixed(0);
  await makeStock(dataFile, flags, (text) => process.stdout.write(`filling: ${text}, ${seconds()} s\n`));
  const bytes = readdirSync(dirname(dataFile)).reduce(
    (sum, name) => sum + statSync(join(dirname(dataFile), name)).size,
    0,
  );
  process.stdout.write(`filled in ${seconds()} s: ${(bytes / MIB).toFixed(0)} MiB on disk\n`);
}

async function heat(server: Server, flags: Flags): Promise<void> {
  const { address } = server;
  const pollers = LOOP_IN_FLIGHT;
  const driver = await Session.open({ address, workload: oneActivity, pollers, connections: 4, sticky: true });
  const loop = { inFlight: LOOP_IN_FLIGHT, rate: undefined, warmUpMs: 0, measureMs: flags.heat * 1000 };
  await runLoop(driver, new ServerMeter(server), loop);
  driver.close();
}

function megabytes({ pid }: Server): string {
  return ((readUsage(pid!)?.rssBytes ?? 0) / MIB).toFixed(0);
}

await new Command('growth')
  .argument('[questions...]', `of ${QUESTIONS.join(', ')}; all without`)
  .option('--seconds <seconds>', 'measured, each round', Number, 4)
  .option('--rounds <count>', 'rounds of each load', Number, 5)
  .option('--heat <seconds>', 'one activity at full load before', Number, 10)
  .option('--events <count>', 'append: length of the long histories', Number, 10_000)
  .option('--pending <count>', 'pending: activities of the wide workflows', Number, 2000)
  .option('--queues <count>', 'queues: the fewer task queues', Number, 5)
  .option('--closed <count>', 'stock: closed workflows', Number, 1_000_000)
  .option('--open <count>', 'stock: open workflows', Number, 100_000)
  .option('--data <file>', 'stock: a data file to keep; made if it is not there')
  .action(growth)
  .parseAsync(process.argv);
process.exit();
