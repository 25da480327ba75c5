// Calls for the error messages that the report of a run named as not met, of every subject.

import { bytesOf } from '../../end-to-end/harness/api.ts';
import { multi, startOperation, updateOperation } from './multi-operations.ts';
import { type OddCall, of, operator, start, UNKNOWN_RUN, workflow } from './odd-call.ts';

export const rareMessages: Readonly<Record<string, OddCall>> = {
  'update without input name': of('updateWorkflowExecution', {
    request: { meta: { updateId: 'never' }, input: { name: '' } },
    waitPolicy: { lifecycleStage: 3 },
  }),
  'describe namespace by name and id': () => [
    'workflow',
    'describeNamespace',
    { namespace: 'default', id: UNKNOWN_RUN },
  ],
  'describe namespace of an unknown id': () => ['workflow', 'describeNamespace', { id: UNKNOWN_RUN }],
  'update namespace with a bad binary': workflow('updateNamespace', { deleteBadBinary: 'nobody' }),
  'update namespace to two clusters': workflow('updateNamespace', {
    replicationConfig: { clusters: [{ clusterName: 'active' }, { clusterName: 'mars' }] },
  }),
  'update namespace, promoted': workflow('updateNamespace', { promoteNamespace: true }),
  'update namespace with archival nowhere': workflow('updateNamespace', {
    config: { historyArchivalState: 2, historyArchivalUri: 'nowhere' },
  }),
  'add a reserved search attribute': operator('addSearchAttributes', { searchAttributes: { TemporalNew: 2 } }),
  'add a search attribute of unknown type': operator('addSearchAttributes', { searchAttributes: { E2eNew: 99 } }),
  'start with a search attribute that is no JSON': start({
    searchAttributes: {
      indexedFields: {
        E2eInt: { metadata: { encoding: bytesOf('json/plain'), type: bytesOf('Int') }, data: bytesOf('{') },
      },
    },
  }),
  'start with a search attribute in an unknown encoding': start({
    searchAttributes: {
      indexedFields: { E2eInt: { metadata: { encoding: bytesOf('nobody/knows') }, data: bytesOf('5') } },
    },
  }),
  'start with a link of an event type without event': start({
    links: [{ workflowEvent: { namespace: 'n', workflowId: 'w', runId: 'r', eventRef: { eventId: 5 } } }],
  }),
  'start with a large link': start({
    links: [{ workflowEvent: { namespace: 'n', workflowId: 'x'.repeat(5_000), runId: 'r' } }],
  }),
  'start with an override of an unknown behavior': start({ versioningOverride: { behavior: 99 } }),
  'start with an override without behavior': start({ versioningOverride: { pinnedVersion: 'd.b' } }),
  'options with half an override': of('updateWorkflowExecutionOptions', {
    workflowExecutionOptions: { versioningOverride: { autoUpgrade: true } },
    updateMask: { paths: ['versioning_override.behavior'] },
  }),
  'options with an override of no version': of('updateWorkflowExecutionOptions', {
    workflowExecutionOptions: { versioningOverride: { pinned: { behavior: 1 } } },
    updateMask: { paths: ['versioning_override'] },
  }),
  'multi-operation with another namespace': multi((names) => [
    startOperation(names, { namespace: 'another' }),
    updateOperation(names),
  ]),
  'multi-operation without update input': multi((names) => [
    startOperation(names),
    updateOperation(names, { request: { meta: { updateId: 'u' } } }),
  ]),
  'query answered with an unknown kind': workflow('respondQueryTaskCompleted', {
    taskToken: bytesOf('garbage'),
    completedType: 99,
  }),
  'reset with an unknown way to reapply': of('resetWorkflowExecution', {
    workflowTaskFinishEventId: 4,
    resetReapplyType: 99,
    requestId: 'r',
  }),
  'reset to the beginning': of('resetWorkflowExecution', { workflowTaskFinishEventId: 1, requestId: 'r' }),
  'versioned poll without build id': workflow('pollWorkflowTaskQueue', {
    taskQueue: { name: 'q' },
    workerVersionCapabilities: { useVersioning: true },
  }),
  'poll with half a deployment': workflow('pollWorkflowTaskQueue', {
    taskQueue: { name: 'q' },
    deploymentOptions: { workerVersioningMode: 2, buildId: 'b' },
  }),
  'versioning rules changed': workflow('updateWorkerVersioningRules', { taskQueue: 'q' }),
};
