// Child workflows, parent-close policies, and signals and cancellations sent from workflow to workflow. Raw calls.

import assert from 'node:assert/strict';
import { after, describe } from 'node:test';
import { applicationFailure, duration, enums, payload, payloads } from './harness/api.ts';
import {
  cancelExternal,
  cancelWorkflow,
  completeWorkflow,
  continueAsNew,
  failWorkflow,
  signalExternal,
  startChild,
} from './harness/commands.ts';
import { openEnvironment } from './harness/environment.ts';
import { expectFailure } from './harness/failures.ts';
import { CONCURRENCY, type Scenario, scenario } from './harness/scenario.ts';
import { pause, waitUntil } from './harness/wait-until.ts';

const { ParentClosePolicy: Close, WorkflowIdReusePolicy: Reuse } = enums;

const env = await openEnvironment();
after(() => env.stop());

const STARTED = ['WorkflowExecutionStarted', 'WorkflowTaskScheduled', 'WorkflowTaskStarted', 'WorkflowTaskCompleted'];
const TASK = ['WorkflowTaskScheduled', 'WorkflowTaskStarted', 'WorkflowTaskCompleted'];

const childQueue = (s: Scenario) => ({ name: `${s.taskQueue}-child` });
const childId = (s: Scenario) => `${s.id}-child`;

/** Starts a parent and its child; the parent has seen the child's start. */
async function withChild(s: Scenario, attributes: Parameters<typeof startChild>[2] = {}) {
  const parent = await s.start();
  await s.next(startChild(childId(s), childQueue(s).name, attributes));
  await s.next();
  const child = await s.currentRun(childId(s));
  return { parent, child };
}

describe('child workflows', { concurrency: CONCURRENCY }, () => {
  scenario(env, 'a child starts, completes and hands its result to the parent', async (s) => {
    const { parent, child } = await withChild(s, {
      input: payloads('in'),
      header: { fields: { trace: payload('t') } },
      memo: { fields: { note: payload('m') } },
      control: 'ctl',
    });
    const task = await s.pollWorkflowTask({ taskQueue: childQueue(s) });
    const described = await s.describe(parent);
    assert.equal(described.pendingChildren?.[0]?.workflowId, childId(s));
    assert.equal(described.pendingChildren?.[0]?.runId, child.runId);
    await s.respondWorkflowTask(task, [completeWorkflow('out')]);
    await s.next(completeWorkflow());
    await s.expectEvents(parent, [
      ...STARTED,
      [
        'StartChildWorkflowExecutionInitiated',
        {
          workflowId: childId(s),
          workflowType: { name: 'child-workflow' },
          input: ['in'],
          parentClosePolicy: 'PARENT_CLOSE_POLICY_TERMINATE',
          workflowIdReusePolicy: 'WORKFLOW_ID_REUSE_POLICY_ALLOW_DUPLICATE',
          header: { fields: { trace: 't' } },
          memo: { fields: { note: 'm' } },
          control: 'ctl',
          namespace: s.namespace,
          workflowTaskCompletedEventId: 4,
        },
      ],
      [
        'ChildWorkflowExecutionStarted',
        {
          initiatedEventId: 5,
          workflowExecution: { workflowId: childId(s), runId: child.runId },
          workflowType: { name: 'child-workflow' },
          header: { fields: { trace: 't' } },
        },
      ],
      ...TASK,
      ['ChildWorkflowExecutionCompleted', { initiatedEventId: 5, startedEventId: 6, result: ['out'] }],
      ...TASK,
      'WorkflowExecutionCompleted',
    ]);
    await s.expectEvents(child, [
      [
        'WorkflowExecutionStarted',
        {
          parentWorkflowExecution: { workflowId: s.id, runId: parent.runId },
          parentInitiatedEventId: 5,
          parentWorkflowNamespace: s.namespace,
          rootWorkflowExecution: { workflowId: s.id, runId: parent.runId },
          input: ['in'],
        },
      ],
      'WorkflowTaskScheduled',
      'WorkflowTaskStarted',
      'WorkflowTaskCompleted',
      'WorkflowExecutionCompleted',
    ]);
  });

  scenario(env, 'a child that fails', async (s) => {
    const { parent } = await withChild(s);
    const task = await s.pollWorkflowTask({ taskQueue: childQueue(s) });
    await s.respondWorkflowTask(task, [failWorkflow(applicationFailure('child broke', { type: 'Broken' }))]);
    await s.next(completeWorkflow());
    await s.expectEvents(parent, [
      ...STARTED,
      'StartChildWorkflowExecutionInitiated',
      'ChildWorkflowExecutionStarted',
      ...TASK,
      [
        'ChildWorkflowExecutionFailed',
        {
          failure: { message: 'child broke', applicationFailureInfo: { type: 'Broken' } },
          retryState: 'RETRY_STATE_RETRY_POLICY_NOT_SET',
        },
      ],
      ...TASK,
      'WorkflowExecutionCompleted',
    ]);
  });

  scenario(env, 'a child that is terminated, and one that times out', async (s) => {
    const parent = await s.start();
    await s.next(
      startChild(`${childId(s)}-1`, childQueue(s).name),
      startChild(`${childId(s)}-2`, childQueue(s).name, { workflowRunTimeout: duration(1_500) }),
    );
    await waitUntil(
      async () => (await s.describe(parent)).pendingChildren?.every((pending) => pending.runId) || undefined,
    );
    await s.terminate({ workflowId: `${childId(s)}-1` });
    await waitUntil(async () => (await s.describe(parent)).pendingChildren?.length === 0 || undefined);
    const events = (await s.history(parent)).map((event) => event.eventType);
    assert.ok(events.includes(enums.EventType.EVENT_TYPE_CHILD_WORKFLOW_EXECUTION_TERMINATED));
    assert.ok(events.includes(enums.EventType.EVENT_TYPE_CHILD_WORKFLOW_EXECUTION_TIMED_OUT));
    await s.next(completeWorkflow());
    assert.equal(await s.status(parent), 'Completed');
  });

  scenario(env, 'a parent cancels its child', async (s) => {
    const parent = await s.start();
    await s.next(startChild(childId(s), childQueue(s).name));
    await s.next(cancelExternal(childId(s), { childWorkflowOnly: true }));
    const child = await s.currentRun(childId(s));
    await waitUntil(async () => (await s.history(child)).length >= 3);
    const task = await s.pollWorkflowTask({ taskQueue: childQueue(s) });
    await s.respondWorkflowTask(task, [cancelWorkflow('bye')]);
    await waitUntil(async () => (await s.describe(parent)).pendingChildren?.length === 0 || undefined);
    const seen = (await s.history(parent)).map((event) => enums.EventType[event.eventType ?? 0]);
    assert.ok(seen.includes('EVENT_TYPE_REQUEST_CANCEL_EXTERNAL_WORKFLOW_EXECUTION_INITIATED'));
    assert.ok(seen.includes('EVENT_TYPE_EXTERNAL_WORKFLOW_EXECUTION_CANCEL_REQUESTED'));
    assert.ok(seen.includes('EVENT_TYPE_CHILD_WORKFLOW_EXECUTION_CANCELED'));
    await s.expectEvents(child, [
      'WorkflowExecutionStarted',
      'WorkflowTaskScheduled',
      [
        'WorkflowExecutionCancelRequested',
        { externalWorkflowExecution: { workflowId: s.id, runId: parent.runId }, identity: 'history-service' },
      ],
      'WorkflowTaskStarted',
      'WorkflowTaskCompleted',
      ['WorkflowExecutionCanceled', { details: ['bye'] }],
    ]);
  });

  scenario(env, 'a child whose id is taken fails to start', async (s) => {
    await s.start({ workflowId: childId(s), taskQueue: childQueue(s) });
    const parent = await s.start();
    await s.next(startChild(childId(s), childQueue(s).name, { control: 'c' }));
    await s.next(completeWorkflow());
    await s.expectEvents(parent, [
      ...STARTED,
      'StartChildWorkflowExecutionInitiated',
      [
        'StartChildWorkflowExecutionFailed',
        {
          cause: 'START_CHILD_WORKFLOW_EXECUTION_FAILED_CAUSE_WORKFLOW_ALREADY_EXISTS',
          initiatedEventId: 5,
          workflowId: childId(s),
          control: 'c',
        },
      ],
      ...TASK,
      'WorkflowExecutionCompleted',
    ]);
  });

  scenario(env, 'a child may not reuse a closed id when its policy says so', async (s) => {
    await s.start({ workflowId: childId(s), taskQueue: childQueue(s) });
    const first = await s.pollWorkflowTask({ taskQueue: childQueue(s) });
    await s.respondWorkflowTask(first, [completeWorkflow()]);
    const parent = await s.start();
    await s.next(
      startChild(childId(s), childQueue(s).name, {
        workflowIdReusePolicy: Reuse.WORKFLOW_ID_REUSE_POLICY_REJECT_DUPLICATE,
      }),
    );
    await s.next(completeWorkflow());
    await s.expectEvents(parent, [
      ...STARTED,
      ['StartChildWorkflowExecutionInitiated', { workflowIdReusePolicy: 'WORKFLOW_ID_REUSE_POLICY_REJECT_DUPLICATE' }],
      'StartChildWorkflowExecutionFailed',
      ...TASK,
      'WorkflowExecutionCompleted',
    ]);
  });

  scenario(env, 'a child that continues as new reports its last run', async (s) => {
    const { parent, child } = await withChild(s);
    const first = await s.pollWorkflowTask({ taskQueue: childQueue(s) });
    await s.respondWorkflowTask(first, [
      continueAsNew({ workflowType: { name: 'child-workflow' }, taskQueue: childQueue(s), input: payloads(2) }),
    ]);
    const second = await s.pollWorkflowTask({ taskQueue: childQueue(s) });
    assert.notEqual(second.workflowExecution?.runId, child.runId);
    await s.respondWorkflowTask(second, [completeWorkflow('last')]);
    await s.next(completeWorkflow());
    await s.expectEvents(parent, [
      ...STARTED,
      'StartChildWorkflowExecutionInitiated',
      ['ChildWorkflowExecutionStarted', { workflowExecution: { runId: child.runId } }],
      ...TASK,
      [
        'ChildWorkflowExecutionCompleted',
        { result: ['last'], workflowExecution: { runId: second.workflowExecution?.runId } },
      ],
      ...TASK,
      'WorkflowExecutionCompleted',
    ]);
  });

  scenario(env, 'parent-close policy TERMINATE', async (s) => {
    const { child } = await withChild(s, { parentClosePolicy: Close.PARENT_CLOSE_POLICY_TERMINATE });
    await s.terminate({ workflowId: s.id });
    await waitUntil(async () => (await s.status(child)) === 'Terminated');
    await s.expectEvents(child, [
      'WorkflowExecutionStarted',
      'WorkflowTaskScheduled',
      ['WorkflowExecutionTerminated', { reason: 'by parent close policy', identity: 'history-service' }],
    ]);
  });

  scenario(env, 'parent-close policy REQUEST_CANCEL', async (s) => {
    const { parent, child } = await withChild(s, { parentClosePolicy: Close.PARENT_CLOSE_POLICY_REQUEST_CANCEL });
    await s.terminate(parent);
    await waitUntil(async () => (await s.history(child)).length === 3);
    await s.expectEvents(child, [
      'WorkflowExecutionStarted',
      'WorkflowTaskScheduled',
      [
        'WorkflowExecutionCancelRequested',
        { externalWorkflowExecution: { workflowId: s.id, runId: parent.runId }, identity: 'history-service' },
      ],
    ]);
    assert.equal(await s.status(child), 'Running');
  });

  scenario(env, 'parent-close policy ABANDON', async (s) => {
    const { parent, child } = await withChild(s, { parentClosePolicy: Close.PARENT_CLOSE_POLICY_ABANDON });
    await s.signal(parent, 'finish');
    await s.next(completeWorkflow());
    await pause(500);
    assert.equal(await s.status(child), 'Running');
    const task = await s.pollWorkflowTask({ taskQueue: childQueue(s) });
    await s.respondWorkflowTask(task, [completeWorkflow()]);
    assert.equal(await s.status(child), 'Completed');
  });

  scenario(env, 'a parent that completes in the task that starts a child never starts it', async (s) => {
    const parent = await s.start();
    await s.next(
      startChild(childId(s), childQueue(s).name, { parentClosePolicy: Close.PARENT_CLOSE_POLICY_ABANDON }),
      completeWorkflow(),
    );
    await pause(500);
    await expectFailure(s.describe({ workflowId: childId(s) }), { code: 'NOT_FOUND' });
    await s.expectEvents(parent, [...STARTED, 'StartChildWorkflowExecutionInitiated', 'WorkflowExecutionCompleted']);
  });

  scenario(env, 'a child with a start delay by cron backoff waits for its first task', async (s) => {
    const { child } = await withChild(s, { cronSchedule: '@every 2s' });
    const events = await s.expectEvents(child, [['WorkflowExecutionStarted', { cronSchedule: '@every 2s' }]]);
    const backoff = Number(events[0]?.attributes.firstWorkflowTaskBackoff);
    assert.ok(backoff > 0 && backoff <= 2_000, `${backoff} ms`);
    const task = await s.pollWorkflowTask({ taskQueue: childQueue(s) });
    assert.ok(task);
  });
});

describe('signals and cancellations between workflows', { concurrency: CONCURRENCY }, () => {
  scenario(env, 'a signal to another workflow arrives once and is confirmed', async (s) => {
    const target = await s.start({ workflowId: childId(s), taskQueue: childQueue(s) });
    const sender = await s.start();
    await s.next(
      signalExternal(childId(s), 'hi', {
        input: payloads('x'),
        header: { fields: { trace: payload('t') } },
        control: 'c',
      }),
    );
    await s.next(completeWorkflow());
    await s.expectEvents(sender, [
      ...STARTED,
      [
        'SignalExternalWorkflowExecutionInitiated',
        { signalName: 'hi', input: ['x'], control: 'c', workflowExecution: { workflowId: childId(s) } },
      ],
      ['ExternalWorkflowExecutionSignaled', { initiatedEventId: 5, workflowExecution: { workflowId: childId(s) } }],
      ...TASK,
      'WorkflowExecutionCompleted',
    ]);
    await s.expectEvents(target, [
      'WorkflowExecutionStarted',
      'WorkflowTaskScheduled',
      [
        'WorkflowExecutionSignaled',
        {
          signalName: 'hi',
          input: ['x'],
          header: { fields: { trace: 't' } },
          identity: 'history-service',
          externalWorkflowExecution: { workflowId: s.id, runId: sender.runId },
        },
      ],
    ]);
  });

  scenario(env, 'a signal to nobody fails', async (s) => {
    const sender = await s.start();
    await s.next(signalExternal(`${s.id}-nobody`, 'hi', { control: 'c' }));
    await s.next(completeWorkflow());
    await s.expectEvents(sender, [
      ...STARTED,
      'SignalExternalWorkflowExecutionInitiated',
      [
        'SignalExternalWorkflowExecutionFailed',
        {
          cause: 'SIGNAL_EXTERNAL_WORKFLOW_EXECUTION_FAILED_CAUSE_EXTERNAL_WORKFLOW_EXECUTION_NOT_FOUND',
          initiatedEventId: 5,
          control: 'c',
        },
      ],
      ...TASK,
      'WorkflowExecutionCompleted',
    ]);
  });

  scenario(env, 'a cancellation of another workflow is confirmed', async (s) => {
    const target = await s.start({ workflowId: childId(s), taskQueue: childQueue(s) });
    const sender = await s.start();
    await s.next(cancelExternal(childId(s), { reason: 'because' }));
    await s.next(completeWorkflow());
    await s.expectEvents(sender, [
      ...STARTED,
      ['RequestCancelExternalWorkflowExecutionInitiated', { reason: 'because' }],
      ['ExternalWorkflowExecutionCancelRequested', { initiatedEventId: 5 }],
      ...TASK,
      'WorkflowExecutionCompleted',
    ]);
    await s.expectEvents(target, [
      'WorkflowExecutionStarted',
      'WorkflowTaskScheduled',
      ['WorkflowExecutionCancelRequested', { externalInitiatedEventId: 5, cause: 'because' }],
    ]);
  });

  scenario(env, 'a cancellation of nobody fails', async (s) => {
    const sender = await s.start();
    await s.next(cancelExternal(`${s.id}-nobody`));
    await s.next(completeWorkflow());
    await s.expectEvents(sender, [
      ...STARTED,
      'RequestCancelExternalWorkflowExecutionInitiated',
      [
        'RequestCancelExternalWorkflowExecutionFailed',
        { cause: 'CANCEL_EXTERNAL_WORKFLOW_EXECUTION_FAILED_CAUSE_EXTERNAL_WORKFLOW_EXECUTION_NOT_FOUND' },
      ],
      ...TASK,
      'WorkflowExecutionCompleted',
    ]);
  });

  scenario(env, 'a workflow cannot signal itself by command', async (s) => {
    const execution = await s.start();
    await s.next(signalExternal(s.id, 'self'));
    await s.next(completeWorkflow());
    await s.expectEvents(execution, [
      ...STARTED,
      'SignalExternalWorkflowExecutionInitiated',
      [
        'SignalExternalWorkflowExecutionFailed',
        { cause: 'SIGNAL_EXTERNAL_WORKFLOW_EXECUTION_FAILED_CAUSE_EXTERNAL_WORKFLOW_EXECUTION_NOT_FOUND' },
      ],
      ...TASK,
      'WorkflowExecutionCompleted',
    ]);
  });
});
