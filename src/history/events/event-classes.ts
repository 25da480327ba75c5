// Which events wait while a worker holds a workflow task, which end a run, and in what order the waiting ones are written.
// Source: service/history/historybuilder/event_store.go, v1.31.2.

import { EventType } from '#proto/temporal/api/enums/v1';

export const CLOSE_EVENTS: ReadonlySet<number> = new Set([
  EventType.WORKFLOW_EXECUTION_COMPLETED,
  EventType.WORKFLOW_EXECUTION_FAILED,
  EventType.WORKFLOW_EXECUTION_TIMED_OUT,
  EventType.WORKFLOW_EXECUTION_TERMINATED,
  EventType.WORKFLOW_EXECUTION_CONTINUED_AS_NEW,
  EventType.WORKFLOW_EXECUTION_CANCELED,
]);

const WORKFLOW_TASK_EVENTS = [
  EventType.WORKFLOW_TASK_SCHEDULED,
  EventType.WORKFLOW_TASK_STARTED,
  EventType.WORKFLOW_TASK_COMPLETED,
  EventType.WORKFLOW_TASK_FAILED,
  EventType.WORKFLOW_TASK_TIMED_OUT,
];

/** Written by a command or message of the workflow task itself. */
const COMMAND_EVENTS = [
  EventType.ACTIVITY_TASK_SCHEDULED,
  EventType.ACTIVITY_TASK_CANCEL_REQUESTED,
  EventType.TIMER_STARTED,
  EventType.TIMER_CANCELED,
  EventType.REQUEST_CANCEL_EXTERNAL_WORKFLOW_EXECUTION_INITIATED,
  EventType.MARKER_RECORDED,
  EventType.START_CHILD_WORKFLOW_EXECUTION_INITIATED,
  EventType.SIGNAL_EXTERNAL_WORKFLOW_EXECUTION_INITIATED,
  EventType.UPSERT_WORKFLOW_SEARCH_ATTRIBUTES,
  EventType.WORKFLOW_PROPERTIES_MODIFIED,
  EventType.NEXUS_OPERATION_SCHEDULED,
  EventType.NEXUS_OPERATION_CANCEL_REQUESTED,
  EventType.WORKFLOW_EXECUTION_UPDATE_ACCEPTED,
  EventType.WORKFLOW_EXECUTION_UPDATE_COMPLETED,
];

const NEVER_BUFFERED: ReadonlySet<number> = new Set([
  EventType.WORKFLOW_EXECUTION_STARTED,
  ...CLOSE_EVENTS,
  ...WORKFLOW_TASK_EVENTS,
  ...COMMAND_EVENTS,
]);

/** Whether the event waits until the started workflow task ends: what happened meanwhile is not what its worker has seen. */
export function isBuffered(eventType: number): boolean {
  return !NEVER_BUFFERED.has(eventType);
}

/** They close what another event started, which may wait behind them in the buffer. */
export const COMPLETION_EVENTS: ReadonlySet<number> = new Set([
  EventType.ACTIVITY_TASK_COMPLETED,
  EventType.ACTIVITY_TASK_FAILED,
  EventType.ACTIVITY_TASK_TIMED_OUT,
  EventType.ACTIVITY_TASK_CANCELED,
  EventType.CHILD_WORKFLOW_EXECUTION_COMPLETED,
  EventType.CHILD_WORKFLOW_EXECUTION_FAILED,
  EventType.CHILD_WORKFLOW_EXECUTION_TIMED_OUT,
  EventType.CHILD_WORKFLOW_EXECUTION_CANCELED,
  EventType.CHILD_WORKFLOW_EXECUTION_TERMINATED,
  EventType.NEXUS_OPERATION_COMPLETED,
  EventType.NEXUS_OPERATION_FAILED,
  EventType.NEXUS_OPERATION_CANCELED,
  EventType.NEXUS_OPERATION_TIMED_OUT,
]);

/** In the order in which buffered events get their ids: completions last, each group as it came. */
export function flushBufferedOrder<E extends { readonly eventType: number }>(events: Iterable<E>): E[] {
  const first: E[] = [];
  const completions: E[] = [];
  for (const event of events) (COMPLETION_EVENTS.has(event.eventType) ? completions : first).push(event);
  return [...first, ...completions];
}
