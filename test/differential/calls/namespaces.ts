// Namespaces that are registered and changed as they may not be.

import { duration } from '../../end-to-end/harness/api.ts';
import { LONG, type OddCall, workflow } from './odd-call.ts';

export const namespaces: Readonly<Record<string, OddCall>> = {
  'describe namespace without name': () => ['workflow', 'describeNamespace', {}],
  'describe namespace of nobody': () => ['workflow', 'describeNamespace', { namespace: 'nobody' }],
  'describe namespace of a bad id': () => ['workflow', 'describeNamespace', { id: 'no-uuid' }],
  'register an existing namespace': workflow('registerNamespace', {
    workflowExecutionRetentionPeriod: duration(86_400_000),
  }),
  'register a namespace without name': () => [
    'workflow',
    'registerNamespace',
    { workflowExecutionRetentionPeriod: duration(86_400_000) },
  ],
  'register a namespace with a short retention': () => [
    'workflow',
    'registerNamespace',
    { namespace: 'short-retention', workflowExecutionRetentionPeriod: duration(1_000) },
  ],
  'register a namespace with a negative retention': () => [
    'workflow',
    'registerNamespace',
    { namespace: 'negative', workflowExecutionRetentionPeriod: duration(-86_400_000) },
  ],
  'register a global namespace': () => [
    'workflow',
    'registerNamespace',
    { namespace: 'global', isGlobalNamespace: true, workflowExecutionRetentionPeriod: duration(86_400_000) },
  ],
  'register a namespace with a long name': () => [
    'workflow',
    'registerNamespace',
    { namespace: LONG, workflowExecutionRetentionPeriod: duration(86_400_000) },
  ],
  'register a namespace in an unknown cluster': () => [
    'workflow',
    'registerNamespace',
    { namespace: 'elsewhere', activeClusterName: 'mars', workflowExecutionRetentionPeriod: duration(86_400_000) },
  ],
  'update namespace of nobody': () => ['workflow', 'updateNamespace', { namespace: 'nobody' }],
  'update namespace without name': () => ['workflow', 'updateNamespace', {}],
  'update namespace with a short retention': workflow('updateNamespace', {
    config: { workflowExecutionRetentionTtl: duration(1_000) },
  }),
  'update namespace with an unknown cluster': workflow('updateNamespace', {
    replicationConfig: { activeClusterName: 'mars' },
  }),
  'update namespace to an unknown state': workflow('updateNamespace', { updateInfo: { state: 99 } }),
  'deprecate nobody': () => ['workflow', 'deprecateNamespace', { namespace: 'nobody' }],
};
