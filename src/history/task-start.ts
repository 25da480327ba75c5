/** Which task is to be started, and under which request id: asked by matching, or by a queue that found a parked poll. */
export interface TaskStart {
  readonly namespaceId: string;
  readonly workflowId: string;
  readonly runId: string;
  readonly scheduledEventId: number;
  /** Of all attempts to start it: a start that was recorded under it is found again. */
  readonly requestId: string;
  /** Of a start that was tried before matching got the task, '' if none was. One that was recorded is taken over. */
  readonly triedRequestId: string;
  readonly stamp: number;
}

/** Whether a start that is recorded under `recordedRequestId` is the one that was tried for this task. */
export function isTriedStart({ triedRequestId }: TaskStart, recordedRequestId: string): boolean {
  return triedRequestId !== '' && triedRequestId === recordedRequestId;
}
