// What a benchmark does: one operation that a loop repeats, and the decisions of the workflow that it runs.

import type { CommandInit } from '#proto/temporal/api/command/v1';
import type { MessageInit } from '#proto/temporal/api/protocol/v1';
import type {
  PollActivityTaskQueueResponse,
  PollWorkflowTaskQueueResponse,
} from '#proto/temporal/api/workflowservice/v1';
import type { Run } from '../load/run.ts';
import type { Session } from '../load/session.ts';

export interface Decision {
  readonly commands: CommandInit[];
  readonly messages?: MessageInit[];
  /** Whether the run is over once the server has accepted this. */
  readonly closes?: boolean;
}

export interface Workload {
  readonly name: string;
  readonly about: string;
  /** Whether the worker polls for activities. */
  readonly activities: boolean;
  /** False if an operation is to find no worker at first. */
  readonly workersFromTheStart?: boolean;
  /** One operation: what a loop repeats and a rate counts. */
  operate(session: Session, run: Run): Promise<void>;
  /** Takes an activity task in the place of a worker that completes it at once. */
  onActivity?(task: PollActivityTaskQueueResponse): void;
  decide(run: Run, task: PollWorkflowTaskQueueResponse, session: Session): Decision;
}
