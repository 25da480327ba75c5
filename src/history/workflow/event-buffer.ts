// Gives new events their ids. While a worker holds a workflow task, what happens meanwhile is buffered: it gets its id when the
// task ends, after the events of the task's commands, so that the worker's view of history stays valid.

import { EventType } from '#proto/temporal/api/enums/v1';
import type { HistoryEvent, HistoryEventInit } from '#proto/temporal/api/history/v1';
import { HistoryEvent as HistoryEventCodec } from '#proto/temporal/api/history/v1';
import { invariant } from '../../base/invariant.ts';
import type { PartTable } from './part-table.ts';
import type { Workflow } from './workflow.ts';

/** Id of an event that waits in the buffer (Temporal's common.BufferedEventID). */
export const BUFFERED_EVENT_ID = -123;

/** Written at once, also while a workflow task is started: they are the task's own doing, or end the run. */
const NEVER_BUFFERED: ReadonlySet<number> = new Set([
  EventType.WORKFLOW_EXECUTION_STARTED,
  EventType.WORKFLOW_EXECUTION_COMPLETED,
  EventType.WORKFLOW_EXECUTION_FAILED,
  EventType.WORKFLOW_EXECUTION_TIMED_OUT,
  EventType.WORKFLOW_EXECUTION_TERMINATED,
  EventType.WORKFLOW_EXECUTION_CONTINUED_AS_NEW,
  EventType.WORKFLOW_EXECUTION_CANCELED,
  EventType.WORKFLOW_TASK_SCHEDULED,
  EventType.WORKFLOW_TASK_STARTED,
  EventType.WORKFLOW_TASK_COMPLETED,
  EventType.WORKFLOW_TASK_FAILED,
  EventType.WORKFLOW_TASK_TIMED_OUT,
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
  EventType.WORKFLOW_EXECUTION_UPDATE_ACCEPTED,
  EventType.WORKFLOW_EXECUTION_UPDATE_COMPLETED,
]);

const CLOSES_RUN: ReadonlySet<number> = new Set([
  EventType.WORKFLOW_EXECUTION_COMPLETED,
  EventType.WORKFLOW_EXECUTION_FAILED,
  EventType.WORKFLOW_EXECUTION_TIMED_OUT,
  EventType.WORKFLOW_EXECUTION_TERMINATED,
  EventType.WORKFLOW_EXECUTION_CONTINUED_AS_NEW,
  EventType.WORKFLOW_EXECUTION_CANCELED,
]);

/** Completions move behind the other buffered events, so that they never precede what started them. */
const COMPLETES_SOMETHING: ReadonlySet<number> = new Set([
  EventType.ACTIVITY_TASK_COMPLETED,
  EventType.ACTIVITY_TASK_FAILED,
  EventType.ACTIVITY_TASK_CANCELED,
  EventType.ACTIVITY_TASK_TIMED_OUT,
  EventType.CHILD_WORKFLOW_EXECUTION_COMPLETED,
  EventType.CHILD_WORKFLOW_EXECUTION_FAILED,
  EventType.CHILD_WORKFLOW_EXECUTION_TIMED_OUT,
  EventType.CHILD_WORKFLOW_EXECUTION_CANCELED,
  EventType.CHILD_WORKFLOW_EXECUTION_TERMINATED,
]);

type MutableEvent = { -readonly [K in keyof HistoryEventInit]: HistoryEventInit[K] };

export class EventBuffer {
  private readonly workflow: Workflow;
  private readonly buffered: PartTable<number, HistoryEvent>;
  private latest: MutableEvent[] = [];
  private nextBufferedKey = 1;
  private closed = false;
  private bufferedBytes = 0;
  private uncounted = 0;

  constructor(workflow: Workflow, buffered: PartTable<number, HistoryEvent>) {
    this.workflow = workflow;
    this.buffered = buffered;
  }

  /** After loading: where the buffer's keys go on. */
  restore(): void {
    for (const key of this.buffered.keys()) this.nextBufferedKey = Math.max(this.nextBufferedKey, key + 1);
    this.bufferedBytes = this.buffered.sizeBytes;
    this.closed = !this.workflow.isRunning;
  }

  save(): { readonly nextBufferedKey: number; readonly closed: boolean; readonly bufferedBytes: number } {
    return { nextBufferedKey: this.nextBufferedKey, closed: this.closed, bufferedBytes: this.bufferedBytes };
  }

  restoreSaved(saved: ReturnType<EventBuffer['save']>): void {
    this.latest = [];
    this.uncounted = 0;
    this.nextBufferedKey = saved.nextBufferedKey;
    this.closed = saved.closed;
    this.bufferedBytes = saved.bufferedBytes;
  }

  /**
   * Adds an event, or buffers it; tells them apart by the returned event's id. A `late` one is buffered always: it comes behind the
   * events of the decision that are not, and not at all if the decision ends the run.
   */
  add(eventType: number, attributes: HistoryEventInit, late = false): HistoryEventInit & { readonly eventId: number } {
    const workflow = this.workflow;
    invariant(!this.closed, `event ${eventType} after the end of run ${workflow.runId}`);
    if (!NEVER_BUFFERED.has(eventType)) workflow.rules?.beforeOutsideEvent(workflow);
    const event: MutableEvent & { eventId: number } = {
      ...attributes,
      eventType,
      eventId: BUFFERED_EVENT_ID,
      eventTime: attributes.eventTime ?? workflow.nowMs,
      version: workflow.version,
      taskId: workflow.environment.nextTaskId(),
    };
    if (late || (workflow.hasStartedWorkflowTask && !NEVER_BUFFERED.has(eventType))) {
      const encoded = HistoryEventCodec.encode(event);
      this.bufferedBytes += encoded.length;
      this.buffered.put(this.nextBufferedKey++, HistoryEventCodec.decode(encoded));
      return event;
    }
    if (CLOSES_RUN.has(eventType)) this.closed = true;
    this.uncounted = NEVER_BUFFERED.has(eventType) ? 0 : this.uncounted + 1;
    event.eventId = workflow.state.nextEventId++;
    this.latest.push(event);
    return event;
  }

  /**
   * Events of this batch that could have been buffered, with none behind them that could not: Temporal gives them their ids only
   * after it has checked the run's size.
   */
  get uncountedEvents(): number {
    return this.uncounted;
  }

  get hasBuffered(): boolean {
    return this.buffered.size !== 0;
  }

  /** In the order in which they came. */
  bufferedEvents(): readonly HistoryEvent[] {
    return [...this.buffered.values()];
  }

  get bufferedCount(): number {
    return this.buffered.size;
  }

  get bufferedSizeBytes(): number {
    return this.bufferedBytes;
  }

  someBuffered(predicate: (event: HistoryEvent) => boolean): boolean {
    for (const event of this.buffered.values()) if (predicate(event)) return true;
    return false;
  }

  /** Takes a timer's fired event out of the buffer; answers the timer's started event id, undefined if it is not there. */
  takeBufferedTimerFired(timerId: string): number | undefined {
    for (const [key, event] of this.buffered.entriesOf()) {
      const fired = event.timerFiredEventAttributes;
      if (fired?.timerId !== timerId) continue;
      this.buffered.delete(key);
      return fired.startedEventId;
    }
    return undefined;
  }

  /** Id of the first event of the batch being built: what "batch id" means for an event added now. */
  get batchFirstEventId(): number {
    return this.latest[0]?.eventId ?? this.workflow.state.nextEventId;
  }

  /** The buffered events get their ids, behind what the batch has so far. Dropped if the run has ended meanwhile. */
  flushBuffered(): void {
    if (this.buffered.size === 0) return;
    if (!this.closed) {
      const events: MutableEvent[] = [];
      const completions: MutableEvent[] = [];
      for (const event of this.buffered.values()) {
        (COMPLETES_SOMETHING.has(event.eventType) ? completions : events).push({ ...event });
      }
      events.push(...completions);
      for (const event of events) event.eventId = this.workflow.state.nextEventId++;
      this.wire(events);
      this.latest.push(...events);
    }
    this.buffered.clear();
    this.bufferedBytes = 0;
  }

  /** Ends the batch: one history node. */
  closeBatch(): void {
    if (this.latest.length === 0) return;
    const events = this.latest;
    this.latest = [];
    this.uncounted = 0;
    this.workflow.appendBatch(events);
  }

  /** A buffered start now has its id: what it started, and what closed that, refer to it. */
  private wire(events: MutableEvent[]): void {
    const startedIds = new Map<number, number>();
    for (const event of events) {
      const eventId = event.eventId as number;
      switch (event.eventType) {
        case EventType.ACTIVITY_TASK_STARTED: {
          const scheduledEventId = event.activityTaskStartedEventAttributes?.scheduledEventId as number;
          startedIds.set(scheduledEventId, eventId);
          const activity = this.workflow.activities.get(scheduledEventId);
          if (activity !== undefined)
            this.workflow.activities.put(scheduledEventId, { ...activity, startedEventId: eventId });
          break;
        }
        case EventType.CHILD_WORKFLOW_EXECUTION_STARTED: {
          const initiatedEventId = event.childWorkflowExecutionStartedEventAttributes?.initiatedEventId as number;
          startedIds.set(initiatedEventId, eventId);
          const child = this.workflow.children.get(initiatedEventId);
          if (child !== undefined) this.workflow.children.put(initiatedEventId, { ...child, startedEventId: eventId });
          break;
        }
        case EventType.WORKFLOW_EXECUTION_OPTIONS_UPDATED: {
          const requestId = event.workflowExecutionOptionsUpdatedEventAttributes?.attachedRequestId ?? '';
          const known = this.workflow.state.requestIds.get(requestId);
          if (known !== undefined) {
            const requestIds = new Map(this.workflow.state.requestIds);
            requestIds.set(requestId, { ...known, eventId });
            this.workflow.state.requestIds = requestIds;
          }
          break;
        }
      }
    }
    for (const event of events) wireCompletion(event, startedIds);
  }
}

function wireCompletion(event: MutableEvent, startedIds: ReadonlyMap<number, number>): void {
  const started = (id: number | undefined, known: number | undefined) =>
    id === undefined ? known : (startedIds.get(id) ?? known);
  if (event.activityTaskCompletedEventAttributes !== undefined) {
    const a = event.activityTaskCompletedEventAttributes;
    event.activityTaskCompletedEventAttributes = {
      ...a,
      startedEventId: started(a.scheduledEventId, a.startedEventId),
    };
  } else if (event.activityTaskFailedEventAttributes !== undefined) {
    const a = event.activityTaskFailedEventAttributes;
    event.activityTaskFailedEventAttributes = { ...a, startedEventId: started(a.scheduledEventId, a.startedEventId) };
  } else if (event.activityTaskTimedOutEventAttributes !== undefined) {
    const a = event.activityTaskTimedOutEventAttributes;
    event.activityTaskTimedOutEventAttributes = { ...a, startedEventId: started(a.scheduledEventId, a.startedEventId) };
  } else if (event.activityTaskCanceledEventAttributes !== undefined) {
    const a = event.activityTaskCanceledEventAttributes;
    event.activityTaskCanceledEventAttributes = { ...a, startedEventId: started(a.scheduledEventId, a.startedEventId) };
  } else if (event.childWorkflowExecutionCompletedEventAttributes !== undefined) {
    const a = event.childWorkflowExecutionCompletedEventAttributes;
    event.childWorkflowExecutionCompletedEventAttributes = {
      ...a,
      startedEventId: started(a.initiatedEventId, a.startedEventId),
    };
  } else if (event.childWorkflowExecutionFailedEventAttributes !== undefined) {
    const a = event.childWorkflowExecutionFailedEventAttributes;
    event.childWorkflowExecutionFailedEventAttributes = {
      ...a,
      startedEventId: started(a.initiatedEventId, a.startedEventId),
    };
  } else if (event.childWorkflowExecutionTimedOutEventAttributes !== undefined) {
    const a = event.childWorkflowExecutionTimedOutEventAttributes;
    event.childWorkflowExecutionTimedOutEventAttributes = {
      ...a,
      startedEventId: started(a.initiatedEventId, a.startedEventId),
    };
  } else if (event.childWorkflowExecutionCanceledEventAttributes !== undefined) {
    const a = event.childWorkflowExecutionCanceledEventAttributes;
    event.childWorkflowExecutionCanceledEventAttributes = {
      ...a,
      startedEventId: started(a.initiatedEventId, a.startedEventId),
    };
  } else if (event.childWorkflowExecutionTerminatedEventAttributes !== undefined) {
    const a = event.childWorkflowExecutionTerminatedEventAttributes;
    event.childWorkflowExecutionTerminatedEventAttributes = {
      ...a,
      startedEventId: started(a.initiatedEventId, a.startedEventId),
    };
  }
}
