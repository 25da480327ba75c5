// Commands as an SDK would send them, with payloads of an ordinary size.

import type { CommandInit } from '#proto/temporal/api/command/v1';
import { Payload, Payloads } from '#proto/temporal/api/common/v1';
import { CommandType } from '#proto/temporal/api/enums/v1';
import type { Run } from '../load/run.ts';

/** Bytes of data in each payload: a small JSON document, incompressible enough. */
const PAYLOAD_BYTES = 100;

/** What every call carries, to every kind of server. */
export const INPUT = { order: '7f3a9c'.repeat(20).slice(0, PAYLOAD_BYTES - 12) };

export interface ActivityTimeouts {
  readonly scheduleToCloseTimeout: number;
  readonly startToCloseTimeout: number;
}

const ACTIVITY_TIMEOUTS: ActivityTimeouts = { scheduleToCloseTimeout: 600_000, startToCloseTimeout: 60_000 };

const PAYLOADS = Payloads.encode({
  payloads: [
    Payload.encode({
      metadata: new Map([['encoding', Buffer.from('json/plain')]]),
      data: Buffer.from(JSON.stringify(INPUT)),
    }),
  ],
});

export function payloads(): Uint8Array {
  return PAYLOADS;
}

export function completeWorkflow(): CommandInit {
  return {
    commandType: CommandType.COMPLETE_WORKFLOW_EXECUTION,
    completeWorkflowExecutionCommandAttributes: { result: PAYLOADS },
  };
}

/** Remembers when it was sent: the activity's schedule-to-start counts from here. */
export function scheduleActivity(run: Run, taskQueue: string, activityId: string): CommandInit {
  run.sentAtMs.set(activityId, performance.now());
  return activityCommand(taskQueue, activityId, ACTIVITY_TIMEOUTS);
}

export function activityCommand(taskQueue: string, activityId: string, timeouts: ActivityTimeouts): CommandInit {
  return {
    commandType: CommandType.SCHEDULE_ACTIVITY_TASK,
    scheduleActivityTaskCommandAttributes: {
      activityId,
      activityType: { name: 'charge' },
      taskQueue: { name: taskQueue },
      input: PAYLOADS,
      ...timeouts,
      retryPolicy: { initialInterval: 1000, backoffCoefficient: 2, maximumInterval: 100_000 },
    },
  };
}

export function startTimer(timerId: string, ms: number): CommandInit {
  return {
    commandType: CommandType.START_TIMER,
    startTimerCommandAttributes: { timerId, startToFireTimeout: ms },
  };
}

export function startChild(workflowId: string, workflowType: string, taskQueue: string): CommandInit {
  return {
    commandType: CommandType.START_CHILD_WORKFLOW_EXECUTION,
    startChildWorkflowExecutionCommandAttributes: {
      workflowId,
      workflowType: { name: workflowType },
      taskQueue: { name: taskQueue },
      input: PAYLOADS,
      workflowRunTimeout: 86_400_000,
      workflowTaskTimeout: 10_000,
    },
  };
}
