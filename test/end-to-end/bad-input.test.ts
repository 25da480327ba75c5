// Bad input: every call is refused with the code, message and detail that Temporal 1.31 gives, and writes nothing. Raw calls.
// Each case is a call that can be made without preparation; what needs a workflow stands with its subject.

import assert from 'node:assert/strict';
import { connect as connectHttp2 } from 'node:http2';
import { connect as connectTcp, type Socket } from 'node:net';
import { after, describe } from 'node:test';
import type { status } from '@grpc/grpc-js';
import { bytesOf, duration, payloads } from './harness/api.ts';
import { completeWorkflow } from './harness/commands.ts';
import { openEnvironment } from './harness/environment.ts';
import { expectFailure } from './harness/failures.ts';
import { CONCURRENCY, type Scenario, scenario } from './harness/scenario.ts';

const UNKNOWN_RUN = 'aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee';
/** Half-open connections that the server must survive; few enough for a test machine's file limit. */
const HALF_OPEN_CONNECTIONS = 300;

const env = await openEnvironment();
after(() => env.stop());

interface BadCall {
  readonly name: string;
  readonly call: (s: Scenario) => Promise<unknown>;
  readonly code: keyof typeof status;
  readonly message: (s: Scenario) => string;
  readonly detail: string | null;
}

const BAD_CALLS: readonly BadCall[] = [
  {
    name: 'unknown namespace: start',
    call: (s) => s.start({ namespace: 'nobody' }),
    code: 'NOT_FOUND',
    message: () => 'Namespace nobody is not found.',
    detail: 'NamespaceNotFoundFailure',
  },
  {
    name: 'no namespace: start',
    call: (s) => s.start({ namespace: '' }),
    code: 'INVALID_ARGUMENT',
    message: () => 'Namespace is empty.',
    detail: null,
  },
  {
    name: 'unknown namespace: poll',
    call: (s) => s.service.pollWorkflowTaskQueue({ namespace: 'nobody', taskQueue: { name: 'x' } }),
    code: 'NOT_FOUND',
    message: () => 'Namespace nobody is not found.',
    detail: 'NamespaceNotFoundFailure',
  },
  {
    name: 'unknown namespace: describe',
    call: (s) => s.service.describeNamespace({ namespace: 'nobody' }),
    code: 'NOT_FOUND',
    message: () => 'Namespace nobody is not found.',
    detail: 'NamespaceNotFoundFailure',
  },
  {
    name: 'unknown namespace: list',
    call: (s) => s.service.listWorkflowExecutions({ namespace: 'nobody' }),
    code: 'NOT_FOUND',
    message: () => 'Namespace nobody is not found.',
    detail: 'NamespaceNotFoundFailure',
  },
  {
    name: 'no workflow id: start',
    call: (s) => s.start({ workflowId: '' }),
    code: 'INVALID_ARGUMENT',
    message: () => 'WorkflowId is not set on request.',
    detail: null,
  },
  {
    name: 'a workflow id over 1000 bytes',
    call: (s) => s.start({ workflowId: 'x'.repeat(1001) }),
    code: 'INVALID_ARGUMENT',
    message: () => 'WorkflowId length exceeds limit.',
    detail: null,
  },
  {
    name: 'no workflow type',
    call: (s) => s.start({ workflowType: null }),
    code: 'INVALID_ARGUMENT',
    message: () => 'WorkflowType is not set on request.',
    detail: null,
  },
  {
    name: 'a workflow type over 1000 bytes',
    call: (s) => s.start({ workflowType: { name: 'x'.repeat(1001) } }),
    code: 'INVALID_ARGUMENT',
    message: () => 'WorkflowType length exceeds limit.',
    detail: null,
  },
  {
    name: 'no task queue',
    call: (s) => s.start({ taskQueue: null }),
    code: 'INVALID_ARGUMENT',
    message: () => 'taskQueue is not set',
    detail: null,
  },
  {
    name: 'a task queue without name',
    call: (s) => s.start({ taskQueue: { name: '' } }),
    code: 'INVALID_ARGUMENT',
    message: () => 'missing task queue name',
    detail: null,
  },
  {
    name: 'a task queue name over 1000 bytes',
    call: (s) => s.start({ taskQueue: { name: 'x'.repeat(1001) } }),
    code: 'INVALID_ARGUMENT',
    message: () => 'taskQueue length exceeds limit',
    detail: null,
  },
  {
    name: 'a task queue name of the reserved form',
    call: (s) => s.start({ taskQueue: { name: '/_sys/x/1' } }),
    code: 'INVALID_ARGUMENT',
    message: () => 'task queue name cannot start with reserved prefix /_sys/',
    detail: null,
  },
  {
    name: 'a request id over 1000 bytes',
    call: (s) => s.start({ requestId: 'x'.repeat(1001) }),
    code: 'INVALID_ARGUMENT',
    message: () => 'RequestId length exceeds limit.',
    detail: null,
  },
  {
    name: 'a negative execution timeout',
    call: (s) => s.start({ workflowExecutionTimeout: duration(-1000) }),
    code: 'INVALID_ARGUMENT',
    message: () => 'An invalid WorkflowExecutionTimeoutSeconds is set on request. cause: negative duration',
    detail: null,
  },
  {
    name: 'a negative run timeout',
    call: (s) => s.start({ workflowRunTimeout: duration(-1000) }),
    code: 'INVALID_ARGUMENT',
    message: () => 'An invalid WorkflowRunTimeoutSeconds is set on request. cause: negative duration',
    detail: null,
  },
  {
    name: 'a negative task timeout',
    call: (s) => s.start({ workflowTaskTimeout: duration(-1000) }),
    code: 'INVALID_ARGUMENT',
    message: () => 'An invalid WorkflowTaskTimeoutSeconds is set on request. cause: negative duration',
    detail: null,
  },
  {
    name: 'a duration whose parts have different signs',
    call: (s) => s.start({ workflowRunTimeout: { seconds: 1 as never, nanos: -5 } }),
    code: 'INVALID_ARGUMENT',
    message: () =>
      'An invalid WorkflowRunTimeoutSeconds is set on request. cause: duration has seconds and nanos with different signs',
    detail: null,
  },
  {
    name: 'a negative start delay',
    call: (s) => s.start({ workflowStartDelay: duration(-1000) }),
    code: 'INVALID_ARGUMENT',
    message: () => 'An invalid WorkflowStartDelaySeconds is set on request. cause: negative duration',
    detail: null,
  },
  {
    name: 'a start delay with a cron schedule',
    call: (s) => s.start({ workflowStartDelay: duration(1000), cronSchedule: '* * * * *' }),
    code: 'INVALID_ARGUMENT',
    message: () => 'CronSchedule and WorkflowStartDelay may not be used together.',
    detail: null,
  },
  {
    name: 'a retry policy with a negative initial interval',
    call: (s) => s.start({ retryPolicy: { initialInterval: duration(-1) } }),
    code: 'INVALID_ARGUMENT',
    message: () => 'invalid InitialInterval set on retry policy: negative duration',
    detail: null,
  },
  {
    name: 'a retry policy with a backoff below 1',
    call: (s) => s.start({ retryPolicy: { initialInterval: duration(1000), backoffCoefficient: 0.5 } }),
    code: 'INVALID_ARGUMENT',
    message: () => 'BackoffCoefficient cannot be less than 1 on retry policy.',
    detail: null,
  },
  {
    name: 'a retry policy with a negative maximum interval',
    call: (s) => s.start({ retryPolicy: { initialInterval: duration(1000), maximumInterval: duration(-1000) } }),
    code: 'INVALID_ARGUMENT',
    message: () => 'invalid MaximumInterval set on retry policy: negative duration',
    detail: null,
  },
  {
    name: 'a retry policy whose maximum is below its initial interval',
    call: (s) => s.start({ retryPolicy: { initialInterval: duration(5000), maximumInterval: duration(1000) } }),
    code: 'INVALID_ARGUMENT',
    message: () => 'MaximumInterval cannot be less than InitialInterval on retry policy.',
    detail: null,
  },
  {
    name: 'a retry policy with negative attempts',
    call: (s) => s.start({ retryPolicy: { initialInterval: duration(1000), maximumAttempts: -1 } }),
    code: 'INVALID_ARGUMENT',
    message: () => 'MaximumAttempts cannot be negative on retry policy.',
    detail: null,
  },
  {
    name: 'a cron schedule of six fields',
    call: (s) => s.start({ cronSchedule: '1 2 3 4 5 6' }),
    code: 'INVALID_ARGUMENT',
    message: () => 'invalid CronSchedule.',
    detail: null,
  },
  {
    name: 'signal without name',
    call: (s) => s.signal({ workflowId: s.id }, ''),
    code: 'INVALID_ARGUMENT',
    message: () => 'SignalName is not set on request.',
    detail: null,
  },
  {
    name: 'signal name over 1000 bytes',
    call: (s) => s.signal({ workflowId: s.id }, 'x'.repeat(1001)),
    code: 'INVALID_ARGUMENT',
    message: () => 'SignalName length exceeds limit.',
    detail: null,
  },
  {
    name: 'signal without workflow id',
    call: (s) => s.signal({ workflowId: '' }, 'x'),
    code: 'INVALID_ARGUMENT',
    message: () => 'WorkflowId is not set on request.',
    detail: null,
  },
  {
    name: 'signal with a run id that is no UUID',
    call: (s) => s.signal({ workflowId: s.id, runId: 'no-uuid' }, 'x'),
    code: 'INVALID_ARGUMENT',
    message: () => 'Invalid RunId.',
    detail: null,
  },
  {
    name: 'signal without execution',
    call: (s) => s.service.signalWorkflowExecution({ namespace: s.namespace, signalName: 'x' }),
    code: 'INVALID_ARGUMENT',
    message: () => 'Execution is not set on request.',
    detail: null,
  },
  {
    name: 'signal to an unknown workflow',
    call: (s) => s.signal({ workflowId: s.id }, 'x'),
    code: 'NOT_FOUND',
    message: (s) => `workflow not found for ID: ${s.id}`,
    detail: 'NotFoundFailure',
  },
  {
    name: 'signal to an unknown run',
    call: (s) => s.signal({ workflowId: s.id, runId: UNKNOWN_RUN }, 'x'),
    code: 'NOT_FOUND',
    message: (s) =>
      `workflow execution not found for workflow ID "${s.id}" and run ID "aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee"`,
    detail: 'NotFoundFailure',
  },
  {
    name: 'signal-with-start without signal name',
    call: (s) => s.service.signalWithStartWorkflowExecution(s.startRequest() as object),
    code: 'INVALID_ARGUMENT',
    message: () => 'SignalName is not set on request.',
    detail: null,
  },
  {
    name: 'signal-with-start without workflow id',
    call: (s) =>
      s.service.signalWithStartWorkflowExecution({
        ...(s.startRequest({ workflowId: '' }) as object),
        signalName: 'x',
      }),
    code: 'INVALID_ARGUMENT',
    message: () => 'WorkflowId is not set on request.',
    detail: null,
  },
  {
    name: 'cancel of an unknown workflow',
    call: (s) => s.requestCancel({ workflowId: s.id }),
    code: 'NOT_FOUND',
    message: (s) => `workflow not found for ID: ${s.id}`,
    detail: 'NotFoundFailure',
  },
  {
    name: 'terminate without execution',
    call: (s) => s.service.terminateWorkflowExecution({ namespace: s.namespace }),
    code: 'INVALID_ARGUMENT',
    message: () => 'Execution is not set on request.',
    detail: null,
  },
  {
    name: 'terminate of an unknown workflow',
    call: (s) => s.terminate({ workflowId: s.id }),
    code: 'NOT_FOUND',
    message: (s) => `workflow not found for ID: ${s.id}`,
    detail: 'NotFoundFailure',
  },
  {
    name: 'describe of an unknown workflow',
    call: (s) => s.describe({ workflowId: s.id }),
    code: 'NOT_FOUND',
    message: (s) => `workflow not found for ID: ${s.id}`,
    detail: 'NotFoundFailure',
  },
  {
    name: 'describe of an unknown run',
    call: (s) => s.describe({ workflowId: s.id, runId: UNKNOWN_RUN }),
    code: 'NOT_FOUND',
    message: (s) =>
      `workflow execution not found for workflow ID "${s.id}" and run ID "aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee"`,
    detail: 'NotFoundFailure',
  },
  {
    name: 'describe without workflow id',
    call: (s) => s.describe({ workflowId: '' }),
    code: 'INVALID_ARGUMENT',
    message: () => 'WorkflowId is not set on request.',
    detail: null,
  },
  {
    name: 'delete of an unknown workflow',
    call: (s) => s.service.deleteWorkflowExecution({ namespace: s.namespace, workflowExecution: { workflowId: s.id } }),
    code: 'NOT_FOUND',
    message: (s) => `workflow not found for ID: ${s.id}`,
    detail: 'NotFoundFailure',
  },
  {
    name: 'reset of an unknown workflow',
    call: (s) =>
      s.service.resetWorkflowExecution({
        namespace: s.namespace,
        workflowExecution: { workflowId: s.id },
        workflowTaskFinishEventId: 4 as never,
        requestId: 'r',
      }),
    code: 'NOT_FOUND',
    message: (s) => `workflow not found for ID: ${s.id}`,
    detail: 'NotFoundFailure',
  },
  {
    name: 'reset without request id',
    call: (s) =>
      s.service.resetWorkflowExecution({
        namespace: s.namespace,
        workflowExecution: { workflowId: s.id },
        workflowTaskFinishEventId: 4 as never,
      }),
    code: 'INVALID_ARGUMENT',
    message: () => 'RequestId is not set on request.',
    detail: null,
  },
  {
    name: 'query without query',
    call: (s) => s.service.queryWorkflow({ namespace: s.namespace, execution: { workflowId: s.id } }),
    code: 'INVALID_ARGUMENT',
    message: () => 'WorkflowQuery is not set on request.',
    detail: null,
  },
  {
    name: 'query without type',
    call: (s) => s.service.queryWorkflow({ namespace: s.namespace, execution: { workflowId: s.id }, query: {} }),
    code: 'INVALID_ARGUMENT',
    message: () => 'QueryType is not set on request.',
    detail: null,
  },
  {
    name: 'query of an unknown workflow',
    call: (s) =>
      s.service.queryWorkflow({ namespace: s.namespace, execution: { workflowId: s.id }, query: { queryType: 'q' } }),
    code: 'NOT_FOUND',
    message: (s) => `workflow not found for ID: ${s.id}`,
    detail: 'NotFoundFailure',
  },
  {
    name: 'update without request',
    call: (s) => s.service.updateWorkflowExecution({ namespace: s.namespace, workflowExecution: { workflowId: s.id } }),
    code: 'INVALID_ARGUMENT',
    message: () => 'Update meta is not set on request.',
    detail: null,
  },
  {
    name: 'update without input',
    call: (s) =>
      s.service.updateWorkflowExecution({
        namespace: s.namespace,
        workflowExecution: { workflowId: s.id },
        request: { meta: { updateId: 'u' } },
      }),
    code: 'INVALID_ARGUMENT',
    message: () => 'Update input is not set on request.',
    detail: null,
  },
  {
    name: 'update without name',
    call: (s) =>
      s.service.updateWorkflowExecution({
        namespace: s.namespace,
        workflowExecution: { workflowId: s.id },
        request: { meta: { updateId: 'u' }, input: {} },
      }),
    code: 'INVALID_ARGUMENT',
    message: () => 'Update name is not set on request.',
    detail: null,
  },
  {
    name: 'update with an id over 1000 bytes',
    call: (s) =>
      s.service.updateWorkflowExecution({
        namespace: s.namespace,
        workflowExecution: { workflowId: s.id },
        request: { meta: { updateId: 'x'.repeat(1001) }, input: { name: 'n' } },
      }),
    code: 'INVALID_ARGUMENT',
    message: () => 'UpdateId length exceeds limit.',
    detail: null,
  },
  {
    name: 'poll without task queue',
    call: (s) => s.service.pollWorkflowTaskQueue({ namespace: s.namespace }),
    code: 'INVALID_ARGUMENT',
    message: () => 'taskQueue is not set',
    detail: null,
  },
  {
    name: 'activity poll without task queue name',
    call: (s) => s.service.pollActivityTaskQueue({ namespace: s.namespace, taskQueue: { name: '' } }),
    code: 'INVALID_ARGUMENT',
    message: () => 'missing task queue name',
    detail: null,
  },
  {
    name: 'poll with an identity over 1000 bytes',
    call: (s) =>
      s.service.pollWorkflowTaskQueue({ namespace: s.namespace, taskQueue: { name: 'q' }, identity: 'x'.repeat(1001) }),
    code: 'INVALID_ARGUMENT',
    message: () => 'Identity length exceeds limit.',
    detail: null,
  },
  {
    name: 'workflow task answer with an empty token',
    call: (s) => s.service.respondWorkflowTaskCompleted({ namespace: s.namespace }),
    code: 'INVALID_ARGUMENT',
    message: () => 'Task token not set on request.',
    detail: null,
  },
  {
    name: 'workflow task answer with garbage as token',
    call: (s) => s.service.respondWorkflowTaskCompleted({ namespace: s.namespace, taskToken: bytesOf('garbage') }),
    code: 'INVALID_ARGUMENT',
    message: () => 'Error deserializing task token.',
    detail: null,
  },
  {
    name: 'workflow task failure with garbage as token',
    call: (s) => s.service.respondWorkflowTaskFailed({ namespace: s.namespace, taskToken: bytesOf('garbage') }),
    code: 'INVALID_ARGUMENT',
    message: () => 'Error deserializing task token.',
    detail: null,
  },
  {
    name: 'activity answer with garbage as token',
    call: (s) => s.service.respondActivityTaskCompleted({ namespace: s.namespace, taskToken: bytesOf('garbage') }),
    code: 'INVALID_ARGUMENT',
    message: () => 'Error deserializing task token.',
    detail: null,
  },
  {
    name: 'activity failure with garbage as token',
    call: (s) => s.service.respondActivityTaskFailed({ namespace: s.namespace, taskToken: bytesOf('garbage') }),
    code: 'INVALID_ARGUMENT',
    message: () => 'Error deserializing task token.',
    detail: null,
  },
  {
    name: 'activity cancellation with garbage as token',
    call: (s) => s.service.respondActivityTaskCanceled({ namespace: s.namespace, taskToken: bytesOf('garbage') }),
    code: 'INVALID_ARGUMENT',
    message: () => 'Error deserializing task token.',
    detail: null,
  },
  {
    name: 'heartbeat with garbage as token',
    call: (s) => s.service.recordActivityTaskHeartbeat({ namespace: s.namespace, taskToken: bytesOf('garbage') }),
    code: 'INVALID_ARGUMENT',
    message: () => 'Error deserializing task token.',
    detail: null,
  },
  {
    name: 'activity answer with an empty token',
    call: (s) => s.service.respondActivityTaskCompleted({ namespace: s.namespace }),
    code: 'INVALID_ARGUMENT',
    message: () => 'Task token not set on request.',
    detail: null,
  },
  {
    name: 'query answer with garbage as token',
    call: (s) => s.service.respondQueryTaskCompleted({ namespace: s.namespace, taskToken: bytesOf('garbage') }),
    code: 'INVALID_ARGUMENT',
    message: () => 'Error deserializing task token.',
    detail: null,
  },
  {
    name: 'activity answer by id without activity id',
    call: (s) => s.service.respondActivityTaskCompletedById({ namespace: s.namespace, workflowId: s.id }),
    code: 'INVALID_ARGUMENT',
    message: () => 'ActivityId is not set on request.',
    detail: null,
  },
  {
    name: 'activity answer by id to an unknown workflow',
    call: (s) =>
      s.service.respondActivityTaskCompletedById({ namespace: s.namespace, workflowId: s.id, activityId: 'a' }),
    code: 'NOT_FOUND',
    message: (s) => `workflow not found for ID: ${s.id}`,
    detail: 'NotFoundFailure',
  },
  {
    name: 'activity failure by id to an unknown workflow',
    call: (s) => s.service.respondActivityTaskFailedById({ namespace: s.namespace, workflowId: s.id, activityId: 'a' }),
    code: 'NOT_FOUND',
    message: (s) => `workflow not found for ID: ${s.id}`,
    detail: 'NotFoundFailure',
  },
  {
    name: 'heartbeat by id to an unknown workflow',
    call: (s) =>
      s.service.recordActivityTaskHeartbeatById({ namespace: s.namespace, workflowId: s.id, activityId: 'a' }),
    code: 'NOT_FOUND',
    message: (s) => `workflow not found for ID: ${s.id}`,
    detail: 'NotFoundFailure',
  },
  {
    name: 'reset of a sticky queue of an unknown workflow',
    call: (s) =>
      s.service.resetStickyTaskQueue({ namespace: s.namespace, execution: { workflowId: s.id, runId: UNKNOWN_RUN } }),
    code: 'NOT_FOUND',
    message: (s) =>
      `workflow execution not found for workflow ID "${s.id}" and run ID "aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee"`,
    detail: 'NotFoundFailure',
  },
  {
    name: 'describe of a task queue without name',
    call: (s) => s.service.describeTaskQueue({ namespace: s.namespace, taskQueue: { name: '' } }),
    code: 'INVALID_ARGUMENT',
    message: () => 'missing task queue name',
    detail: null,
  },
  {
    name: 'closed workflows with times turned round',
    call: (s) =>
      s.service.listClosedWorkflowExecutions({
        namespace: s.namespace,
        startTimeFilter: { earliestTime: duration(9e12), latestTime: duration(1e12) },
      }),
    code: 'INVALID_ARGUMENT',
    message: () => 'EarliestTime in StartTimeFilter should not be larger than LatestTime.',
    detail: null,
  },
  {
    name: 'a namespace without name',
    call: (s) => s.service.registerNamespace({ workflowExecutionRetentionPeriod: duration(86_400_000) }),
    code: 'INVALID_ARGUMENT',
    message: () => 'Namespace not set on request.',
    detail: null,
  },
  {
    name: 'a namespace with a retention of zero',
    call: (s) =>
      s.service.registerNamespace({ namespace: `ns-${s.id}`, workflowExecutionRetentionPeriod: duration(0) }),
    code: 'INVALID_ARGUMENT',
    message: () => 'A valid retention period is not set on request.',
    detail: null,
  },
  {
    name: 'a namespace with a retention below the least',
    call: (s) =>
      s.service.registerNamespace({ namespace: `ns-${s.id}`, workflowExecutionRetentionPeriod: duration(1_000) }),
    code: 'INVALID_ARGUMENT',
    message: () => 'A valid retention period is not set on request.',
    detail: null,
  },
  {
    name: 'a namespace that exists',
    call: (s) =>
      s.service.registerNamespace({ namespace: s.namespace, workflowExecutionRetentionPeriod: duration(86_400_000) }),
    code: 'ALREADY_EXISTS',
    message: () => 'Namespace "default" already exists',
    detail: 'NamespaceAlreadyExistsFailure',
  },
  {
    name: 'a namespace with a reserved name',
    call: (s) =>
      s.service.registerNamespace({
        namespace: 'temporal-system',
        workflowExecutionRetentionPeriod: duration(86_400_000),
      }),
    code: 'ALREADY_EXISTS',
    message: () => 'Namespace "temporal-system" already exists',
    detail: 'NamespaceAlreadyExistsFailure',
  },
  {
    name: 'a namespace id that is none',
    call: (s) => s.service.describeNamespace({ id: UNKNOWN_RUN }),
    code: 'NOT_FOUND',
    message: () => 'Namespace aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee is not found.',
    detail: 'NamespaceNotFoundFailure',
  },
  {
    name: 'update of an unknown namespace',
    call: (s) => s.service.updateNamespace({ namespace: 'nobody' }),
    code: 'NOT_FOUND',
    message: () => 'Namespace nobody is not found.',
    detail: 'NamespaceNotFoundFailure',
  },
  {
    name: 'multi-operation without operations',
    call: (s) => s.service.executeMultiOperation({ namespace: s.namespace }),
    code: 'INVALID_ARGUMENT',
    message: () => 'Operations have to be exactly [Start, Update].',
    detail: null,
  },
  {
    name: 'multi-operation of two starts',
    call: (s) =>
      s.service.executeMultiOperation({
        namespace: s.namespace,
        operations: [{ startWorkflow: s.startRequest() }, { startWorkflow: s.startRequest() }],
      }),
    code: 'INVALID_ARGUMENT',
    message: () => 'Operations have to be exactly [Start, Update].',
    detail: null,
  },
  {
    name: 'pause of an activity of an unknown workflow',
    call: (s) => s.service.pauseActivity({ namespace: s.namespace, execution: { workflowId: s.id }, id: 'a' }),
    code: 'NOT_FOUND',
    message: (s) => `workflow not found for ID: ${s.id}`,
    detail: 'NotFoundFailure',
  },
  {
    name: 'a search attribute with a reserved name',
    call: (s) => s.env.operator.addSearchAttributes({ namespace: s.namespace, searchAttributes: { WorkflowId: 2 } }),
    code: 'INVALID_ARGUMENT',
    message: () => 'Search attribute WorkflowId is reserved by system.',
    detail: null,
  },
  {
    name: 'a search attribute of no type',
    call: (s) => s.env.operator.addSearchAttributes({ namespace: s.namespace, searchAttributes: { E2eNew: 0 } }),
    code: 'INVALID_ARGUMENT',
    message: () => 'Unable to create search attributes: cannot have more than 0 search attribute of type Unspecified.',
    detail: null,
  },
  {
    name: 'removal of a built-in search attribute',
    call: (s) => s.env.operator.removeSearchAttributes({ namespace: s.namespace, searchAttributes: ['WorkflowId'] }),
    code: 'INVALID_ARGUMENT',
    message: () => 'Unable to remove non-custom search attributes: WorkflowId.',
    detail: null,
  },
];

describe('bad input', { concurrency: CONCURRENCY }, () => {
  for (const bad of BAD_CALLS) {
    scenario(env, bad.name, async (s) => {
      const call = env.connection.withDeadline(Date.now() + 10_000, () => bad.call(s));
      await expectFailure(call, { code: bad.code, message: bad.message(s), detail: bad.detail });
      await expectFailure(s.describe({ workflowId: s.id }), { code: 'NOT_FOUND' });
    });
  }

  scenario(env, 'a poll without a deadline', async (s) => {
    await expectFailure(s.service.pollWorkflowTaskQueue({ namespace: s.namespace, taskQueue: { name: s.taskQueue } }), {
      code: 'INVALID_ARGUMENT',
      message: 'Context timeout is not set.',
    });
  });

  scenario(env, 'unknown enum values are taken as unset', async (s) => {
    const execution = await s.start({ workflowIdReusePolicy: 77 as never, workflowIdConflictPolicy: 78 as never });
    await s.next(completeWorkflow());
    assert.equal(await s.status(execution), 'Completed');
  });

  scenario(env, 'an unknown command type fails the workflow task', async (s) => {
    const { execution, task } = await s.startAndPoll();
    await expectFailure(s.respondWorkflowTask(task, [{ commandType: 99 as never }]), { code: 'INVALID_ARGUMENT' });
    await s.next(completeWorkflow());
    assert.equal(await s.status(execution), 'Completed');
  });

  scenario(env, 'a payload over the limit is refused', async (s) => {
    await expectFailure(s.start({ input: payloads('x'.repeat(2 * 1024 * 1024 + 10)) }), {
      code: 'INVALID_ARGUMENT',
      message: 'Blob data size exceeds limit.',
    });
    await expectFailure(
      s.start({ memo: { fields: { big: payloads('x'.repeat(2 * 1024 * 1024)).payloads?.[0] ?? {} } } }),
      {
        code: 'INVALID_ARGUMENT',
      },
    );
    await expectFailure(s.describe({ workflowId: s.id }), { code: 'NOT_FOUND' });
  });

  scenario(env, 'a message over the transport’s limit is refused', async (s) => {
    await expectFailure(s.start({ input: payloads('x'.repeat(5 * 1024 * 1024)) }), { code: 'RESOURCE_EXHAUSTED' });
    const execution = await s.start();
    assert.equal(await s.status(execution), 'Running');
  });

  scenario(env, 'garbage instead of protobuf, and methods that do not exist', async () => {
    const session = connectHttp2(`http://${env.address}`);
    try {
      const call = (path: string, body: Uint8Array) =>
        new Promise<{ status: string | undefined; http: number | undefined }>((resolve, reject) => {
          const stream = session.request({
            ':method': 'POST',
            ':path': path,
            'content-type': 'application/grpc',
            te: 'trailers',
          });
          let grpcStatus: string | undefined;
          let http: number | undefined;
          stream.on('response', (headers) => {
            http = headers[':status'];
            grpcStatus = headers['grpc-status'] as string | undefined;
          });
          stream.on('trailers', (trailers) => {
            grpcStatus = (trailers['grpc-status'] as string | undefined) ?? grpcStatus;
          });
          stream.on('error', reject);
          stream.on('close', () => resolve({ status: grpcStatus, http }));
          stream.resume();
          stream.end(body);
        });
      const framed = (message: Uint8Array) => Buffer.concat([Buffer.from([0, 0, 0, 0, message.length]), message]);
      const start = '/temporal.api.workflowservice.v1.WorkflowService/StartWorkflowExecution';
      const garbage = await call(start, framed(bytesOf('\xff\xff\xffgarbage')));
      assert.ok(garbage.status && garbage.status !== '0', `status ${garbage.status}`);
      const unknown = await call(
        '/temporal.api.workflowservice.v1.WorkflowService/NoSuchMethod',
        framed(new Uint8Array()),
      );
      assert.equal(unknown.status, '12');
      const service = await call('/no.such.Service/Method', framed(new Uint8Array()));
      assert.equal(service.status, '12');
      const fine = await call(
        '/temporal.api.workflowservice.v1.WorkflowService/GetSystemInfo',
        framed(new Uint8Array()),
      );
      assert.equal(fine.status, '0', 'the connection still works');
    } finally {
      session.destroy();
    }
  });

  scenario(env, 'half-open and babbling connections disturb nobody', async (s) => {
    const [host = '', port = ''] = env.address.split(':');
    const sockets: Socket[] = [];
    try {
      for (let index = 0; index < HALF_OPEN_CONNECTIONS; index += 1) {
        const socket = connectTcp({ host, port: Number(port) });
        socket.on('error', () => undefined);
        if (index % 3 === 0) socket.write('GET / HTTP/1.1\r\n');
        if (index % 3 === 1) socket.write(Buffer.from('PRI * HTTP/2.0\r\n\r\nSM'));
        sockets.push(socket);
      }
      const execution = await s.start();
      await s.next(completeWorkflow());
      assert.equal(await s.status(execution), 'Completed');
    } finally {
      for (const socket of sockets) socket.destroy();
    }
  });
});
