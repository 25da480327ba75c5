/** Which task is to be started, and under which request id: asked by matching, or by a queue that found a parked poll. */
export interface TaskStart {
  readonly namespaceId: string;
  readonly workflowId: string;
  readonly runId: string;
  readonly scheduledEventId: number;
  /** Of all attempts to start it: a start that was recorded under it is found again. */
  readonly requestId: string;
  readonly stamp: number;
}
