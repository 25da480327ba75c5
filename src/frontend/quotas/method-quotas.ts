// Which quota a method draws on and with what priority (service/frontend/configs/quotas.go, v1.31). Priority 0 is the highest and
// the operators'; a later entry wins where a method is in two tables, as the order of Temporal's routing has it. Main loop.

export type QuotaGroup = 'execution' | 'visibility' | 'namespaceReplication';

/** How many priorities each group has. */
export const GROUP_PRIORITIES: Readonly<Record<QuotaGroup, number>> = {
  execution: 6,
  visibility: 2,
  namespaceReplication: 3,
};

const EXECUTION: readonly (readonly string[])[] = [
  [
    'GetClusterInfo',
    'GetSystemInfo',
    'GetSearchAttributes',
    'DescribeNamespace',
    'ListNamespaces',
    'DeprecateNamespace',
  ],
  [
    'SignalWorkflowExecution',
    'SignalWithStartWorkflowExecution',
    'StartWorkflowExecution',
    'UpdateWorkflowExecution',
    'ExecuteMultiOperation',
    'CreateSchedule',
    'StartBatchOperation',
    'StartActivityExecution',
    'RecordActivityTaskHeartbeat',
    'RecordActivityTaskHeartbeatById',
    'RespondActivityTaskCompleted',
    'RespondActivityTaskCompletedById',
    'RespondWorkflowTaskCompleted',
    'RespondQueryTaskCompleted',
    'RespondNexusTaskCompleted',
  ],
  [
    'RequestCancelWorkflowExecution',
    'TerminateWorkflowExecution',
    'ResetWorkflowExecution',
    'DeleteWorkflowExecution',
    'GetWorkflowExecutionHistory',
    'UpdateSchedule',
    'PatchSchedule',
    'DeleteSchedule',
    'StopBatchOperation',
    'UpdateActivityOptions',
    'UpdateActivityExecutionOptions',
    'PauseActivityExecution',
    'UnpauseActivityExecution',
    'ResetActivityExecution',
    'PauseActivity',
    'UnpauseActivity',
    'ResetActivity',
    'UpdateWorkflowExecutionOptions',
    'SetCurrentDeployment',
    'CreateWorkerDeployment',
    'CreateWorkerDeploymentVersion',
    'UpdateWorkerDeploymentVersionComputeConfig',
    'SetWorkerDeploymentCurrentVersion',
    'SetWorkerDeploymentRampingVersion',
    'SetWorkerDeploymentManager',
    'DeleteWorkerDeployment',
    'DeleteWorkerDeploymentVersion',
    'UpdateWorkerDeploymentVersionMetadata',
    'CreateWorkflowRule',
    'DescribeWorkflowRule',
    'DeleteWorkflowRule',
    'ListWorkflowRules',
    'TriggerWorkflowRule',
    'UpdateTaskQueueConfig',
    'RequestCancelActivityExecution',
    'TerminateActivityExecution',
    'DeleteActivityExecution',
    'PauseWorkflowExecution',
    'UnpauseWorkflowExecution',
  ],
  [
    'DescribeWorkflowExecution',
    'DescribeActivityExecution',
    'DescribeTaskQueue',
    'GetWorkerBuildIdCompatibility',
    'GetWorkerVersioningRules',
    'ListTaskQueuePartitions',
    'QueryWorkflow',
    'DescribeSchedule',
    'ListScheduleMatchingTimes',
    'DescribeBatchOperation',
    'DescribeDeployment',
    'GetCurrentDeployment',
    'DescribeWorkerDeploymentVersion',
    'DescribeWorkerDeployment',
    'ValidateWorkerDeploymentVersionComputeConfig',
    'RespondActivityTaskCanceled',
    'RespondActivityTaskCanceledById',
    'RespondActivityTaskFailed',
    'RespondActivityTaskFailedById',
    'RespondWorkflowTaskFailed',
    'RespondNexusTaskFailed',
  ],
  [
    'PollActivityExecution',
    'PollWorkflowTaskQueue',
    'PollActivityTaskQueue',
    'PollWorkflowExecutionUpdate',
    'PollNexusTaskQueue',
    'ResetStickyTaskQueue',
    'ShutdownWorker',
    'GetWorkflowExecutionHistoryReverse',
    'RecordWorkerHeartbeat',
    'FetchWorkerConfig',
    'UpdateWorkerConfig',
  ],
  ['PollWorkflowExecutionHistory', 'PollActivityExecutionDescription'],
];

const VISIBILITY: readonly (readonly string[])[] = [
  [],
  [
    'CountWorkflowExecutions',
    'ScanWorkflowExecutions',
    'ListOpenWorkflowExecutions',
    'ListClosedWorkflowExecutions',
    'ListWorkflowExecutions',
    'ListArchivedWorkflowExecutions',
    'ListWorkers',
    'DescribeWorker',
    'CountActivityExecutions',
    'ListActivityExecutions',
    'GetWorkerTaskReachability',
    'ListSchedules',
    'CountSchedules',
    'ListBatchOperations',
    'DescribeTaskQueueWithReachability',
    'ListDeployments',
    'GetDeploymentReachability',
    'ListWorkerDeployments',
  ],
];

const NAMESPACE_REPLICATION: readonly (readonly string[])[] = [
  [],
  ['RegisterNamespace', 'UpdateNamespace'],
  [
    'UpdateWorkerBuildIdCompatibility',
    'UpdateWorkerVersioningRules',
    'SetWorkerDeploymentCurrentVersion',
    'SetWorkerDeploymentRampingVersion',
    'DeleteWorkerDeploymentVersion',
    'UpdateTaskQueueConfig',
  ],
];

export interface MethodQuota {
  readonly group: QuotaGroup;
  readonly priority: number;
}

const QUOTAS: ReadonlyMap<string, MethodQuota> = new Map(
  (
    [
      ['execution', EXECUTION],
      ['visibility', VISIBILITY],
      ['namespaceReplication', NAMESPACE_REPLICATION],
    ] as const
  ).flatMap(([group, byPriority]) =>
    byPriority.flatMap((methods, priority) => methods.map((method) => [method, { group, priority }] as const)),
  ),
);

/** Undefined for methods that no quota limits (OperatorService, AdminService). */
export function quotaOf(method: string): MethodQuota | undefined {
  return QUOTAS.get(method);
}

/** A history call that waits for new events draws on a lower priority than one that reads. */
export const HISTORY_LONG_POLL = 'PollWorkflowExecutionHistory';
/** The same for descriptions of activities. */
export const ACTIVITY_LONG_POLL = 'PollActivityExecutionDescription';
/** A task queue's description with reachability reads visibility. */
export const DESCRIBE_WITH_REACHABILITY = 'DescribeTaskQueueWithReachability';

/** Methods that wait: their number at one time is limited per namespace (ExecutionAPICountLimitOverride). */
export const WAITING_METHODS: ReadonlySet<string> = new Set([
  'PollActivityTaskQueue',
  'PollWorkflowTaskQueue',
  'PollWorkflowExecutionUpdate',
  'QueryWorkflow',
  'UpdateWorkflowExecution',
  'PollNexusTaskQueue',
  'PollActivityExecution',
  'GetWorkflowExecutionHistory',
  'DescribeActivityExecution',
  'ExecuteMultiOperation',
]);
