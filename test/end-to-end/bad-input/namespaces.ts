// Bad calls: namespaces that are unknown, missing, or cannot be made; search attributes of one.

import { duration } from '../harness/api.ts';
import { type BadCall, UNKNOWN_RUN } from './bad-call.ts';

export const NAMESPACE_CALLS: readonly BadCall[] = [
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
