// Compares what the server shows after the last restart with what it acknowledged, and looks for what may never be in a history.

import type { Connection } from '@temporalio/client';
import { decodePayloads, enums, type HistoryEvent } from '../end-to-end/harness/api.ts';
import { readHistory } from '../end-to-end/harness/history.ts';
import type { Ledger, LedgerEntry } from './ledger.ts';

const NAMESPACE = 'default';

/** Everything that is wrong, in words; nothing when all is well. */
export async function verify(connection: Connection, ledger: Ledger): Promise<string[]> {
  const problems = [...ledger.violations];
  for (const entry of ledger.entries.values()) {
    if (!entry.runId) continue;
    const events = await readHistory(connection.workflowService, NAMESPACE, {
      workflowId: entry.workflowId,
      runId: entry.runId,
    }).catch((error: Error) => {
      problems.push(`${entry.workflowId}: acknowledged, but ${error.message}`);
      return undefined;
    });
    if (!events) continue;
    problems.push(...(await runProblems(connection, entry)), ...historyProblems(entry, events));
  }
  return problems;
}

async function runProblems(connection: Connection, entry: LedgerEntry): Promise<string[]> {
  const { workflowExecutionInfo: info } = await connection.workflowService.describeWorkflowExecution({
    namespace: NAMESPACE,
    execution: { workflowId: entry.workflowId },
  });
  const problems: string[] = [];
  if (info?.execution?.runId !== entry.runId) {
    problems.push(
      `${entry.workflowId}: run ${entry.runId} was acknowledged, the current one is ${info?.execution?.runId}`,
    );
  }
  if (info?.status !== enums.WorkflowExecutionStatus.WORKFLOW_EXECUTION_STATUS_COMPLETED) {
    problems.push(`${entry.workflowId}: did not complete, status ${info?.status}`);
  }
  return problems;
}

/** Exported for its unit test: the oracle itself must be able to fail. */
export function historyProblems(entry: LedgerEntry, events: readonly HistoryEvent[]): string[] {
  const problems: string[] = [];
  const complain = (text: string) => problems.push(`${entry.workflowId}: ${text}`);
  events.forEach((event, index) => {
    if (Number(event.eventId) !== index + 1) complain(`event ${event.eventId} stands at place ${index + 1}`);
  });
  exactlyOnce('signal', entry.signals, signalNames(events), complain);
  exactlyOnce('update', entry.updates, updateIds(events), complain);
  exactlyOnce('activity result', entry.activities, activityResults(events), complain);
  checkAnswers(entry, events, complain);
  checkTimers(events, complain);
  const closed = events.filter((event) => event.workflowExecutionCompletedEventAttributes).length;
  if (closed !== 1) complain(`${closed} completed events`);
  return problems;
}

function exactlyOnce(
  what: string,
  acknowledged: ReadonlySet<string>,
  found: readonly string[],
  complain: (text: string) => void,
): void {
  const counts = new Map<string, number>();
  for (const id of found) counts.set(id, (counts.get(id) ?? 0) + 1);
  for (const id of acknowledged) if (!counts.has(id)) complain(`${what} ${id} was acknowledged and is lost`);
  for (const [id, count] of counts) if (count > 1) complain(`${what} ${id} is there ${count} times`);
}

function signalNames(events: readonly HistoryEvent[]): string[] {
  return events.flatMap((event) => event.workflowExecutionSignaledEventAttributes?.signalName ?? []);
}

function updateIds(events: readonly HistoryEvent[]): string[] {
  return events.flatMap((event) => event.workflowExecutionUpdateCompletedEventAttributes?.meta?.updateId ?? []);
}

function activityResults(events: readonly HistoryEvent[]): string[] {
  return events.flatMap((event) => {
    const attributes = event.activityTaskCompletedEventAttributes;
    return attributes ? decodePayloads(attributes.result).map(String) : [];
  });
}

/** An acknowledged answer to a workflow task has its completed event, and all that it commanded follows. */
function checkAnswers(entry: LedgerEntry, events: readonly HistoryEvent[], complain: (text: string) => void): void {
  for (const answer of entry.answers) {
    const completed = events.find(
      (event) => Number(event.workflowTaskCompletedEventAttributes?.startedEventId) === answer.startedEventId,
    );
    if (!completed) {
      complain(`the answer to the workflow task started by event ${answer.startedEventId} is lost`);
      continue;
    }
    const commanded = events
      .filter((event) => Number(commandEventOf(event)?.workflowTaskCompletedEventId) === Number(completed.eventId))
      .flatMap((event) => commandEventOf(event)?.id ?? []);
    for (const id of answer.ids) if (!commanded.includes(id)) complain(`command ${id} was acknowledged and is lost`);
  }
  for (const kind of ['timer', 'activity'] as const) {
    const ids = events.flatMap((event) => {
      const found = commandEventOf(event);
      return found?.kind === kind ? [found.id] : [];
    });
    exactlyOnce(kind, new Set(), ids, complain);
  }
}

function commandEventOf(event: HistoryEvent) {
  const timer = event.timerStartedEventAttributes;
  if (timer)
    return { kind: 'timer', id: timer.timerId ?? '', workflowTaskCompletedEventId: timer.workflowTaskCompletedEventId };
  const activity = event.activityTaskScheduledEventAttributes;
  if (activity) {
    const { workflowTaskCompletedEventId } = activity;
    return { kind: 'activity', id: activity.activityId ?? '', workflowTaskCompletedEventId };
  }
  const marker = event.markerRecordedEventAttributes;
  if (marker) {
    return {
      kind: 'marker',
      id: marker.markerName ?? '',
      workflowTaskCompletedEventId: marker.workflowTaskCompletedEventId,
    };
  }
  return undefined;
}

function checkTimers(events: readonly HistoryEvent[], complain: (text: string) => void): void {
  const fired = events.flatMap((event) => event.timerFiredEventAttributes?.timerId ?? []);
  exactlyOnce('fired timer', new Set(), fired, complain);
  for (const event of events) {
    const attributes = event.timerFiredEventAttributes;
    if (!attributes) continue;
    const started = events[Number(attributes.startedEventId) - 1];
    const wanted = milliseconds(started?.timerStartedEventAttributes?.startToFireTimeout);
    const took = milliseconds(event.eventTime) - milliseconds(started?.eventTime);
    if (took < wanted) complain(`timer ${attributes.timerId} of ${wanted} ms fired after ${took} ms`);
  }
}

function milliseconds(time: { seconds?: unknown; nanos?: number | null } | null | undefined): number {
  return Number(time?.seconds ?? 0) * 1000 + Number(time?.nanos ?? 0) / 1e6;
}
