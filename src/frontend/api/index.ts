// All public methods: WorkflowService and OperatorService, each with a handler or a refusal by name. Main loop.

import type { Rpc } from '../rpc.ts';
import { addSearchAttributes } from './add-search-attributes.ts';
import { countActivityExecutions } from './count-activity-executions.ts';
import { countWorkflowExecutions } from './count-workflow-executions.ts';
import { deleteActivityExecution } from './delete-activity-execution.ts';
import { deleteNamespace } from './delete-namespace.ts';
import { deleteWorkflowExecution } from './delete-workflow-execution.ts';
import { deprecateNamespace } from './deprecate-namespace.ts';
import { describeActivityExecution } from './describe-activity-execution.ts';
import { describeNamespace } from './describe-namespace.ts';
import { describeTaskQueue } from './describe-task-queue.ts';
import { describeWorkflowExecution } from './describe-workflow-execution.ts';
import { disabledVersioningRpcs } from './disabled-versioning.ts';
import { executeMultiOperation } from './execute-multi-operation.ts';
import { getClusterInfo } from './get-cluster-info.ts';
import { getSearchAttributes } from './get-search-attributes.ts';
import { getSystemInfo } from './get-system-info.ts';
import { getWorkflowExecutionHistory } from './get-workflow-execution-history.ts';
import { getWorkflowExecutionHistoryReverse } from './get-workflow-execution-history-reverse.ts';
import { listActivityExecutions } from './list-activity-executions.ts';
import { listArchivedWorkflowExecutions } from './list-archived-workflow-executions.ts';
import { listClosedWorkflowExecutions } from './list-closed-workflow-executions.ts';
import { listClusters } from './list-clusters.ts';
import { listNamespaces } from './list-namespaces.ts';
import { listOpenWorkflowExecutions } from './list-open-workflow-executions.ts';
import { listSearchAttributes } from './list-search-attributes.ts';
import { listTaskQueuePartitions } from './list-task-queue-partitions.ts';
import { listWorkflowExecutions } from './list-workflow-executions.ts';
import { pauseActivity } from './pause-activity.ts';
import { pauseActivityExecution } from './pause-activity-execution.ts';
import { pauseWorkflowExecution } from './pause-workflow-execution.ts';
import { pollActivityExecution } from './poll-activity-execution.ts';
import { pollActivityTaskQueue } from './poll-activity-task-queue.ts';
import { pollWorkflowExecutionUpdate } from './poll-workflow-execution-update.ts';
import { pollWorkflowTaskQueue } from './poll-workflow-task-queue.ts';
import { queryWorkflow } from './query-workflow.ts';
import { recordActivityTaskHeartbeat } from './record-activity-task-heartbeat.ts';
import { recordActivityTaskHeartbeatById } from './record-activity-task-heartbeat-by-id.ts';
import { recordWorkerHeartbeat } from './record-worker-heartbeat.ts';
import { registerNamespace } from './register-namespace.ts';
import { removeSearchAttributes } from './remove-search-attributes.ts';
import { requestCancelActivityExecution } from './request-cancel-activity-execution.ts';
import { requestCancelWorkflowExecution } from './request-cancel-workflow-execution.ts';
import { resetActivity } from './reset-activity.ts';
import { resetActivityExecution } from './reset-activity-execution.ts';
import { resetStickyTaskQueue } from './reset-sticky-task-queue.ts';
import { resetWorkflowExecution } from './reset-workflow-execution.ts';
import { respondActivityTaskCanceled } from './respond-activity-task-canceled.ts';
import { respondActivityTaskCanceledById } from './respond-activity-task-canceled-by-id.ts';
import { respondActivityTaskCompleted } from './respond-activity-task-completed.ts';
import { respondActivityTaskCompletedById } from './respond-activity-task-completed-by-id.ts';
import { respondActivityTaskFailed } from './respond-activity-task-failed.ts';
import { respondActivityTaskFailedById } from './respond-activity-task-failed-by-id.ts';
import { respondQueryTaskCompleted } from './respond-query-task-completed.ts';
import { respondWorkflowTaskCompleted } from './respond-workflow-task-completed.ts';
import { respondWorkflowTaskFailed } from './respond-workflow-task-failed.ts';
import { scanWorkflowExecutions } from './scan-workflow-executions.ts';
import { shutdownWorker } from './shutdown-worker.ts';
import { signalWithStartWorkflowExecution } from './signal-with-start-workflow-execution.ts';
import { signalWorkflowExecution } from './signal-workflow-execution.ts';
import { startActivityExecution } from './start-activity-execution.ts';
import { startWorkflowExecution } from './start-workflow-execution.ts';
import { terminateActivityExecution } from './terminate-activity-execution.ts';
import { terminateWorkflowExecution } from './terminate-workflow-execution.ts';
import { unimplementedRpcs } from './unimplemented.ts';
import { unpauseActivity } from './unpause-activity.ts';
import { unpauseActivityExecution } from './unpause-activity-execution.ts';
import { unpauseWorkflowExecution } from './unpause-workflow-execution.ts';
import { updateActivityExecutionOptions } from './update-activity-execution-options.ts';
import { updateActivityOptions } from './update-activity-options.ts';
import { updateNamespace } from './update-namespace.ts';
import { updateTaskQueueConfig } from './update-task-queue-config.ts';
import { updateWorkflowExecution } from './update-workflow-execution.ts';
import { updateWorkflowExecutionOptions } from './update-workflow-execution-options.ts';

/** Requests differ in type: the dispatcher only passes them from `read` to `handle` of one Rpc. */
const implemented = [
  addSearchAttributes,
  countWorkflowExecutions,
  deleteNamespace,
  deleteWorkflowExecution,
  deprecateNamespace,
  describeNamespace,
  describeTaskQueue,
  describeWorkflowExecution,
  executeMultiOperation,
  getClusterInfo,
  getSearchAttributes,
  getSystemInfo,
  getWorkflowExecutionHistoryReverse,
  getWorkflowExecutionHistory,
  listArchivedWorkflowExecutions,
  listClosedWorkflowExecutions,
  listClusters,
  listNamespaces,
  listOpenWorkflowExecutions,
  listSearchAttributes,
  listTaskQueuePartitions,
  listWorkflowExecutions,
  pauseActivity,
  pauseWorkflowExecution,
  pollActivityTaskQueue,
  pollWorkflowExecutionUpdate,
  pollWorkflowTaskQueue,
  queryWorkflow,
  recordActivityTaskHeartbeatById,
  recordActivityTaskHeartbeat,
  recordWorkerHeartbeat,
  registerNamespace,
  removeSearchAttributes,
  requestCancelWorkflowExecution,
  resetActivity,
  resetStickyTaskQueue,
  resetWorkflowExecution,
  respondActivityTaskCanceledById,
  respondActivityTaskCanceled,
  respondActivityTaskCompletedById,
  respondActivityTaskCompleted,
  respondActivityTaskFailedById,
  respondActivityTaskFailed,
  respondQueryTaskCompleted,
  respondWorkflowTaskCompleted,
  respondWorkflowTaskFailed,
  scanWorkflowExecutions,
  shutdownWorker,
  signalWithStartWorkflowExecution,
  signalWorkflowExecution,
  startWorkflowExecution,
  terminateWorkflowExecution,
  unpauseActivity,
  unpauseWorkflowExecution,
  updateActivityOptions,
  updateNamespace,
  updateTaskQueueConfig,
  updateWorkflowExecutionOptions,
  updateWorkflowExecution,
  countActivityExecutions,
  deleteActivityExecution,
  describeActivityExecution,
  listActivityExecutions,
  pauseActivityExecution,
  pollActivityExecution,
  requestCancelActivityExecution,
  resetActivityExecution,
  startActivityExecution,
  terminateActivityExecution,
  unpauseActivityExecution,
  updateActivityExecutionOptions,
] as readonly object[] as readonly Rpc[];

export const publicRpcs: readonly Rpc[] = [...implemented, ...disabledVersioningRpcs, ...unimplementedRpcs];
