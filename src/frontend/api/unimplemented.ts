// Public methods without a handler: each is refused by name, so that a client learns what is missing and not that the server is
// none. Differs: Temporal 1.31 has those marked "later". Main loop.

import { unimplemented } from '../../proto/service-errors.ts';
import { readNamespace } from '../read-namespace.ts';
import { type PublicService, type Rpc, workflowRpc } from '../rpc.ts';

export const LATER_WORKFLOW_METHODS: readonly string[] = [
  // Schedules.
  'CreateSchedule',
  'DescribeSchedule',
  'UpdateSchedule',
  'PatchSchedule',
  'ListScheduleMatchingTimes',
  'DeleteSchedule',
  'ListSchedules',
  'CountSchedules',
  // Worker versioning and deployments.
  'DescribeWorkerDeploymentVersion',
  'SetWorkerDeploymentCurrentVersion',
  'DescribeWorkerDeployment',
  'DeleteWorkerDeployment',
  'DeleteWorkerDeploymentVersion',
  'SetWorkerDeploymentRampingVersion',
  'ListWorkerDeployments',
  'CreateWorkerDeployment',
  'CreateWorkerDeploymentVersion',
  'UpdateWorkerDeploymentVersionComputeConfig',
  'ValidateWorkerDeploymentVersionComputeConfig',
  'UpdateWorkerDeploymentVersionMetadata',
  'SetWorkerDeploymentManager',
  // Batch operations.
  'StartBatchOperation',
  'StopBatchOperation',
  'DescribeBatchOperation',
  'ListBatchOperations',
  // Nexus.
  'PollNexusTaskQueue',
  'RespondNexusTaskCompleted',
  'RespondNexusTaskFailed',
  // Workers as the server knows them.
  'ListWorkers',
  'DescribeWorker',
];

const LATER_OPERATOR_METHODS: readonly string[] = [
  'AddOrUpdateRemoteCluster',
  'RemoveRemoteCluster',
  'GetNexusEndpoint',
  'CreateNexusEndpoint',
  'UpdateNexusEndpoint',
  'DeleteNexusEndpoint',
  'ListNexusEndpoints',
];

/** In the public API, but not in Temporal 1.31. */
const UNKNOWN_METHODS: readonly string[] = [
  'CountWorkers',
  'StartNexusOperationExecution',
  'DescribeNexusOperationExecution',
  'PollNexusOperationExecution',
  'ListNexusOperationExecutions',
  'CountNexusOperationExecutions',
  'RequestCancelNexusOperationExecution',
  'TerminateNexusOperationExecution',
  'DeleteNexusOperationExecution',
  'PollWorkflowExecutionTimeSkipping',
];

const OLD_DEPLOYMENTS = 'Deployments are deprecated and no longer supported, use Worker Deployments instead';
const WORKFLOW_SERVICE = 'temporal.api.workflowservice.v1.WorkflowService';

/** What Temporal 1.31 itself refuses, in its words. */
const REFUSED_METHODS: Readonly<Record<string, string>> = {
  DescribeDeployment: OLD_DEPLOYMENTS,
  ListDeployments: OLD_DEPLOYMENTS,
  GetDeploymentReachability: OLD_DEPLOYMENTS,
  GetCurrentDeployment: OLD_DEPLOYMENTS,
  SetCurrentDeployment: OLD_DEPLOYMENTS,
  CreateWorkflowRule: 'method CreateWorkflowRule not supported',
  DescribeWorkflowRule: 'method DescribeWorkflowRule not supported',
  DeleteWorkflowRule: 'method DeleteWorkflowRule not supported',
  ListWorkflowRules: 'method ListWorkflowRules not supported',
  TriggerWorkflowRule: 'method TriggerWorkflowRule not supported',
  FetchWorkerConfig: 'FetchWorkerConfig command is not enabled.',
  UpdateWorkerConfig: 'UpdateWorkerConfig command is not enabled.',
};

function refused(service: PublicService, method: string, message: string): Rpc {
  return {
    ...workflowRpc({
      method,
      namespaceRule: 'none',
      read: () => ({}),
      handle: () => {
        throw unimplemented(message);
      },
    }),
    service,
  };
}

export const unimplementedRpcs: readonly Rpc[] = [
  ...LATER_WORKFLOW_METHODS.map((method) => refused('WorkflowService', method, `method ${method} not implemented`)),
  ...LATER_OPERATOR_METHODS.map((method) => refused('OperatorService', method, `method ${method} not implemented`)),
  ...UNKNOWN_METHODS.map((method) =>
    refused('WorkflowService', method, `unknown method ${method} for service ${WORKFLOW_SERVICE}`),
  ),
  ...Object.entries(REFUSED_METHODS).map(([method, message]) => ({
    ...refused('WorkflowService', method, message),
    namespaceRule: 'required' as const,
    read: readNamespace,
  })),
];
