// Bad calls of workers: polls, answers by token and by id, task queues.

import { bytesOf } from '../harness/api.ts';
import { type BadCall, UNKNOWN_RUN } from './bad-call.ts';

export const WORKER_CALLS: readonly BadCall[] = [
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
];
