// `npm run bench` and `ostinato bench`: drives servers that speak Temporal's gRPC API, one workload and load after the other, in
// rounds that alternate between the servers, and reports.

import { writeFileSync } from 'node:fs';
import { Command } from 'commander';
import { alternate, type Lane, printFailures } from './load/alternate.ts';
import { drainBacklog } from './load/backlog-drain.ts';
import { Failures } from './load/driver.ts';
import { idlePolls } from './load/idle-polls.ts';
import { type Round, runLoop } from './load/loops.ts';
import { Session } from './load/session.ts';
import { type Server, ServerMeter } from './measure/server-meter.ts';
import { writeOut } from './measure/write-out.ts';
import { exitOnSignals, PEERS, PeerUnavailable, SharedPostgres, type StartedPeer, startPeer } from './peers/index.ts';
import { htmlReport } from './report/html.ts';
import { type Result, summarise } from './report/result.ts';
import { table } from './report/table.ts';
import { oneActivity } from './workloads/activities.ts';
import { LOOP_WORKLOADS } from './workloads/index.ts';
import { startOnly } from './workloads/starts.ts';
import type { Workload } from './workloads/workload.ts';

const BACKLOG = 'backlog-drain';
const IDLE = 'idle-polls';
const WORKLOAD_NAMES = [...LOOP_WORKLOADS.map(({ name }) => name), BACKLOG, IDLE];

/** Pollers of a kind: at least as many as an SDK's worker has by default, at most as many as are worth it. */
const MIN_POLLERS = 5;
const MAX_POLLERS = 50;
const HEATING_IN_FLIGHT = 20;

interface Flags {
  readonly target?: string;
  readonly compare?: readonly string[];
  readonly workload: string;
  readonly inFlight: string;
  readonly rate?: string;
  readonly seconds: number;
  readonly warmUp: number;
  readonly rounds: number;
  readonly heat: number;
  readonly standstill?: boolean;
  readonly pollers?: number;
  readonly connections: number;
  readonly sticky: boolean;
  readonly tasks: number;
  readonly polls: number;
  readonly serverFlag: readonly string[];
  readonly nodeFlag: readonly string[];
  readonly json?: string;
  readonly html?: string;
}

interface Load {
  readonly title: string;
  readonly inFlight: number;
  readonly rate: number | undefined;
}

export function benchCommand(): Command {
  const list = (value: string, before: readonly string[]): readonly string[] => [...before, value];
  return new Command('bench')
    .description("Measure servers that speak Temporal's gRPC API")
    .option(
      '--target <ADDR[,PID][,DATABASE_URL][,METRICS_URL]>',
      'a running server (default: one of ours is started, on a SQLite file)',
    )
    .option(
      '--compare <NAME=SERVER...>',
      `servers to alternate between; SERVER is as for --target, or one to start: ${PEERS.join(', ')}, ` +
        'ostinato-sqlite@PATH for another checkout or an executable',
    )
    .option('-w, --workload <names>', `of ${WORKLOAD_NAMES.join(', ')}; several with commas`, 'one-activity')
    .option('-n, --in-flight <counts>', 'closed loop: operations in flight; several with commas', '20')
    .option('--rate <perSecond>', 'open loop: operations due per second; several with commas; instead of --in-flight')
    .option('--seconds <seconds>', 'measured, each round', Number, 5)
    .option('--warm-up <seconds>', 'before that, each round', Number, 1)
    .option('--rounds <count>', 'rounds of each server', Number, 3)
    .option('--heat <seconds>', 'one activity at full load before everything, once for each server', Number, 0)
    .option('--standstill', 'a server stands still (SIGSTOP) while another one has its round')
    .option('--pollers <count>', 'polls of each kind (default: by the load)', Number)
    .option('--connections <count>', 'HTTP/2 connections', Number, 4)
    .option('--no-sticky', 'workers without a cache: every task with its whole history')
    .option('--tasks <count>', `${BACKLOG}: tasks that wait`, Number, 100_000)
    .option('--polls <count>', `${IDLE}: parked polls`, Number, 5000)
    .option('--server-flag <flag>', 'passed to each of our servers that is started; repeatable', list, [])
    .option('--node-flag <flag>', 'passed to the Node of each of our servers; repeatable', list, [])
    .option('--json <file>', 'write the results')
    .option('--html <file>', 'write a page with the latency curves')
    .action(bench);
}

async function bench(flags: Flags): Promise<void> {
  const workloads = flags.workload.split(',');
  const unknown = workloads.filter((name) => !WORKLOAD_NAMES.includes(name));
  if (unknown.length > 0) throw new Error(`no workload ${unknown.join(', ')}: there are ${WORKLOAD_NAMES.join(', ')}`);
  exitOnSignals();
  const postgres = new SharedPostgres();
  const servers: Server[] = [];
  const started: StartedPeer[] = [];
  try {
    for (const wanted of flags.compare ?? [`server=${flags.target ?? 'ostinato-sqlite'}`]) {
      const server = await serverOf(wanted, flags, postgres);
      if (server === undefined) continue;
      servers.push(server);
      if ('stop' in server) started.push(server as StartedPeer);
    }
    if (servers.length === 0) throw new Error('no server to measure');
    if (flags.heat > 0) await heat(servers, flags);
    const results: Result[] = [];
    const done = (some: readonly Result[]): void => {
      results.push(...some);
      process.stdout.write(`${table(some)}\n\n`);
    };
    for (const name of workloads) {
      if (name === BACKLOG) done(await measureBacklog(servers, flags));
      else if (name === IDLE) done(await measureIdle(servers, flags));
      else {
        const workload = LOOP_WORKLOADS.find((candidate) => candidate.name === name)!;
        for (const load of loads(flags)) done(await measureLoop(servers, workload, load, flags));
      }
    }
    if (flags.json !== undefined) writeFileSync(flags.json, JSON.stringify(results, null, 1));
    if (flags.html !== undefined) writeFileSync(flags.html, htmlReport(results, about(flags)));
  } finally {
    for (const peer of started) await peer.stop();
    await postgres.stop();
  }
}

function about(flags: Flags): string {
  return `${new Date().toISOString()}, Node ${process.versions.node}, ${flags.rounds} rounds of ${flags.seconds} s after ${flags.warmUp} s, alternating`;
}

function loads(flags: Flags): Load[] {
  if (flags.rate !== undefined) {
    return flags.rate.split(',').map((rate) => ({ title: `${rate}/s offered`, inFlight: 0, rate: Number(rate) }));
  }
  return flags.inFlight
    .split(',')
    .map((inFlight) => ({ title: `${inFlight} in flight`, inFlight: Number(inFlight), rate: undefined }));
}

async function serverOf(wanted: string, flags: Flags, postgres: SharedPostgres): Promise<Server | undefined> {
  const equals = wanted.indexOf('=');
  const name = wanted.slice(0, equals);
  const what = wanted.slice(equals + 1);
  const [address = '', ...about] = what.split(',');
  if (/^\S+:\d+$/.test(address) && !address.includes('@')) return runningServer(name, address, about);
  try {
    return await startPeer(
      { name: name === 'server' ? what : name, kind: what, serverFlags: flags.serverFlag, nodeFlags: flags.nodeFlag },
      postgres,
    );
  } catch (error) {
    if (!(error instanceof PeerUnavailable)) throw error;
    process.stdout.write(`skipped ${name}: ${error.message}\n`);
    return undefined;
  }
}

/** What is known about a server that somebody else started: its process, database and metrics, each told by its form. */
function runningServer(name: string, address: string, about: readonly string[]): Server {
  const found = (pattern: RegExp): string | undefined => about.find((part) => pattern.test(part));
  const wrong = about.find((part) => !/^(\d+|postgres(ql)?:\/\/.+|https?:\/\/.+)?$/.test(part));
  if (wrong !== undefined) throw new Error(`${wrong} is no process id, PostgreSQL URL or URL of metrics`);
  const pid = found(/^\d+$/);
  return {
    name,
    address,
    pid: pid === undefined ? undefined : Number(pid),
    databaseUrl: found(/^postgres/),
    metricsUrl: found(/^http/),
  };
}

async function measureLoop(
  servers: readonly Server[],
  workload: Workload,
  load: Load,
  flags: Flags,
): Promise<readonly Result[]> {
  const pollers = flags.pollers ?? Math.min(MAX_POLLERS, Math.max(MIN_POLLERS, load.inFlight));
  const opened = await Promise.all(
    servers.map(async (server): Promise<readonly Lane[]> => {
      const { address } = server;
      const { connections, sticky } = flags;
      const driver =
        server.openDriver === undefined
          ? await Session.open({ address, workload, pollers, connections, sticky })
          : await server.openDriver(workload);
      if (driver === undefined) {
        process.stdout.write(`skipped ${server.name}: it has nothing that compares with ${workload.name}\n`);
        return [];
      }
      const meter = new ServerMeter(server);
      await meter.start();
      return [{ name: server.name, meter, driver, pid: flags.standstill === true ? server.pid : undefined }];
    }),
  );
  const lanes = opened.flat();
  const loop = {
    inFlight: load.inFlight,
    rate: load.rate,
    warmUpMs: flags.warmUp * 1000,
    measureMs: flags.seconds * 1000,
  };
  const results = await alternate(lanes, { workload: workload.name, load: load.title, rounds: flags.rounds, loop });
  for (const { meter } of lanes) await meter.stop();
  return results;
}

/** So that no server is measured with code that has hardly run: every one is, in service, warm. */
async function heat(servers: readonly Server[], flags: Flags): Promise<void> {
  for (const server of servers) {
    const { address } = server;
    const { connections, sticky } = flags;
    const driver =
      server.openDriver === undefined
        ? await Session.open({ address, workload: oneActivity, pollers: HEATING_IN_FLIGHT, connections, sticky })
        : await server.openDriver(oneActivity);
    if (driver === undefined) continue;
    const loop = { inFlight: HEATING_IN_FLIGHT, rate: undefined, warmUpMs: 0, measureMs: flags.heat * 1000 };
    await runLoop(driver, new ServerMeter(server), loop);
    driver.close();
  }
  await writeOut(servers.flatMap(({ databaseUrl }) => databaseUrl ?? []));
}

/** Those that speak Temporal's API. */
function speakers(servers: readonly Server[], workload: string): readonly Server[] {
  return servers.filter(({ name, openDriver }) => {
    if (openDriver !== undefined)
      process.stdout.write(`skipped ${name}: it has nothing that compares with ${workload}\n`);
    return openDriver === undefined;
  });
}

async function measureBacklog(servers: readonly Server[], flags: Flags): Promise<readonly Result[]> {
  const results: Result[] = [];
  for (const server of speakers(servers, BACKLOG)) {
    const meter = new ServerMeter(server);
    await meter.start();
    const rounds: Round[] = [];
    let errors = 0;
    for (let round = 0; round < flags.rounds; round++) {
      const session = await Session.open({
        address: server.address,
        workload: startOnly,
        pollers: flags.pollers ?? MAX_POLLERS,
        connections: flags.connections,
        sticky: flags.sticky,
      });
      rounds.push(await drainBacklog(session, meter, flags.tasks));
      session.close();
      printFailures(server.name, session.failures);
      errors += session.failures.count;
    }
    await meter.stop();
    results.push(
      summarise({ server: server.name, workload: BACKLOG, load: `${flags.tasks} tasks waiting`, errors }, rounds),
    );
  }
  return results;
}

async function measureIdle(servers: readonly Server[], flags: Flags): Promise<readonly Result[]> {
  const results: Result[] = [];
  for (const server of speakers(servers, IDLE)) {
    const meter = new ServerMeter(server);
    await meter.start();
    const failures = new Failures();
    const round = await idlePolls(server.address, meter, failures, {
      polls: flags.polls,
      warmUpMs: flags.warmUp * 3000,
      measureMs: flags.seconds * 1000,
    });
    await meter.stop();
    printFailures(server.name, failures);
    const load = `${flags.polls} parked polls`;
    results.push(summarise({ server: server.name, workload: IDLE, load, errors: failures.count }, [round]));
  }
  return results;
}
