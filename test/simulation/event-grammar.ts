// What every history must obey: ids without gaps, each event where its kind may stand, each pair of scheduled, started and closed
// linked to each other, no timer and no timeout before its time.

import { EventType, EventTypeNames, TimeoutType } from '#proto/temporal/api/enums/v1';
import type { HistoryEvent } from '#proto/temporal/api/history/v1';

/** Times are kept in whole microseconds and timers in whole milliseconds: what is earlier than that is early. */
const GRAIN_MS = 0.002;

interface Open {
  readonly event: HistoryEvent;
  started: HistoryEvent | undefined;
  cancelRequested: boolean;
}

export function grammarProblems(events: readonly HistoryEvent[]): string[] {
  return new Grammar(events).problems;
}

class Grammar {
  readonly problems: string[] = [];
  readonly #events: readonly HistoryEvent[];
  #event!: HistoryEvent;
  #workflowTask: { readonly scheduled: HistoryEvent; started: HistoryEvent | undefined } | undefined;
  #lastCompleted = 0;
  readonly #activities = new Map<number, Open>();
  readonly #activityIds = new Set<string>();
  readonly #timers = new Map<string, HistoryEvent>();
  readonly #children = new Map<number, Open>();
  readonly #signals = new Map<number, HistoryEvent>();
  readonly #cancels = new Map<number, HistoryEvent>();
  /** Update id to the event that accepted it, and whether it is completed. */
  readonly #updates = new Map<string, { readonly acceptedEventId: number; completed: boolean }>();
  readonly #signalRequests = new Set<string>();
  #cancelRequested = false;
  #closed: HistoryEvent | undefined;

  constructor(events: readonly HistoryEvent[]) {
    this.#events = events;
    for (const [index, event] of events.entries()) this.#next(event, index);
    const first = events[0];
    if (first?.workflowExecutionStartedEventAttributes === undefined) this.#complain('the history has no beginning');
  }

  #complain(problem: string): void {
    const name = EventTypeNames.get(this.#event?.eventType) ?? this.#event?.eventType;
    this.problems.push(`event ${this.#event?.eventId} ${name}: ${problem}`);
  }

  #next(event: HistoryEvent, index: number): void {
    const previous = this.#event;
    this.#event = event;
    if (event.eventId !== index + 1) this.#complain(`stands at place ${index + 1}`);
    if (event.eventTime === undefined) this.#complain('has no time');
    if (this.#closed !== undefined) this.#complain(`comes after the end, event ${this.#closed.eventId}`);
    if (previous?.workflowTaskStartedEventAttributes !== undefined && !ENDS_WORKFLOW_TASK.has(event.eventType)) {
      this.#complain('stands between the start and the end of a workflow task');
    }
    this.#completedLink(event);
    const rule = RULES.get(event.eventType);
    if (rule === undefined) this.#complain('is of no kind that this server writes');
    else rule(this.#context, event, index);
  }

  /** What commands cause refers to the workflow task completion right before it. */
  #completedLink(event: HistoryEvent): void {
    for (const [name, attributes] of Object.entries(event)) {
      if (!name.endsWith('Attributes') || attributes === undefined || attributes === null) continue;
      const link = (attributes as { workflowTaskCompletedEventId?: number }).workflowTaskCompletedEventId;
      if (link === undefined || name.startsWith('workflowExecutionTerminated')) continue;
      if (link === 0 && name.startsWith('workflowExecutionUpdate')) continue;
      if (FAILED_LATER.has(event.eventType)) {
        // Reported later: the task is that of the initiated event, or, as in Temporal, none.
        if (link !== 0 && this.#events[link - 1]?.workflowTaskCompletedEventAttributes === undefined) {
          this.#complain(`refers to event ${link}, which is no completed workflow task`);
        }
      } else if (link !== this.#lastCompleted) {
        this.#complain(`refers to workflow task completion ${link}, the last one is ${this.#lastCompleted}`);
      }
    }
  }

  get #context(): Context {
    return {
      complain: (problem) => this.#complain(problem),
      first: () => this.#events[0],
      workflowTask: () => this.#workflowTask,
      setWorkflowTask: (task) => {
        this.#workflowTask = task;
      },
      completed: (eventId) => {
        this.#lastCompleted = eventId;
      },
      activities: this.#activities,
      activityIds: this.#activityIds,
      timers: this.#timers,
      children: this.#children,
      signals: this.#signals,
      cancels: this.#cancels,
      updates: this.#updates,
      signalRequests: this.#signalRequests,
      requestCancel: () => {
        if (this.#cancelRequested) this.#complain('cancellation is requested a second time');
        this.#cancelRequested = true;
      },
      wasCancelRequested: () => this.#cancelRequested,
      close: (event) => {
        this.#closed = event;
        if (this.#workflowTask?.started !== undefined) this.#complain('ends a run whose workflow task is started');
      },
    };
  }
}

interface Context {
  complain(problem: string): void;
  first(): HistoryEvent | undefined;
  workflowTask(): { readonly scheduled: HistoryEvent; started: HistoryEvent | undefined } | undefined;
  setWorkflowTask(task: { readonly scheduled: HistoryEvent; started: HistoryEvent | undefined } | undefined): void;
  completed(eventId: number): void;
  readonly activities: Map<number, Open>;
  readonly activityIds: Set<string>;
  readonly timers: Map<string, HistoryEvent>;
  readonly children: Map<number, Open>;
  readonly signals: Map<number, HistoryEvent>;
  readonly cancels: Map<number, HistoryEvent>;
  readonly updates: Map<string, { readonly acceptedEventId: number; completed: boolean }>;
  readonly signalRequests: Set<string>;
  requestCancel(): void;
  wasCancelRequested(): boolean;
  close(event: HistoryEvent): void;
}

type Rule = (context: Context, event: HistoryEvent, index: number) => void;

const ENDS_WORKFLOW_TASK: ReadonlySet<number> = new Set([
  EventType.WORKFLOW_TASK_COMPLETED,
  EventType.WORKFLOW_TASK_FAILED,
  EventType.WORKFLOW_TASK_TIMED_OUT,
]);

const FAILED_LATER: ReadonlySet<number> = new Set([
  EventType.SIGNAL_EXTERNAL_WORKFLOW_EXECUTION_FAILED,
  EventType.REQUEST_CANCEL_EXTERNAL_WORKFLOW_EXECUTION_FAILED,
  EventType.START_CHILD_WORKFLOW_EXECUTION_FAILED,
]);

function early(event: HistoryEvent, from: HistoryEvent | undefined, delayMs: number | undefined): boolean {
  if (from === undefined) return false;
  return (event.eventTime ?? 0) < (from.eventTime ?? 0) + (delayMs ?? 0) - GRAIN_MS;
}

const close: Rule = (context, event) => context.close(event);

function closesWithCommand(context: Context, event: HistoryEvent): void {
  if (context.workflowTask() !== undefined) context.complain('a command ends the run while a workflow task is pending');
  context.close(event);
}

const closesActivity =
  (attributesOf: (event: HistoryEvent) => { scheduledEventId: number; startedEventId: number } | undefined): Rule =>
  (context, event) => {
    const { scheduledEventId = 0, startedEventId = 0 } = attributesOf(event) ?? {};
    const open = context.activities.get(scheduledEventId);
    if (open === undefined) {
      context.complain(`closes activity ${scheduledEventId}, which is not open`);
      return;
    }
    if (startedEventId !== (open.started?.eventId ?? 0)) {
      context.complain(`says that the activity was started by ${startedEventId}, it was by ${open.started?.eventId}`);
    }
    context.activities.delete(scheduledEventId);
    context.activityIds.delete(open.event.activityTaskScheduledEventAttributes?.activityId ?? '');
    const timedOut = event.activityTaskTimedOutEventAttributes;
    if (timedOut !== undefined) checkActivityTimeout(context, event, open);
    if (event.activityTaskCanceledEventAttributes !== undefined && !open.cancelRequested) {
      context.complain('nobody asked to cancel this activity');
    }
  };

function checkActivityTimeout(context: Context, event: HistoryEvent, open: Open): void {
  const scheduled = open.event.activityTaskScheduledEventAttributes;
  const started = open.started;
  if (started !== undefined && started.activityTaskStartedEventAttributes?.attempt === 1) {
    const nearest = Math.min(
      positive(scheduled?.startToCloseTimeout),
      positive(scheduled?.heartbeatTimeout),
      positive(scheduled?.scheduleToCloseTimeout),
    );
    if (early(event, open.event, Math.min(nearest, positive(scheduled?.scheduleToStartTimeout)))) {
      context.complain('the activity timed out before any of its timeouts');
    }
    if (positive(scheduled?.scheduleToCloseTimeout) === Number.POSITIVE_INFINITY && early(event, started, nearest)) {
      context.complain('the attempt timed out before its time');
    }
  }
  if (started === undefined) {
    const nearest = Math.min(positive(scheduled?.scheduleToStartTimeout), positive(scheduled?.scheduleToCloseTimeout));
    if (Number.isFinite(nearest) && early(event, open.event, 0)) context.complain('timed out before it was scheduled');
  }
}

function positive(value: number | undefined): number {
  return value === undefined || value === 0 ? Number.POSITIVE_INFINITY : value;
}

const closesChild =
  (attributesOf: (event: HistoryEvent) => { initiatedEventId: number; startedEventId: number } | undefined): Rule =>
  (context, event) => {
    const { initiatedEventId = 0, startedEventId = 0 } = attributesOf(event) ?? {};
    const open = context.children.get(initiatedEventId);
    if (open?.started === undefined) context.complain(`closes child ${initiatedEventId}, which is not started`);
    else if (open.started.eventId !== startedEventId) {
      context.complain(`says that the child was started by ${startedEventId}, it was by ${open.started.eventId}`);
    }
    context.children.delete(initiatedEventId);
  };

const RULES: ReadonlyMap<number, Rule> = new Map<number, Rule>([
  [
    EventType.WORKFLOW_EXECUTION_STARTED,
    (context, _event, index) => {
      if (index !== 0) context.complain('a run begins once');
    },
  ],
  [EventType.WORKFLOW_EXECUTION_COMPLETED, closesWithCommand],
  [EventType.WORKFLOW_EXECUTION_FAILED, closesWithCommand],
  [EventType.WORKFLOW_EXECUTION_CONTINUED_AS_NEW, closesWithCommand],
  [
    EventType.WORKFLOW_EXECUTION_CANCELED,
    (context, event) => {
      if (!context.wasCancelRequested()) context.complain('nobody asked to cancel this run');
      closesWithCommand(context, event);
    },
  ],
  [EventType.WORKFLOW_EXECUTION_TERMINATED, close],
  [
    EventType.WORKFLOW_EXECUTION_TIMED_OUT,
    (context, event) => {
      const first = context.first();
      const started = first?.workflowExecutionStartedEventAttributes;
      const expiresMs = started?.workflowExecutionExpirationTime ?? Number.POSITIVE_INFINITY;
      const runMs = positive(started?.workflowRunTimeout) + (started?.firstWorkflowTaskBackoff ?? 0);
      const dueMs = Math.min(expiresMs, (first?.eventTime ?? 0) + runMs);
      if ((event.eventTime ?? 0) < dueMs - GRAIN_MS) context.complain('the run timed out before its time');
      context.close(event);
    },
  ],
  [
    EventType.WORKFLOW_TASK_SCHEDULED,
    (context, event) => {
      if (context.workflowTask() !== undefined) context.complain('a workflow task is pending already');
      context.setWorkflowTask({ scheduled: event, started: undefined });
    },
  ],
  [
    EventType.WORKFLOW_TASK_STARTED,
    (context, event) => {
      const task = context.workflowTask();
      const { scheduledEventId } = event.workflowTaskStartedEventAttributes ?? { scheduledEventId: 0 };
      if (task === undefined || task.started !== undefined || task.scheduled.eventId !== scheduledEventId) {
        context.complain(`starts workflow task ${scheduledEventId}, which does not wait`);
        return;
      }
      task.started = event;
    },
  ],
  [
    EventType.WORKFLOW_TASK_COMPLETED,
    (context, event) => {
      endsStartedTask(context, event.workflowTaskCompletedEventAttributes);
      context.completed(event.eventId);
    },
  ],
  [
    EventType.WORKFLOW_TASK_FAILED,
    (context, event) => {
      const attributes = event.workflowTaskFailedEventAttributes;
      // A reset ends the task of its last event: the start may belong to the history that it leaves.
      endsStartedTask(context, attributes);
    },
  ],
  [
    EventType.WORKFLOW_TASK_TIMED_OUT,
    (context, event) => {
      const attributes = event.workflowTaskTimedOutEventAttributes;
      const task = context.workflowTask();
      if (attributes?.timeoutType === TimeoutType.SCHEDULE_TO_START) {
        if (
          task === undefined ||
          task.started !== undefined ||
          task.scheduled.eventId !== attributes.scheduledEventId
        ) {
          context.complain(`times out workflow task ${attributes.scheduledEventId}, which does not wait`);
        }
        context.setWorkflowTask(undefined);
        return;
      }
      const timeoutMs = task?.scheduled.workflowTaskScheduledEventAttributes?.startToCloseTimeout;
      if (early(event, task?.started, timeoutMs)) context.complain('the workflow task timed out before its time');
      endsStartedTask(context, attributes);
    },
  ],
  [
    EventType.ACTIVITY_TASK_SCHEDULED,
    (context, event) => {
      const activityId = event.activityTaskScheduledEventAttributes?.activityId ?? '';
      if (context.activityIds.has(activityId)) context.complain(`activity ${activityId} is open already`);
      context.activityIds.add(activityId);
      context.activities.set(event.eventId, { event, started: undefined, cancelRequested: false });
    },
  ],
  [
    EventType.ACTIVITY_TASK_STARTED,
    (context, event) => {
      const { scheduledEventId = 0, attempt = 0 } = event.activityTaskStartedEventAttributes ?? {};
      const open = context.activities.get(scheduledEventId);
      if (open === undefined) context.complain(`starts activity ${scheduledEventId}, which is not open`);
      else if (open.started !== undefined) context.complain(`activity ${scheduledEventId} is started already`);
      else open.started = event;
      if (attempt < 1) context.complain(`attempt ${attempt}`);
      if (early(event, open?.event, 0)) context.complain('was started before it was scheduled');
    },
  ],
  [EventType.ACTIVITY_TASK_COMPLETED, closesActivity((event) => event.activityTaskCompletedEventAttributes)],
  [EventType.ACTIVITY_TASK_FAILED, closesActivity((event) => event.activityTaskFailedEventAttributes)],
  [EventType.ACTIVITY_TASK_TIMED_OUT, closesActivity((event) => event.activityTaskTimedOutEventAttributes)],
  [EventType.ACTIVITY_TASK_CANCELED, closesActivity((event) => event.activityTaskCanceledEventAttributes)],
  [
    EventType.ACTIVITY_TASK_CANCEL_REQUESTED,
    (context, event) => {
      const { scheduledEventId = 0 } = event.activityTaskCancelRequestedEventAttributes ?? {};
      const open = context.activities.get(scheduledEventId);
      if (open === undefined) context.complain(`cancels activity ${scheduledEventId}, which is not open`);
      else if (open.cancelRequested) context.complain(`cancels activity ${scheduledEventId} a second time`);
      else open.cancelRequested = true;
    },
  ],
  [
    EventType.TIMER_STARTED,
    (context, event) => {
      const timerId = event.timerStartedEventAttributes?.timerId ?? '';
      if (context.timers.has(timerId)) context.complain(`timer ${timerId} runs already`);
      context.timers.set(timerId, event);
    },
  ],
  [
    EventType.TIMER_FIRED,
    (context, event) => {
      const { timerId = '', startedEventId = 0 } = event.timerFiredEventAttributes ?? {};
      const started = context.timers.get(timerId);
      if (started?.eventId !== startedEventId) context.complain(`timer ${timerId} of ${startedEventId} does not run`);
      const { startToFireTimeout } = started?.timerStartedEventAttributes ?? {};
      if (early(event, started, startToFireTimeout)) context.complain(`timer ${timerId} fires before its time`);
      context.timers.delete(timerId);
    },
  ],
  [
    EventType.TIMER_CANCELED,
    (context, event) => {
      const { timerId = '', startedEventId = 0 } = event.timerCanceledEventAttributes ?? {};
      const started = context.timers.get(timerId);
      if (started?.eventId !== startedEventId) context.complain(`timer ${timerId} of ${startedEventId} does not run`);
      context.timers.delete(timerId);
    },
  ],
  [
    EventType.START_CHILD_WORKFLOW_EXECUTION_INITIATED,
    (context, event) => context.children.set(event.eventId, { event, started: undefined, cancelRequested: false }),
  ],
  [
    EventType.START_CHILD_WORKFLOW_EXECUTION_FAILED,
    (context, event) => {
      const { initiatedEventId = 0 } = event.startChildWorkflowExecutionFailedEventAttributes ?? {};
      const open = context.children.get(initiatedEventId);
      if (open === undefined || open.started !== undefined)
        context.complain(`child ${initiatedEventId} does not start`);
      context.children.delete(initiatedEventId);
    },
  ],
  [
    EventType.CHILD_WORKFLOW_EXECUTION_STARTED,
    (context, event) => {
      const { initiatedEventId = 0 } = event.childWorkflowExecutionStartedEventAttributes ?? {};
      const open = context.children.get(initiatedEventId);
      if (open === undefined || open.started !== undefined)
        context.complain(`child ${initiatedEventId} does not start`);
      else open.started = event;
    },
  ],
  [
    EventType.CHILD_WORKFLOW_EXECUTION_COMPLETED,
    closesChild((event) => event.childWorkflowExecutionCompletedEventAttributes),
  ],
  [
    EventType.CHILD_WORKFLOW_EXECUTION_FAILED,
    closesChild((event) => event.childWorkflowExecutionFailedEventAttributes),
  ],
  [
    EventType.CHILD_WORKFLOW_EXECUTION_TIMED_OUT,
    closesChild((event) => event.childWorkflowExecutionTimedOutEventAttributes),
  ],
  [
    EventType.CHILD_WORKFLOW_EXECUTION_CANCELED,
    closesChild((event) => event.childWorkflowExecutionCanceledEventAttributes),
  ],
  [
    EventType.CHILD_WORKFLOW_EXECUTION_TERMINATED,
    closesChild((event) => event.childWorkflowExecutionTerminatedEventAttributes),
  ],
  [
    EventType.SIGNAL_EXTERNAL_WORKFLOW_EXECUTION_INITIATED,
    (context, event) => context.signals.set(event.eventId, event),
  ],
  [
    EventType.SIGNAL_EXTERNAL_WORKFLOW_EXECUTION_FAILED,
    (context, event) => {
      const { initiatedEventId = 0 } = event.signalExternalWorkflowExecutionFailedEventAttributes ?? {};
      if (!context.signals.delete(initiatedEventId)) context.complain(`signal ${initiatedEventId} is not on its way`);
    },
  ],
  [
    EventType.EXTERNAL_WORKFLOW_EXECUTION_SIGNALED,
    (context, event) => {
      const { initiatedEventId = 0 } = event.externalWorkflowExecutionSignaledEventAttributes ?? {};
      if (!context.signals.delete(initiatedEventId)) context.complain(`signal ${initiatedEventId} is not on its way`);
    },
  ],
  [
    EventType.REQUEST_CANCEL_EXTERNAL_WORKFLOW_EXECUTION_INITIATED,
    (context, event) => context.cancels.set(event.eventId, event),
  ],
  [
    EventType.REQUEST_CANCEL_EXTERNAL_WORKFLOW_EXECUTION_FAILED,
    (context, event) => {
      const { initiatedEventId = 0 } = event.requestCancelExternalWorkflowExecutionFailedEventAttributes ?? {};
      if (!context.cancels.delete(initiatedEventId)) context.complain(`cancel ${initiatedEventId} is not on its way`);
    },
  ],
  [
    EventType.EXTERNAL_WORKFLOW_EXECUTION_CANCEL_REQUESTED,
    (context, event) => {
      const { initiatedEventId = 0 } = event.externalWorkflowExecutionCancelRequestedEventAttributes ?? {};
      if (!context.cancels.delete(initiatedEventId)) context.complain(`cancel ${initiatedEventId} is not on its way`);
    },
  ],
  [EventType.WORKFLOW_EXECUTION_CANCEL_REQUESTED, (context) => context.requestCancel()],
  [
    EventType.WORKFLOW_EXECUTION_SIGNALED,
    (context, event) => {
      const requestId = event.workflowExecutionSignaledEventAttributes?.requestId ?? '';
      if (requestId === '') return;
      if (context.signalRequests.has(requestId)) context.complain(`signal request ${requestId} is there twice`);
      context.signalRequests.add(requestId);
    },
  ],
  [EventType.WORKFLOW_EXECUTION_UPDATE_ADMITTED, () => {}],
  [
    EventType.WORKFLOW_EXECUTION_UPDATE_ACCEPTED,
    (context, event) => {
      const updateId = event.workflowExecutionUpdateAcceptedEventAttributes?.protocolInstanceId ?? '';
      if (context.updates.has(updateId)) context.complain(`update ${updateId} is accepted twice`);
      context.updates.set(updateId, { acceptedEventId: event.eventId, completed: false });
    },
  ],
  [
    EventType.WORKFLOW_EXECUTION_UPDATE_COMPLETED,
    (context, event) => {
      const { meta, acceptedEventId } = event.workflowExecutionUpdateCompletedEventAttributes ?? {};
      const update = context.updates.get(meta?.updateId ?? '');
      if (update === undefined) context.complain(`update ${meta?.updateId} was not accepted`);
      else if (update.completed) context.complain(`update ${meta?.updateId} is completed twice`);
      else if (update.acceptedEventId !== acceptedEventId) {
        context.complain(`update ${meta?.updateId} was accepted by ${update.acceptedEventId}, not ${acceptedEventId}`);
      }
      if (update !== undefined) update.completed = true;
    },
  ],
  [EventType.MARKER_RECORDED, () => {}],
  [EventType.UPSERT_WORKFLOW_SEARCH_ATTRIBUTES, () => {}],
  [EventType.WORKFLOW_PROPERTIES_MODIFIED, () => {}],
  [EventType.WORKFLOW_EXECUTION_OPTIONS_UPDATED, () => {}],
  [EventType.WORKFLOW_EXECUTION_PAUSED, () => {}],
  [EventType.WORKFLOW_EXECUTION_UNPAUSED, () => {}],
]);

function endsStartedTask(
  context: Context,
  attributes: { readonly scheduledEventId: number; readonly startedEventId: number } | undefined,
): void {
  const task = context.workflowTask();
  if (task?.started === undefined) context.complain('no workflow task is started');
  else if (
    task.scheduled.eventId !== attributes?.scheduledEventId ||
    task.started.eventId !== attributes.startedEventId
  ) {
    context.complain(
      `ends workflow task ${attributes?.scheduledEventId}/${attributes?.startedEventId}, ` +
        `${task.scheduled.eventId}/${task.started.eventId} is started`,
    );
  }
  context.setWorkflowTask(undefined);
}
