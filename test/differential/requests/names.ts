// What a program's slot is called on a server.

export interface Names {
  readonly namespace: string;
  readonly workflowId: string;
  readonly taskQueue: string;
  /** Of the child with an id; what lies behind the last is the last. */
  readonly childQueues: readonly string[];
  /** A workflow of another slot. */
  readonly otherId: string;
}
