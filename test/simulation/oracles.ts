// After everything has finished: what the store holds is compared with what was acknowledged and shown.

import { ActivityExecutionState, ShardTask, WorkflowState } from '#proto/ostinato/persistence/v1';
import type { HistoryEvent } from '#proto/temporal/api/history/v1';
import { ActivityStage, isClosedStage } from '../../src/history/activity-execution/activity-stage.ts';
import { isActivityStoreKey } from '../../src/history/activity-execution/store-key.ts';
import { RunState } from '../../src/history/workflow/workflow.ts';
import { TaskCategory } from '../../src/persistence/index.ts';
import type { StoredEntry } from '../../src/persistence/journal/journal-backend.ts';
import type { MemoryRun, MemoryTables } from '../../src/persistence/memory/schema.ts';
import { grammarProblems } from './event-grammar.ts';
import { type Ledger, lineOf } from './ledger.ts';

export interface StoredRun {
  readonly workflowId: string;
  readonly runId: string;
  readonly state: WorkflowState;
}

export interface FinishedRun extends StoredRun {
  readonly events: readonly HistoryEvent[];
}

export function storedRuns(tables: MemoryTables): StoredRun[] {
  return rowsOf(tables, false).map((run) => {
    const state = WorkflowState.decode(run.state);
    return { workflowId: state.workflowId, runId: state.runId, state };
  });
}

/** Activities without a workflow. */
export function storedActivities(tables: MemoryTables): ActivityExecutionState[] {
  return rowsOf(tables, true).map((run) => ActivityExecutionState.decode(run.state));
}

function rowsOf(tables: MemoryTables, ofActivities: boolean): MemoryRun[] {
  const rows = [...tables.shards.values()].flatMap((shard) => [...shard.runs.values()]);
  return rows.filter(({ key }) => isActivityStoreKey(key.namespaceId) === ofActivities);
}

export function isOpen({ state }: StoredRun): boolean {
  return isOpenState(state);
}

function isOpenState({ state }: WorkflowState): boolean {
  return state === RunState.CREATED || state === RunState.RUNNING;
}

/** Of a run or an activity. */
export function isOpenRow({ key, state }: Pick<MemoryRun, 'key' | 'state'>): boolean {
  if (isActivityStoreKey(key.namespaceId)) return !isClosedStage(ActivityExecutionState.decode(state).stage);
  return isOpenState(WorkflowState.decode(state));
}

/** What was acknowledged of activities without a workflow is how they ended. */
export function activityExecutionProblems(tables: MemoryTables, ledger: Ledger): string[] {
  const { started, terminated, outcomes } = ledger.activities;
  const stages = new Map(storedActivities(tables).map(({ runId, stage }) => [runId, stage]));
  const problems: string[] = [];
  const expect = (runId: string, stage: number, what: string): void => {
    if (stages.get(runId) !== stage) {
      problems.push(`${started.get(runId)}/${runId}: ${what} was acknowledged, its stage is ${stages.get(runId)}`);
    }
  };
  for (const [runId, activityId] of started) {
    if (!stages.has(runId)) problems.push(`${activityId}: acknowledged run ${runId} is lost`);
  }
  for (const runId of terminated) expect(runId, ActivityStage.TERMINATED, 'a termination');
  for (const [attempt, how] of ledger.activityResults) {
    const [runId = ''] = attempt.split('/');
    if (!started.has(runId)) continue;
    expect(runId, how === 'completed' ? ActivityStage.COMPLETED : ActivityStage.CANCELED, `activity ${how}`);
  }
  for (const [runId, outcome] of outcomes) {
    if ((stages.get(runId) === ActivityStage.COMPLETED) !== (outcome === 'result')) {
      problems.push(`${started.get(runId)}/${runId}: its outcome was a ${outcome}, its stage is ${stages.get(runId)}`);
    }
  }
  return problems;
}

/** Everything that is wrong with the runs. */
export function runProblems(runs: readonly FinishedRun[], ledger: Ledger): string[] {
  const problems: string[] = [];
  const byId = new Map(runs.map((run) => [run.runId, run]));
  for (const run of runs) {
    const name = `${run.workflowId}/${run.runId}`;
    for (const problem of grammarProblems(run.events)) problems.push(`${name}: ${problem}`);
    if (run.events.length !== run.state.nextEventId - 1) {
      problems.push(`${name}: state knows ${run.state.nextEventId - 1} events, history has ${run.events.length}`);
    }
    problems.push(...linkProblems(run, byId, ledger).map((problem) => `${name}: ${problem}`));
  }
  for (const [workflowId, runIds] of ledger.started) {
    for (const runId of runIds) if (!byId.has(runId)) problems.push(`${workflowId}: acknowledged run ${runId} is lost`);
  }
  problems.push(...acknowledgedProblems(runs, byId, ledger), ...shownProblems(byId, ledger));
  return problems;
}

/** Runs that name each other must exist and agree. */
function linkProblems(run: FinishedRun, byId: ReadonlyMap<string, FinishedRun>, ledger: Ledger): string[] {
  const problems: string[] = [];
  const started = run.events[0]?.workflowExecutionStartedEventAttributes;
  const last = run.events[run.events.length - 1];
  const continued =
    last?.workflowExecutionContinuedAsNewEventAttributes?.newExecutionRunId ??
    last?.workflowExecutionFailedEventAttributes?.newExecutionRunId ??
    last?.workflowExecutionCompletedEventAttributes?.newExecutionRunId ??
    last?.workflowExecutionTimedOutEventAttributes?.newExecutionRunId ??
    '';
  if (continued !== '') {
    const next = byId.get(continued);
    const attributes = next?.events[0]?.workflowExecutionStartedEventAttributes;
    if (next === undefined) problems.push(`continues as run ${continued}, which does not exist`);
    else if (attributes?.continuedExecutionRunId !== run.runId) {
      problems.push(`run ${continued} says that it continues ${attributes?.continuedExecutionRunId}`);
    }
    const backoffMs = attributes?.firstWorkflowTaskBackoff ?? 0;
    const firstTask = next?.events.find((event) => event.workflowTaskScheduledEventAttributes !== undefined);
    const startMs = next?.events[0]?.eventTime ?? 0;
    // A cancel request, signal-with-start and updates do not wait for the backoff, in Temporal neither.
    const isWoken =
      ledger.updated.has(run.workflowId) ||
      next?.events.some(
        (event) =>
          event.eventId < (firstTask?.eventId ?? 0) &&
          (event.workflowExecutionCancelRequestedEventAttributes ?? event.workflowExecutionSignaledEventAttributes) !==
            undefined,
      );
    if (!isWoken && firstTask !== undefined && (firstTask.eventTime ?? 0) < startMs + backoffMs - 0.002) {
      problems.push(`run ${continued} begins ${backoffMs} ms later and had its first workflow task before`);
    }
  }
  for (const event of run.events) {
    const child = event.childWorkflowExecutionStartedEventAttributes?.workflowExecution;
    if (child !== undefined && !byId.has(child.runId)) problems.push(`child run ${child.runId} does not exist`);
  }
  if ((started?.attempt ?? 1) > 1 && !byId.has(started?.continuedExecutionRunId ?? '')) {
    problems.push(`is attempt ${started?.attempt} of nothing`);
  }
  return problems;
}

function acknowledgedProblems(
  runs: readonly FinishedRun[],
  byId: ReadonlyMap<string, FinishedRun>,
  ledger: Ledger,
): string[] {
  const problems: string[] = [];
  const runsOf = (workflowId: string, runId: string): readonly FinishedRun[] => {
    const run = byId.get(runId);
    return run !== undefined ? [run] : runs.filter((other) => other.workflowId === workflowId);
  };
  const has = (run: FinishedRun, test: (event: HistoryEvent) => boolean): boolean => run.events.some(test);
  for (const [name, { workflowId, runId }] of ledger.signals) {
    const found = runsOf(workflowId, runId).some((run) =>
      has(run, (event) => event.workflowExecutionSignaledEventAttributes?.signalName === name),
    );
    if (!found) problems.push(`${workflowId}/${runId}: signal ${name} was acknowledged and is lost`);
  }
  for (const { workflowId, runId, updateId, completed } of ledger.updates) {
    const isIt = (event: HistoryEvent): boolean =>
      completed
        ? event.workflowExecutionUpdateCompletedEventAttributes?.meta?.updateId === updateId
        : event.workflowExecutionUpdateAcceptedEventAttributes?.protocolInstanceId === updateId;
    if (!runsOf(workflowId, runId).some((run) => has(run, isIt))) {
      const stage = completed ? 'completed' : 'accepted';
      problems.push(`${workflowId}/${runId}: update ${updateId} was acknowledged as ${stage} and is lost`);
    }
  }
  for (const [requestId, { workflowId, runId, atMs }] of ledger.cancelled) {
    // Cancelling a run that has ended succeeds too.
    const found = runsOf(workflowId, runId).some(
      (run) =>
        has(run, (event) => event.workflowExecutionCancelRequestedEventAttributes !== undefined) ||
        (run.state.closeTime ?? Number.POSITIVE_INFINITY) <= atMs,
    );
    if (!found) problems.push(`${workflowId}/${runId}: cancel request ${requestId} was acknowledged and is lost`);
  }
  for (const [runId, workflowId] of ledger.terminated) {
    const last = byId.get(runId)?.events.at(-1);
    if (last?.workflowExecutionTerminatedEventAttributes === undefined) {
      problems.push(`${workflowId}/${runId}: was terminated, and ends with event type ${last?.eventType}`);
    }
  }
  problems.push(...resetProblems(runs, byId, ledger), ...activityProblems(byId, ledger));
  return problems;
}

function resetProblems(runs: readonly FinishedRun[], byId: ReadonlyMap<string, FinishedRun>, ledger: Ledger): string[] {
  const problems: string[] = [];
  for (const [runId, { workflowId }] of ledger.resets) {
    if (!byId.has(runId)) problems.push(`${workflowId}: run ${runId} of an acknowledged reset is lost`);
  }
  const byReason = new Map<string, string[]>();
  for (const run of runs) {
    for (const { workflowTaskFailedEventAttributes: failed } of run.events) {
      if (failed?.newRunId !== run.runId) continue;
      // One request, one reason: each makes one run.
      const reason = String(failed.failure === undefined ? '' : Buffer.from(failed.failure).toString('latin1'));
      const name = /reset-\d+/.exec(reason)?.[0];
      if (name !== undefined) byReason.set(name, [...(byReason.get(name) ?? []), run.runId]);
    }
  }
  for (const [name, runIds] of byReason) {
    if (runIds.length > 1) problems.push(`${name} made runs ${runIds.join(', ')}`);
  }
  return problems;
}

/** A result that was acknowledged is the one in history. */
function activityProblems(byId: ReadonlyMap<string, FinishedRun>, ledger: Ledger): string[] {
  const problems: string[] = [];
  for (const [key, how] of ledger.activityResults) {
    const [runId = '', activityId = ''] = key.split('/');
    const run = byId.get(runId);
    if (run === undefined) continue; // reported as lost elsewhere
    const scheduled = run.events.find(
      (event) => event.activityTaskScheduledEventAttributes?.activityId === activityId,
    )?.eventId;
    const found = run.events.some((event) =>
      how === 'completed'
        ? event.activityTaskCompletedEventAttributes?.scheduledEventId === scheduled
        : event.activityTaskCanceledEventAttributes?.scheduledEventId === scheduled,
    );
    // What was buffered when the run was ended from outside is dropped, as Temporal drops it.
    const endedFromOutside =
      run.events.at(-1)?.workflowTaskCompletedEventAttributes === undefined && closedByForce(run);
    if (!found && !endedFromOutside)
      problems.push(`${run.workflowId}/${key}: activity ${how} was acknowledged and is lost`);
  }
  return problems;
}

function closedByForce(run: FinishedRun): boolean {
  const last = run.events.at(-1);
  return (
    last?.workflowExecutionTerminatedEventAttributes !== undefined ||
    last?.workflowExecutionTimedOutEventAttributes !== undefined
  );
}

function shownProblems(byId: ReadonlyMap<string, FinishedRun>, ledger: Ledger): string[] {
  const problems: string[] = [];
  for (const { workflowId, runId, lines } of ledger.shown.values()) {
    const events = byId.get(runId)?.events ?? [];
    const different = lines.findIndex((line, index) => events[index] === undefined || lineOf(events[index]) !== line);
    if (different === -1) continue;
    const now = events[different];
    problems.push(
      `${workflowId}/${runId}: a worker completed a task having seen event ${lines[different]}; ` +
        `history has ${now === undefined ? 'nothing' : lineOf(now)}`,
    );
  }
  return problems;
}

/** What is left behind when every run is closed and its duties are done. */
export function leftovers(tables: MemoryTables): string[] {
  const problems: string[] = [];
  for (const [shardId, shard] of tables.shards) {
    for (const [category, tasks] of shard.tasks) {
      if (category === TaskCategory.TIMER || tasks.length === 0) continue;
      const first = ShardTask.decode(tasks[0]?.data ?? new Uint8Array(0));
      problems.push(
        `shard ${shardId} still has ${tasks.length} tasks of category ${category}, the first of type ${first.type} ` +
          `of ${first.workflowId}/${first.runId}`,
      );
    }
  }
  problems.push(...waitingTasks(tables, false));
  return problems;
}

/** Entries that a journal has now: some seconds later they are to be in the tables. */
export function journalEntries(tables: MemoryTables): ReadonlySet<StoredEntry> {
  return new Set([...tables.shards.values()].flatMap(({ journal }) => journal));
}

/** Tasks that matching has stored, in sticky queues or in the others. */
function waitingTasks(tables: MemoryTables, sticky: boolean): string[] {
  return [...tables.taskQueues]
    .filter(([key, queue]) => key.includes('-sticky-') === sticky && queue.tasks.length !== 0)
    .map(([key, queue]) => `task queue ${key} still has ${queue.tasks.length} tasks`);
}

/**
 * Once sticky queues were idle for so long that their rows are deleted, with what a lost answer may have left in them. Known: nobody
 * loads a sticky queue whose worker and whose matching are both gone; its tasks are obsolete and stay.
 */
export function stickyLeftovers(tables: MemoryTables, matchingWasLost: boolean): string[] {
  return matchingWasLost ? [] : waitingTasks(tables, true);
}

/** After retention nothing of a closed run may be left. */
export function remains(tables: MemoryTables): string[] {
  const problems: string[] = [];
  for (const [shardId, shard] of tables.shards) {
    const counts = {
      runs: shard.runs.size,
      'current rows': shard.currents.size,
      trees: shard.trees.size,
      'timer tasks': shard.tasks.get(TaskCategory.TIMER)?.length ?? 0,
    };
    const [timer] = shard.tasks.get(TaskCategory.TIMER) ?? [];
    const task = timer === undefined ? undefined : ShardTask.decode(timer.data);
    for (const [what, count] of Object.entries(counts)) {
      if (count === 0) continue;
      const first = what === 'timer tasks' ? `, the first of type ${task?.type} at ${timer?.fireTimeMs}` : '';
      problems.push(`shard ${shardId} still has ${count} ${what} after retention${first}`);
    }
  }
  return problems;
}
