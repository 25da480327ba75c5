// Activities without a workflow: life, retries, deadlines, cancellation, ids, long polls, lists, operators. Raw calls. Written against
// Temporal 1.32 (`temporal server start-dev` of CLI 1.9.1), where they are on by default.

import assert from 'node:assert/strict';
import { after, describe } from 'node:test';
import type { temporal } from '@temporalio/proto';
import {
  applicationFailure,
  decodePayload,
  decodePayloads,
  duration,
  enums,
  payload,
  payloads,
  searchAttribute,
} from './harness/api.ts';
import { openEnvironment } from './harness/environment.ts';
import { expectFailure } from './harness/failures.ts';
import { CONCURRENCY, type Scenario, scenario } from './harness/scenario.ts';
import { waitUntil } from './harness/wait-until.ts';

const env = await openEnvironment();
after(() => env.stop());

type StartRequest = temporal.api.workflowservice.v1.IStartActivityExecutionRequest;
type Outcome = temporal.api.activity.v1.IActivityExecutionOutcome;

const { ActivityIdReusePolicy, ActivityIdConflictPolicy } = enums;

async function start(s: Scenario, request: StartRequest = {}) {
  const complete = {
    namespace: s.namespace,
    activityId: s.id,
    activityType: { name: 'some-activity' },
    taskQueue: { name: s.taskQueue },
    startToCloseTimeout: duration(30_000),
    requestId: crypto.randomUUID(),
    identity: 'starter',
    input: payloads('in'),
    ...request,
  };
  const response = await s.service.startActivityExecution(complete);
  return { activityId: complete.activityId ?? '', runId: response.runId ?? '', started: response.started };
}

async function info(s: Scenario, activity: { activityId?: string; runId?: string } = {}) {
  const { activityId = s.id, runId = '' } = activity;
  const request = {
    namespace: s.namespace,
    activityId,
    runId,
    includeHeartbeatDetails: true,
    includeLastFailure: true,
  };
  const response = await s.service.describeActivityExecution(request);
  assert.ok(response.info);
  return response.info;
}

async function status(s: Scenario, activity: { activityId?: string; runId?: string } = {}): Promise<string> {
  const name = enums.ActivityExecutionStatus[(await info(s, activity)).status ?? 0] ?? '';
  return name.replace('ACTIVITY_EXECUTION_STATUS_', '');
}

/** Waits for it. */
async function outcome(s: Scenario, activityId = s.id): Promise<Outcome> {
  for (;;) {
    const response = await s.env.connection.withDeadline(Date.now() + 30_000, () =>
      s.service.pollActivityExecution({ namespace: s.namespace, activityId }),
    );
    if (response.outcome) return response.outcome;
  }
}

const reached = (s: Scenario, query: string, expected: number): Promise<unknown> =>
  waitUntil(
    async () => Number((await s.service.countActivityExecutions({ namespace: s.namespace, query })).count) === expected,
    `${expected} activities by ${query}`,
  );

describe('activities without a workflow', { concurrency: CONCURRENCY }, () => {
  scenario(env, 'one runs, and its outcome can be waited for and described', async (s) => {
    const waiting = start(s).then(() => outcome(s));
    const task = await s.pollActivityTask();
    assert.equal(task.activityId, s.id);
    assert.equal(task.workflowExecution?.workflowId ?? '', '');
    assert.equal(task.workflowNamespace, s.namespace);
    assert.equal(task.attempt, 1);
    assert.deepEqual(decodePayloads(task.input), ['in']);
    await s.completeActivity(task.taskToken, { ok: true });
    assert.deepEqual(decodePayloads((await waiting).result), [{ ok: true }]);
    const described = await info(s);
    assert.equal(described.runId, task.activityRunId);
    assert.equal(described.attempt, 1);
    assert.equal(described.lastWorkerIdentity, s.identity);
    assert.ok(described.closeTime);
    assert.equal(await status(s), 'COMPLETED');
    await expectFailure(s.completeActivity(task.taskToken), {
      code: 'NOT_FOUND',
      message: `activity not found for ID: ${s.id}`,
      detail: 'NotFoundFailure',
    });
  });

  scenario(env, 'a failed attempt is tried again and knows what the one before had done', async (s) => {
    await start(s, { retryPolicy: { initialInterval: duration(200), maximumAttempts: 2 } });
    const first = await s.pollActivityTask();
    await s.heartbeat(first.taskToken, 'half');
    await s.failActivity(first.taskToken, applicationFailure('boom', { type: 'Flaky' }));
    assert.equal((await info(s)).lastFailure?.message, 'boom');
    const second = await s.pollActivityTask();
    assert.equal(second.attempt, 2);
    assert.deepEqual(decodePayloads(second.heartbeatDetails), ['half']);
    await s.failActivity(second.taskToken, applicationFailure('boom again'));
    const { failure, retryState } = await outcome(s);
    assert.equal(failure?.message, 'boom again');
    assert.equal(retryState, enums.RetryState.RETRY_STATE_MAXIMUM_ATTEMPTS_REACHED);
  });

  scenario(env, 'every deadline ends it', async (s) => {
    const { TimeoutType } = enums;
    const cases = [
      ['start', { scheduleToStartTimeout: duration(500) }, TimeoutType.TIMEOUT_TYPE_SCHEDULE_TO_START],
      ['whole', { scheduleToCloseTimeout: duration(500) }, TimeoutType.TIMEOUT_TYPE_SCHEDULE_TO_CLOSE],
      ['attempt', { startToCloseTimeout: duration(500) }, TimeoutType.TIMEOUT_TYPE_START_TO_CLOSE],
      ['beat', { heartbeatTimeout: duration(500) }, TimeoutType.TIMEOUT_TYPE_HEARTBEAT],
    ] as const;
    for (const [name, request, timeoutType] of cases) {
      const activityId = `${s.id}-${name}`;
      await start(s, { activityId, ...request, retryPolicy: { maximumAttempts: 1 } });
      if (name !== 'start') await s.pollActivityTask();
      const { failure } = await outcome(s, activityId);
      assert.equal(failure?.timeoutFailureInfo?.timeoutType, timeoutType, name);
      assert.equal(await status(s, { activityId }), 'TIMED_OUT');
    }
  });

  scenario(env, 'a start delay holds the first attempt back', async (s) => {
    await start(s, { startDelay: duration(700) });
    const described = await info(s);
    assert.ok(described.nextAttemptScheduleTime);
    assert.equal(enums.PendingActivityState[described.runState ?? 0], 'PENDING_ACTIVITY_STATE_SCHEDULED');
    const task = await s.pollActivityTask();
    const waited = Number(task.startedTime?.seconds) * 1e3 + Number(task.startedTime?.nanos) / 1e6;
    const from = Number(task.scheduledTime?.seconds) * 1e3 + Number(task.scheduledTime?.nanos) / 1e6;
    assert.ok(waited - from >= 700, `${waited - from} ms`);
    await s.completeActivity(task.taskToken);
  });

  scenario(env, 'a cancellation reaches the worker by its heartbeat', async (s) => {
    await start(s);
    const task = await s.pollActivityTask();
    const cancel = { namespace: s.namespace, activityId: s.id, requestId: 'r', reason: 'why', identity: 'someone' };
    await expectFailure(s.cancelActivity(task.taskToken), {
      code: 'INVALID_ARGUMENT',
      message: 'unable to mark activity as canceled without activity being request canceled first',
    });
    await s.service.requestCancelActivityExecution(cancel);
    await s.service.requestCancelActivityExecution(cancel);
    await expectFailure(s.service.requestCancelActivityExecution({ ...cancel, requestId: 'other' }), {
      code: 'FAILED_PRECONDITION',
      message: 'cancellation already requested with request ID r',
    });
    assert.equal((await s.heartbeat(task.taskToken)).cancelRequested, true);
    await s.cancelActivity(task.taskToken, 'left');
    const { failure } = await outcome(s);
    assert.equal(failure?.message, 'Activity canceled');
    assert.deepEqual(decodePayloads(failure?.canceledFailureInfo?.details), ['left']);
    assert.equal((await info(s)).canceledReason, 'why');
  });

  scenario(env, 'without a worker a cancellation ends it at once', async (s) => {
    await start(s);
    const request = { namespace: s.namespace, activityId: s.id, requestId: 'r', reason: 'why' };
    await s.service.requestCancelActivityExecution(request);
    const { failure } = await outcome(s);
    assert.equal(decodePayload(failure?.canceledFailureInfo?.details?.payloads?.[0]), 'why');
    await expectFailure(s.service.requestCancelActivityExecution({ ...request, requestId: 'late' }), {
      code: 'FAILED_PRECONDITION',
      message: 'activity is in terminal state Canceled',
    });
  });

  scenario(env, 'a termination is final, and known by its request', async (s) => {
    await start(s);
    const request = { namespace: s.namespace, activityId: s.id, requestId: 'r', reason: 'enough', identity: 'someone' };
    await s.service.terminateActivityExecution(request);
    await s.service.terminateActivityExecution(request);
    await expectFailure(s.service.terminateActivityExecution({ ...request, requestId: 'other' }), {
      code: 'FAILED_PRECONDITION',
      message: 'already terminated with request ID r',
    });
    const { failure } = await outcome(s);
    assert.deepEqual([failure?.message, failure?.terminatedFailureInfo?.identity], ['enough', 'someone']);
    assert.equal(await status(s), 'TERMINATED');
  });

  scenario(env, 'its id goes by conflict and reuse policies, beside workflows', async (s) => {
    const { runId } = await s.start();
    const requestId = crypto.randomUUID();
    const first = await start(s, { requestId });
    assert.notEqual(first.runId, runId);
    assert.deepEqual(await start(s, { requestId }), { ...first, started: false });
    const alreadyStarted = {
      code: 'ALREADY_EXISTS',
      message: 'activity execution already started',
      detail: 'ActivityExecutionAlreadyStartedFailure',
    } as const;
    await expectFailure(start(s), alreadyStarted);
    const idConflictPolicy = ActivityIdConflictPolicy.ACTIVITY_ID_CONFLICT_POLICY_USE_EXISTING;
    assert.equal((await start(s, { idConflictPolicy })).runId, first.runId);
    const task = await s.pollActivityTask();
    await s.completeActivity(task.taskToken);
    for (const idReusePolicy of [
      ActivityIdReusePolicy.ACTIVITY_ID_REUSE_POLICY_REJECT_DUPLICATE,
      ActivityIdReusePolicy.ACTIVITY_ID_REUSE_POLICY_ALLOW_DUPLICATE_FAILED_ONLY,
    ]) {
      await expectFailure(start(s, { idReusePolicy }), alreadyStarted);
    }
    const second = await start(s);
    assert.notEqual(second.runId, first.runId);
    assert.equal(await status(s), 'RUNNING');
    assert.equal(await status(s, { runId: first.runId }), 'COMPLETED');
    assert.equal(await s.status({ workflowId: s.id }), 'Running');
  });

  scenario(env, 'by id, with or without a worker', async (s) => {
    const byId = { namespace: s.namespace, activityId: s.id };
    await expectFailure(s.service.respondActivityTaskCompletedById(byId), {
      code: 'NOT_FOUND',
      message: `activity not found for ID: ${s.id}`,
      detail: 'NotFoundFailure',
    });
    await start(s);
    await expectFailure(s.service.recordActivityTaskHeartbeatById(byId), {
      code: 'NOT_FOUND',
      message: `activity not found for ID: ${s.id}`,
    });
    await s.pollActivityTask();
    await s.service.recordActivityTaskHeartbeatById({ ...byId, details: payloads('d') });
    assert.deepEqual(decodePayloads((await info(s)).heartbeatDetails), ['d']);
    await s.service.respondActivityTaskCompletedById({ ...byId, result: payloads('r') });
    assert.deepEqual(decodePayloads((await outcome(s)).result), ['r']);
    await start(s);
    await s.service.respondActivityTaskCompletedById({ ...byId, result: payloads('early') });
    assert.deepEqual(decodePayloads((await outcome(s)).result), ['early']);
    await expectFailure(s.service.respondActivityTaskCompletedById(byId), {
      code: 'FAILED_PRECONDITION',
      message: 'invalid transition from Completed',
    });
  });

  scenario(env, 'a description waits for the next change', async (s) => {
    const { runId } = await start(s);
    const target = { namespace: s.namespace, activityId: s.id, runId };
    const { longPollToken } = await s.service.describeActivityExecution(target);
    const waiting = s.env.connection.withDeadline(Date.now() + 30_000, () =>
      s.service.describeActivityExecution({ ...target, longPollToken }),
    );
    const task = await s.pollActivityTask();
    assert.equal(enums.PendingActivityState[(await waiting).info?.runState ?? 0], 'PENDING_ACTIVITY_STATE_STARTED');
    await s.completeActivity(task.taskToken);
    await expectFailure(s.service.describeActivityExecution({ ...target, longPollToken: Buffer.from('garbage') }), {
      code: 'INVALID_ARGUMENT',
      message: 'invalid long poll token',
    });
    await expectFailure(s.service.describeActivityExecution({ namespace: s.namespace, activityId: `no-${s.id}` }), {
      code: 'NOT_FOUND',
      message: `activity not found for ID: no-${s.id}`,
      detail: 'NotFoundFailure',
    });
  });

  scenario(env, 'lists find it by its own names, and workflow lists do not', async (s) => {
    const type = `type-${s.id}`;
    const E2eKeyword = searchAttribute('Keyword', s.id);
    for (const name of ['one', 'two', 'three']) {
      await start(s, {
        activityId: `${s.id}-${name}`,
        activityType: { name: type },
        ...(name === 'one' ? { searchAttributes: { indexedFields: { E2eKeyword } } } : {}),
      });
    }
    await s.service.terminateActivityExecution({ namespace: s.namespace, activityId: `${s.id}-three` });
    await reached(s, `ActivityType = '${type}'`, 3);
    await reached(s, `ActivityType = '${type}' AND ExecutionStatus = 'Running'`, 2);
    await reached(s, `ActivityType = '${type}' AND ExecutionStatus = 'Terminated'`, 1);
    await reached(s, `ActivityId = '${s.id}-two' OR ActivityId = '${s.id}-one'`, 2);
    await reached(s, `E2eKeyword = '${s.id}'`, 1);
    const query = `ActivityType = '${type}'`;
    const found: string[] = [];
    let nextPageToken: Uint8Array = Buffer.alloc(0);
    do {
      const page = await s.service.listActivityExecutions({
        namespace: s.namespace,
        query,
        pageSize: 2,
        nextPageToken,
      });
      for (const { activityId, activityType, taskQueue } of page.executions ?? []) {
        assert.deepEqual([activityType?.name, taskQueue], [type, s.taskQueue]);
        found.push(String(activityId).slice(s.id.length + 1));
      }
      nextPageToken = page.nextPageToken ?? Buffer.alloc(0);
    } while (nextPageToken.length > 0);
    assert.deepEqual(found.sort(), ['one', 'three', 'two']);
    const grouped = await s.service.countActivityExecutions({
      namespace: s.namespace,
      query: `${query} GROUP BY ExecutionStatus`,
    });
    assert.deepEqual(
      (grouped.groups ?? []).map(({ groupValues, count }) => [decodePayload(groupValues?.[0]), Number(count)]).sort(),
      [
        ['Running', 2],
        ['Terminated', 1],
      ],
    );
    const workflows = await s.service.countWorkflowExecutions({
      namespace: s.namespace,
      query: `TaskQueue = '${s.taskQueue}'`,
    });
    assert.equal(Number(workflows.count), 0);
  });

  scenario(env, 'a deleted one is gone everywhere', async (s) => {
    const { runId } = await start(s);
    await reached(s, `ActivityId = '${s.id}'`, 1);
    await s.service.deleteActivityExecution({ namespace: s.namespace, activityId: s.id });
    await waitUntil(
      async () => (await info(s, { runId }).catch(() => undefined)) === undefined,
      'the activity is gone',
    );
    await reached(s, `ActivityId = '${s.id}'`, 0);
    await expectFailure(s.service.deleteActivityExecution({ namespace: s.namespace, activityId: s.id }), {
      code: 'NOT_FOUND',
      message: `activity not found for ID: ${s.id}`,
    });
  });

  scenario(env, 'an operator holds it back, begins it anew and changes its options', async (s) => {
    await start(s);
    const target = { namespace: s.namespace, activityId: s.id };
    await s.service.pauseActivityExecution({ ...target, requestId: 'p', reason: 'wait' });
    assert.equal(await status(s), 'PAUSED');
    await s.expectNoActivityTask();
    await s.service.unpauseActivityExecution({ ...target, requestId: 'u' });
    const task = await s.pollActivityTask();
    await s.service.resetActivityExecution({ ...target, requestId: 'r' });
    assert.equal((await s.heartbeat(task.taskToken)).activityReset, true);
    await s.failActivity(task.taskToken, applicationFailure('boom'));
    const again = await s.pollActivityTask();
    assert.equal(again.attempt, 1);
    const { activityOptions } = await s.service.updateActivityExecutionOptions({
      ...target,
      activityOptions: { startToCloseTimeout: duration(700) },
      updateMask: { paths: ['start_to_close_timeout'] },
    });
    assert.equal(Number(activityOptions?.startToCloseTimeout?.nanos), 7e8);
    await waitUntil(async () => (await info(s)).attempt === 2, 'the attempt timed out by its new timeout');
    assert.equal((await info(s)).lastFailure?.message, 'activity StartToClose timeout');
    await s.service.terminateActivityExecution(target);
  });

  scenario(env, 'header, metadata and priority come back as they were sent', async (s) => {
    await start(s, {
      header: { fields: { trace: payload('t') } },
      userMetadata: { summary: payload('sum') },
      priority: { priorityKey: 2 },
    });
    const task = await s.pollActivityTask();
    assert.equal(decodePayload(task.header?.fields?.trace), 't');
    assert.equal(task.priority?.priorityKey, 2);
    const described = await info(s);
    assert.equal(decodePayload(described.userMetadata?.summary), 'sum');
    assert.equal(decodePayload(described.header?.fields?.trace), 't');
    assert.equal(described.priority?.priorityKey, 2);
    await s.completeActivity(task.taskToken);
  });
});
