// One run of the simulation: a cluster, clients and workers under one seed; faults, then calm; then the oracles.

import { EventTypeNames } from '#proto/temporal/api/enums/v1';
import { isClosedStage } from '../../src/history/activity-execution/activity-stage.ts';
import { VirtualClock } from '../../src/runtime/virtual-clock.ts';
import { Random } from '../crash/random.ts';
import { SimulatedActivityClients } from './activity-clients.ts';
import { SimulatedClients } from './clients.ts';
import { Cluster, RETENTION_MS } from './cluster.ts';
import { decide } from './decider.ts';
import { Faults } from './faults.ts';
import { Ledger } from './ledger.ts';
import {
  activityExecutionProblems,
  type FinishedRun,
  isOpen,
  journalEntries,
  leftovers,
  remains,
  runProblems,
  stickyLeftovers,
  storedActivities,
  storedRuns,
} from './oracles.ts';
import { SimulatedWorker } from './worker.ts';

/** When VirtualClock begins. */
const START_MS = 1_767_225_600_000;
const WORKERS = 2;
const FAULTS_MS = 60_000;
const MINUTE_MS = 60_000;
/** Longer than tables are behind a journal. */
const CATCH_UP_MS = 10_000;
/** Virtual time for everything to finish once faults stop. */
const FINISH_MINUTES = 240;

export interface SimulationResult {
  readonly seed: number;
  readonly description: string;
  readonly problems: readonly string[];
  readonly counts: Readonly<Record<string, number>>;
}

/** `dump`: a run id, or part of a workflow id, whose histories are printed. */
export async function simulate(seed: number, dump?: string): Promise<SimulationResult> {
  const random = new Random(seed * 7919 + 17);
  const clock = new VirtualClock();
  const faults = new Faults(seed, random);
  const cluster = new Cluster(clock, faults);
  const ledger = new Ledger();
  const problems: string[] = [];
  const result = (): SimulationResult => ({
    seed,
    description: cluster.description,
    problems: [...problems, ...ledger.violations, ...cluster.watch.problems, ...cluster.network.brokenHandlers],
    counts: {
      ...ledger.counts,
      commits: cluster.watch.commits,
      messages: cluster.network.messages,
      faults: cluster.events.length,
    },
  });
  await cluster.start();
  const workers = Array.from({ length: WORKERS }, (_, i) => new SimulatedWorker(`worker${i}`, cluster, faults, ledger));
  for (const worker of workers) worker.start();
  const clients = new SimulatedClients(cluster, faults, ledger);
  clients.start();
  const activityClients = new SimulatedActivityClients(cluster, faults, ledger);
  activityClients.start();
  cluster.startFaults();
  await clock.advance(FAULTS_MS);
  await cluster.heal();

  const stuck = await finish(clock, cluster, clients, activityClients);
  problems.push(...stuck);
  const runs = await finishedRuns(clock, cluster, clients);
  problems.push(...runProblems(runs, ledger), ...activityExecutionProblems(cluster.tables, ledger));
  if (dump !== undefined) printRuns(runs, dump);
  if (stuck.length === 0) {
    await clock.advance(MINUTE_MS);
    problems.push(...leftovers(cluster.tables));
    problems.push(...visibilityProblems(cluster, runs));
    let working = workers.length;
    for (const worker of workers) void worker.stop().then(() => working--);
    await clock.advance(MINUTE_MS);
    if (working !== 0) problems.push('a worker cannot leave: a poll is never answered');
    for (const call of cluster.network.unanswered) problems.push(`${call} is never answered`);
    await clock.advance(RETENTION_MS + 15 * MINUTE_MS);
    problems.push(...remains(cluster.tables));
    // Not before: what an owner wrote that died right after it stays until the shard's owner has something to write.
    const entries = journalEntries(cluster.tables);
    await clock.advance(CATCH_UP_MS);
    for (const { shardId, rangeId, sequence } of journalEntries(cluster.tables).intersection(entries)) {
      problems.push(`entry ${rangeId}/${sequence} of shard ${shardId} stays in the journal`);
    }
    const matchingWasLost = cluster.events.some((event) => event.startsWith('matching'));
    problems.push(...stickyLeftovers(cluster.tables, matchingWasLost));
    const rows = cluster.visibilityRows().length;
    if (rows !== 0) problems.push(`visibility still has ${rows} rows after retention`);
  }
  return result();
}

/** Runs until every client has its answers and every run is closed; runs that wait for signals get some. */
async function finish(
  clock: VirtualClock,
  cluster: Cluster,
  clients: SimulatedClients,
  activityClients: SimulatedActivityClients,
): Promise<string[]> {
  for (let minute = 0; minute < FINISH_MINUTES; minute++) {
    await clock.advance(MINUTE_MS);
    const open = storedRuns(cluster.tables).filter(isOpen);
    const openActivities = storedActivities(cluster.tables).filter(({ stage }) => !isClosedStage(stage));
    const isDone = clients.isDone && activityClients.isDone;
    if (open.length === 0 && openActivities.length === 0 && isDone) return [];
    for (const { workflowId, runId } of open) {
      const events = await moving(clock, clients.historyOf(workflowId, runId)).catch(() => []);
      if (events.length !== 0 && decide(events, runId).waitsForSignals) await moving(clock, clients.nudge(workflowId));
    }
  }
  const open = storedRuns(cluster.tables).filter(isOpen);
  const problems = [...clients.waitingFor].map((what) => `a client gets no answer: ${what}`);
  if (!clients.isDone) problems.push('a client of workflows is not done');
  if (!activityClients.isDone) problems.push('a client of activities is not done');
  for (const { activityId, runId, stage, attempt } of storedActivities(cluster.tables)) {
    if (!isClosedStage(stage))
      problems.push(`${activityId}/${runId} does not finish: stage ${stage}, attempt ${attempt}`);
  }
  for (const { workflowId, runId, state } of open) {
    const events = await moving(clock, clients.historyOf(workflowId, runId));
    const last = events.slice(-3).map((event) => `${event.eventId} type ${event.eventType}`);
    problems.push(
      `${workflowId}/${runId} does not finish; events end with ${last.join(', ')}; workflow task ` +
        `${state.workflowTaskScheduledEventId}/${state.workflowTaskStartedEventId} attempt ${state.workflowTaskAttempt}`,
    );
  }
  return problems;
}

/** Awaits something that needs time to pass. */
async function moving<T>(clock: VirtualClock, work: Promise<T>): Promise<T> {
  let done = false;
  work.then(
    () => (done = true),
    () => (done = true),
  );
  await clock.runUntil(() => done, 10 * MINUTE_MS);
  return work;
}

/** Every run that the store has, with its history as the API shows it and as the tables hold it. */
async function finishedRuns(clock: VirtualClock, cluster: Cluster, clients: SimulatedClients): Promise<FinishedRun[]> {
  const runs: FinishedRun[] = [];
  for (const run of storedRuns(cluster.tables)) {
    runs.push({ ...run, events: await moving(clock, clients.historyOf(run.workflowId, run.runId)) });
  }
  return runs;
}

function printRuns(runs: readonly FinishedRun[], dump: string): void {
  for (const { workflowId, runId, events } of runs) {
    if (runId !== dump && !workflowId.includes(dump)) continue;
    console.log(`${workflowId}/${runId}`);
    for (const event of events) {
      const [, attributes] = Object.entries(event).find(([name, value]) => name.endsWith('Attributes') && value) ?? [];
      const text = JSON.stringify(attributes, (_, value) =>
        ArrayBuffer.isView(value) ? undefined : (value as unknown),
      );
      const name = EventTypeNames.get(event.eventType);
      console.log(`  ${event.eventId} ${name} ${(event.eventTime ?? 0) - START_MS} ${text?.slice(0, 300)}`);
    }
  }
}

/** Lists agree with the runs they are about. */
function visibilityProblems(cluster: Cluster, runs: readonly FinishedRun[]): string[] {
  const rows = new Map(cluster.visibilityRows().map((row) => [row.runId, row]));
  return runs.flatMap((run) => {
    const row = rows.get(run.runId);
    if (row === undefined) return [`${run.workflowId}/${run.runId} is in no list`];
    if (row.status !== run.state.status) return [`${run.workflowId}/${run.runId} is listed with status ${row.status}`];
    return [];
  });
}
