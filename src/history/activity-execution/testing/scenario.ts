// Tests of activities without a workflow: one activity on the memory store under virtual time, and the calls that act on it.
// What the tests expect was compared with Temporal 1.32.

import assert from 'node:assert/strict';
import { Payload, Payloads } from '#proto/temporal/api/common/v1';
import { ActivityIdConflictPolicy, ActivityIdReusePolicy } from '#proto/temporal/api/enums/v1';
import { Failure, type FailureInit } from '#proto/temporal/api/failure/v1';
import type { PollActivityTaskQueueResponse } from '#proto/temporal/api/workflowservice/v1';
import * as service from '#proto/temporal/api/workflowservice/v1';
import { GrpcCode, ServiceError } from '../../../base/service-error.ts';
import { type ExecutionStore, MemoryStoreFactory } from '../../../persistence/index.ts';
import type { VirtualClock } from '../../../runtime/virtual-clock.ts';
import { type HistoryFixture, historyFixture } from '../../testing/history-fixture.ts';

const START = [service.StartActivityExecutionRequest, service.StartActivityExecutionResponse] as const;
export const DESCRIBE = [service.DescribeActivityExecutionRequest, service.DescribeActivityExecutionResponse] as const;
export const POLL = [service.PollActivityExecutionRequest, service.PollActivityExecutionResponse] as const;
const CANCEL = [service.RequestCancelActivityExecutionRequest, service.RequestCancelActivityExecutionResponse] as const;
const TERMINATE = [service.TerminateActivityExecutionRequest, service.TerminateActivityExecutionResponse] as const;
export const DELETE = [service.DeleteActivityExecutionRequest, service.DeleteActivityExecutionResponse] as const;
export const PAUSE = [service.PauseActivityExecutionRequest, service.PauseActivityExecutionResponse] as const;
export const UNPAUSE = [service.UnpauseActivityExecutionRequest, service.UnpauseActivityExecutionResponse] as const;
export const RESET = [service.ResetActivityExecutionRequest, service.ResetActivityExecutionResponse] as const;
export const UPDATE = [
  service.UpdateActivityExecutionOptionsRequest,
  service.UpdateActivityExecutionOptionsResponse,
] as const;
const COMPLETE = [service.RespondActivityTaskCompletedRequest, service.RespondActivityTaskCompletedResponse] as const;
export const COMPLETE_BY_ID = [
  service.RespondActivityTaskCompletedByIdRequest,
  service.RespondActivityTaskCompletedByIdResponse,
] as const;
export const FAIL = [service.RespondActivityTaskFailedRequest, service.RespondActivityTaskFailedResponse] as const;
export const CANCELED = [
  service.RespondActivityTaskCanceledRequest,
  service.RespondActivityTaskCanceledResponse,
] as const;
const HEARTBEAT = [service.RecordActivityTaskHeartbeatRequest, service.RecordActivityTaskHeartbeatResponse] as const;
export const HEARTBEAT_BY_ID = [
  service.RecordActivityTaskHeartbeatByIdRequest,
  service.RecordActivityTaskHeartbeatByIdResponse,
] as const;

export const SECOND_MS = 1000;
export const MINUTE_MS = 60 * SECOND_MS;
export const DAY_MS = 24 * 60 * MINUTE_MS;
export const ID = { activityId: 'a' };

export const text = (value: string): Uint8Array =>
  Payloads.encode({ payloads: [Payload.encode({ data: Buffer.from(value) })] });
export const failureOf = (message: string, more: FailureInit['applicationFailureInfo'] = {}): Uint8Array =>
  Failure.encode({ message, applicationFailureInfo: more });
export const bytes = (value: Uint8Array | undefined): Buffer | undefined => value && Buffer.from(value);

export const refused = (code: number, message: string) => (error: unknown) => {
  assert.ok(error instanceof ServiceError, String(error));
  assert.deepEqual([error.code, error.message], [code, message]);
  return true;
};
export const notThere = refused(GrpcCode.NOT_FOUND, 'activity not found for ID: a');

export class Scenario {
  readonly fixture: HistoryFixture;

  constructor(fixture: HistoryFixture) {
    this.fixture = fixture;
  }

  static async open(store?: ExecutionStore, clock?: VirtualClock): Promise<Scenario> {
    return new Scenario(await historyFixture(store ?? (await new MemoryStoreFactory().openExecutionStore(0)), clock));
  }

  /** As the frontend hands it over, its defaults filled. */
  start(more: service.StartActivityExecutionRequestInit = {}) {
    return this.fixture.rpc('StartActivityExecution', START, {
      ...ID,
      requestId: 'start',
      activityType: { name: 'type' },
      taskQueue: { name: 'queue' },
      scheduleToCloseTimeout: 0,
      scheduleToStartTimeout: 0,
      startToCloseTimeout: 10 * MINUTE_MS,
      heartbeatTimeout: 0,
      retryPolicy: { initialInterval: SECOND_MS, backoffCoefficient: 2, maximumInterval: 100 * SECOND_MS },
      input: text('in'),
      idReusePolicy: ActivityIdReusePolicy.ALLOW_DUPLICATE,
      idConflictPolicy: ActivityIdConflictPolicy.FAIL,
      ...more,
    });
  }

  async describe(more: service.DescribeActivityExecutionRequestInit = {}) {
    const { info } = await this.fixture.rpc('DescribeActivityExecution', DESCRIBE, {
      ...ID,
      includeHeartbeatDetails: true,
      includeLastFailure: true,
      ...more,
    });
    assert.ok(info !== undefined);
    return info;
  }

  async outcome() {
    const { outcome } = await this.fixture.rpc('DescribeActivityExecution', DESCRIBE, { ...ID, includeOutcome: true });
    return { ...outcome, failure: outcome?.failure && Failure.decode(outcome.failure) };
  }

  task(): Promise<PollActivityTaskQueueResponse> {
    return this.fixture.pollActivityTask();
  }

  complete({ taskToken }: { taskToken: Uint8Array }, result = text('out')) {
    return this.fixture.rpc('RespondActivityTaskCompleted', COMPLETE, { taskToken, result, identity: 'w' });
  }

  fail({ taskToken }: { taskToken: Uint8Array }, failure: Uint8Array | undefined = failureOf('boom')) {
    return this.fixture.rpc('RespondActivityTaskFailed', FAIL, { taskToken, failure, identity: 'w' });
  }

  heartbeat({ taskToken }: { taskToken: Uint8Array }, details?: Uint8Array) {
    return this.fixture.rpc('RecordActivityTaskHeartbeat', HEARTBEAT, { taskToken, details });
  }

  cancel(requestId = 'cancel') {
    return this.fixture.rpc('RequestCancelActivityExecution', CANCEL, {
      ...ID,
      requestId,
      reason: 'why',
      identity: 'someone',
    });
  }

  terminate(requestId = 'terminate') {
    return this.fixture.rpc('TerminateActivityExecution', TERMINATE, {
      ...ID,
      requestId,
      reason: 'why',
      identity: 'someone',
    });
  }

  advance(ms: number): Promise<void> {
    return this.fixture.clock.advance(ms);
  }

  /** Tasks at matching that no worker has taken. */
  get dispatched(): number {
    return this.fixture.activityTasks.length;
  }
}
