// The services' method lists. The three background services meet only here: they never import one another.
// A method's index is its number in ring frames and internode paths: append only.

import type { ServiceDefinition } from './service.ts';

/**
 * Shards. Names that exist in WorkflowService, and AdminService's about one run, take ostinato.history.v1.ApiRequest and answer
 * the public response; the others take and answer the messages of proto/ostinato/history/v1 or AdminService that bear their names.
 */
export const HISTORY_METHODS = [
  'StartWorkflowExecution',
  'SignalWithStartWorkflowExecution',
  'ExecuteMultiOperation',
  'SignalWorkflowExecution',
  'RequestCancelWorkflowExecution',
  'TerminateWorkflowExecution',
  'DeleteWorkflowExecution',
  'ResetWorkflowExecution',
  'DescribeWorkflowExecution',
  'GetWorkflowExecutionHistory',
  'GetWorkflowExecutionHistoryReverse',
  'QueryWorkflow',
  'UpdateWorkflowExecution',
  'PollWorkflowExecutionUpdate',
  'RespondWorkflowTaskCompleted',
  'RespondWorkflowTaskFailed',
  'RespondActivityTaskCompleted',
  'RespondActivityTaskCompletedById',
  'RespondActivityTaskFailed',
  'RespondActivityTaskFailedById',
  'RespondActivityTaskCanceled',
  'RespondActivityTaskCanceledById',
  'RecordActivityTaskHeartbeat',
  'RecordActivityTaskHeartbeatById',
  'ResetStickyTaskQueue',
  'PauseActivity',
  'UnpauseActivity',
  'ResetActivity',
  'UpdateActivityOptions',
  'UpdateWorkflowExecutionOptions',
  // Between services.
  'RecordWorkflowTaskStarted',
  'RecordActivityTaskStarted',
  'PrepareQueryTask',
  'SignalExternal',
  'RequestCancelExternal',
  'TerminateChild',
  'StartChildWorkflow',
  'ScheduleWorkflowTask',
  'RecordChildWorkflowCompleted',
  // Admin.
  'DescribeMutableState',
  'RebuildMutableState',
  'CloseShard',
  'GetShard',
  'ListHistoryTasks',
  'DescribeHistoryHost',
  'GetWorkflowExecutionRawHistoryV2',
  'ImportWorkflowExecution',
  'PauseWorkflowExecution',
  'UnpauseWorkflowExecution',
  // Admin.
  'GetWorkflowExecutionRawHistory',
  'RefreshWorkflowTasks',
  // Activities without a workflow.
  'StartActivityExecution',
  'DescribeActivityExecution',
  'PollActivityExecution',
  'RequestCancelActivityExecution',
  'TerminateActivityExecution',
  'DeleteActivityExecution',
  'PauseActivityExecution',
  'UnpauseActivityExecution',
  'ResetActivityExecution',
  'UpdateActivityExecutionOptions',
] as const;
export type HistoryMethod = (typeof HISTORY_METHODS)[number];
export const HISTORY_SERVICE: ServiceDefinition<HistoryMethod> = { name: 'history', methods: HISTORY_METHODS };

/** Task queues. Messages are those of proto/ostinato/matching/v1; the public ones come inside TaskQueueApiRequest. */
export const MATCHING_METHODS = [
  // AddTaskRequest -> AddTaskResponse
  'AddWorkflowTask',
  'AddActivityTask',
  // PollRequest -> the public poll response
  'PollWorkflowTaskQueue',
  'PollActivityTaskQueue',
  // QueryRequest -> QueryResponse
  'QueryWorkflow',
  // RespondQueryTaskCompletedRequest -> Empty
  'RespondQueryTaskCompleted',
  // TaskQueueApiRequest -> the public response
  'DescribeTaskQueue',
  'ListTaskQueuePartitions',
  'UpdateTaskQueueConfig',
  'ShutdownWorker',
  // DeleteNamespaceQueuesRequest -> Empty
  'DeleteNamespaceQueues',
  // Between partitions. TaskQueueApiRequest without request -> DescribeTaskQueueResponse of this partition alone
  'DescribeTaskQueuePartition',
  // From history, without an answer. HandOverTaskRequest, ReturnPollRequest
  'HandOverTask',
  'ReturnPoll',
] as const;
export type MatchingMethod = (typeof MATCHING_METHODS)[number];
export const MATCHING_SERVICE: ServiceDefinition<MatchingMethod> = { name: 'matching', methods: MATCHING_METHODS };

/** System work: namespaces, visibility, operator calls. Public names take ostinato.worker.v1.ApiRequest. */
export const WORKER_METHODS = [
  'RegisterNamespace',
  'DescribeNamespace',
  'ListNamespaces',
  'UpdateNamespace',
  'DeprecateNamespace',
  'DeleteNamespace',
  'ListWorkflowExecutions',
  'ListOpenWorkflowExecutions',
  'ListClosedWorkflowExecutions',
  'ScanWorkflowExecutions',
  'CountWorkflowExecutions',
  'ListArchivedWorkflowExecutions',
  'AddSearchAttributes',
  'RemoveSearchAttributes',
  'ListSearchAttributes',
  'GetSearchAttributes',
  'ListClusters',
  'GetClusterInfo',
  // ostinato.worker.v1 messages of the same name
  'RecordVisibility',
  'ListNamespaceRecords',
  'ListActivityExecutions',
  'CountActivityExecutions',
] as const;
export type WorkerMethod = (typeof WORKER_METHODS)[number];
export const WORKER_SERVICE: ServiceDefinition<WorkerMethod> = { name: 'worker', methods: WORKER_METHODS };
