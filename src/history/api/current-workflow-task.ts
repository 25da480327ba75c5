import { TaskToken } from '#proto/ostinato/token/v1';
import { deserializingToken, workflowTaskNotFound } from '../errors.ts';
import type { Workflow } from '../workflow/workflow.ts';

export function decodeTaskToken(bytes: Uint8Array): TaskToken {
  try {
    return TaskToken.decode(bytes);
  } catch {
    throw deserializingToken();
  }
}

/** Throws NOT_FOUND unless the token is that of the started workflow task the run has now. */
export function checkCurrentTask(workflow: Workflow, token: TaskToken): void {
  const state = workflow.state;
  const isCurrent =
    workflow.isRunning &&
    state.workflowTaskScheduledEventId === token.scheduledEventId &&
    state.workflowTaskScheduledEventId !== 0 &&
    state.workflowTaskStartedEventId !== 0 &&
    (token.startedEventId === 0 || token.startedEventId === state.workflowTaskStartedEventId) &&
    (token.startedTime === undefined || token.startedTime === state.workflowTaskStartedTime) &&
    token.attempt === state.workflowTaskAttempt &&
    (token.version === 0 || token.version === state.workflowTaskVersion);
  if (!isCurrent) throw workflowTaskNotFound();
}
