// Clients from before September 2021 do not follow the run that a retry or cron schedule began: they are shown a
// continue-as-new in place of the close event, which they do follow (FixFollowEvents, v1.31).

import { EventType, TimeoutType } from '#proto/temporal/api/enums/v1';
import { Failure } from '#proto/temporal/api/failure/v1';
import { History, type HistoryEventInit } from '#proto/temporal/api/history/v1';

/** `history` is an encoded History of one close event; the same is answered when no run follows it. */
export function followable(history: Uint8Array): Uint8Array {
  const event = History.decode(history).events[0];
  if (event === undefined) return history;
  const completed = event.workflowExecutionCompletedEventAttributes;
  const failed = event.workflowExecutionFailedEventAttributes;
  const timedOut = event.workflowExecutionTimedOutEventAttributes;
  const newExecutionRunId = (completed ?? failed ?? timedOut)?.newExecutionRunId ?? '';
  if (newExecutionRunId === '') return history;
  const replaced: HistoryEventInit = {
    eventId: event.eventId,
    eventTime: event.eventTime,
    eventType: EventType.WORKFLOW_EXECUTION_CONTINUED_AS_NEW,
    version: event.version,
    taskId: event.taskId,
    workflowExecutionContinuedAsNewEventAttributes: {
      newExecutionRunId,
      lastCompletionResult: completed?.result,
      failure: timedOut === undefined ? failed?.failure : WORKFLOW_TIMEOUT,
    },
  };
  return History.encode({ events: [replaced] });
}

const WORKFLOW_TIMEOUT = Failure.encode({
  message: 'workflow timeout',
  source: 'Server',
  timeoutFailureInfo: { timeoutType: TimeoutType.START_TO_CLOSE },
});
