// Every call a shard answers, by method name. A method that is missing here is answered UNIMPLEMENTED.

import type { HistoryMethod } from '../../runtime/services.ts';
import type { ApiHandler, ShardHandler } from '../engine.ts';
import { closeShard } from './close-shard.ts';
import { deleteActivityExecution } from './delete-activity-execution.ts';
import { deleteWorkflowExecution } from './delete-workflow-execution.ts';
import { describeActivityExecution } from './describe-activity-execution.ts';
import { describeHistoryHost } from './describe-history-host.ts';
import { describeMutableState } from './describe-mutable-state.ts';
import { describeWorkflowExecution } from './describe-workflow-execution.ts';
import { executeMultiOperation } from './execute-multi-operation.ts';
import { getShard } from './get-shard.ts';
import { getWorkflowExecutionHistory } from './get-workflow-execution-history.ts';
import { getWorkflowExecutionHistoryReverse } from './get-workflow-execution-history-reverse.ts';
import {
  getWorkflowExecutionRawHistory,
  getWorkflowExecutionRawHistoryV2,
} from './get-workflow-execution-raw-history.ts';
import { importWorkflowExecution } from './import-workflow-execution.ts';
import { listHistoryTasks } from './list-history-tasks.ts';
import { pauseActivity } from './pause-activity.ts';
import { pauseActivityExecution } from './pause-activity-execution.ts';
import { pauseWorkflowExecution } from './pause-workflow-execution.ts';
import { pollActivityExecution } from './poll-activity-execution.ts';
import { pollWorkflowExecutionUpdate } from './poll-workflow-execution-update.ts';
import { prepareQueryTask } from './prepare-query-task.ts';
import { queryWorkflow } from './query-workflow.ts';
import { rebuildMutableState } from './rebuild-mutable-state.ts';
import { recordActivityTaskHeartbeat, recordActivityTaskHeartbeatById } from './record-activity-task-heartbeat.ts';
import { recordActivityTaskStarted } from './record-activity-task-started.ts';
import { recordChildWorkflowCompleted } from './record-child-workflow-completed.ts';
import { recordWorkflowTaskStarted } from './record-workflow-task-started.ts';
import { refreshWorkflowTasks } from './refresh-workflow-tasks.ts';
import { requestCancelActivityExecution } from './request-cancel-activity-execution.ts';
import { requestCancelExternal, requestCancelWorkflowExecution } from './request-cancel-workflow-execution.ts';
import { resetActivity } from './reset-activity.ts';
import { resetActivityExecution } from './reset-activity-execution.ts';
import { resetStickyTaskQueue } from './reset-sticky-task-queue.ts';
import { resetWorkflowExecution } from './reset-workflow-execution.ts';
import { respondActivityTaskCanceled, respondActivityTaskCanceledById } from './respond-activity-task-canceled.ts';
import { respondActivityTaskCompleted, respondActivityTaskCompletedById } from './respond-activity-task-completed.ts';
import { respondActivityTaskFailed, respondActivityTaskFailedById } from './respond-activity-task-failed.ts';
import { respondWorkflowTaskCompleted } from './respond-workflow-task-completed.ts';
import { respondWorkflowTaskFailed } from './respond-workflow-task-failed.ts';
import { scheduleFirstWorkflowTask } from './schedule-workflow-task.ts';
import { signalWithStartWorkflowExecution } from './signal-with-start-workflow-execution.ts';
import { signalExternal, signalWorkflowExecution } from './signal-workflow-execution.ts';
import { startActivityExecution } from './start-activity-execution.ts';
import { startChildWorkflow } from './start-child-workflow.ts';
import { startWorkflowExecution } from './start-workflow-execution.ts';
import { terminateActivityExecution } from './terminate-activity-execution.ts';
import { terminateChild, terminateWorkflowExecution } from './terminate-workflow-execution.ts';
import { unpauseActivity } from './unpause-activity.ts';
import { unpauseActivityExecution } from './unpause-activity-execution.ts';
import { unpauseWorkflowExecution } from './unpause-workflow-execution.ts';
import { updateActivityExecutionOptions } from './update-activity-execution-options.ts';
import { updateActivityOptions } from './update-activity-options.ts';
import { updateWorkflowExecution } from './update-workflow-execution.ts';
import { updateWorkflowExecutionOptions } from './update-workflow-execution-options.ts';

/** Public requests, in an ApiRequest. */
export const API_HANDLERS: Partial<Record<HistoryMethod, ApiHandler>> = {
  DeleteWorkflowExecution: deleteWorkflowExecution,
  DescribeWorkflowExecution: describeWorkflowExecution,
  ExecuteMultiOperation: executeMultiOperation,
  PollWorkflowExecutionUpdate: pollWorkflowExecutionUpdate,
  QueryWorkflow: queryWorkflow,
  UpdateWorkflowExecution: updateWorkflowExecution,
  GetWorkflowExecutionHistory: getWorkflowExecutionHistory,
  GetWorkflowExecutionHistoryReverse: getWorkflowExecutionHistoryReverse,
  RecordActivityTaskHeartbeat: recordActivityTaskHeartbeat,
  RecordActivityTaskHeartbeatById: recordActivityTaskHeartbeatById,
  RequestCancelWorkflowExecution: requestCancelWorkflowExecution,
  ResetWorkflowExecution: resetWorkflowExecution,
  PauseActivity: pauseActivity,
  PauseWorkflowExecution: pauseWorkflowExecution,
  ResetActivity: resetActivity,
  ResetStickyTaskQueue: resetStickyTaskQueue,
  RespondActivityTaskCanceled: respondActivityTaskCanceled,
  RespondActivityTaskCanceledById: respondActivityTaskCanceledById,
  RespondActivityTaskCompleted: respondActivityTaskCompleted,
  RespondActivityTaskCompletedById: respondActivityTaskCompletedById,
  RespondActivityTaskFailed: respondActivityTaskFailed,
  RespondActivityTaskFailedById: respondActivityTaskFailedById,
  RespondWorkflowTaskCompleted: respondWorkflowTaskCompleted,
  RespondWorkflowTaskFailed: respondWorkflowTaskFailed,
  SignalWorkflowExecution: signalWorkflowExecution,
  SignalWithStartWorkflowExecution: signalWithStartWorkflowExecution,
  StartWorkflowExecution: startWorkflowExecution,
  TerminateWorkflowExecution: terminateWorkflowExecution,
  UnpauseActivity: unpauseActivity,
  UnpauseWorkflowExecution: unpauseWorkflowExecution,
  UpdateActivityOptions: updateActivityOptions,
  UpdateWorkflowExecutionOptions: updateWorkflowExecutionOptions,
  // Activities without a workflow.
  DeleteActivityExecution: deleteActivityExecution,
  DescribeActivityExecution: describeActivityExecution,
  PauseActivityExecution: pauseActivityExecution,
  PollActivityExecution: pollActivityExecution,
  RequestCancelActivityExecution: requestCancelActivityExecution,
  ResetActivityExecution: resetActivityExecution,
  StartActivityExecution: startActivityExecution,
  TerminateActivityExecution: terminateActivityExecution,
  UnpauseActivityExecution: unpauseActivityExecution,
  UpdateActivityExecutionOptions: updateActivityExecutionOptions,
  // AdminService, about one run.
  DescribeMutableState: describeMutableState,
  GetWorkflowExecutionRawHistory: getWorkflowExecutionRawHistory,
  GetWorkflowExecutionRawHistoryV2: getWorkflowExecutionRawHistoryV2,
  ImportWorkflowExecution: importWorkflowExecution,
  RebuildMutableState: rebuildMutableState,
  RefreshWorkflowTasks: refreshWorkflowTasks,
};

/** Calls between services, with messages of proto/ostinato/history/v1, and AdminService's calls about a shard, as they came. */
export const SHARD_HANDLERS: Partial<Record<HistoryMethod, ShardHandler>> = {
  CloseShard: closeShard,
  DescribeHistoryHost: describeHistoryHost,
  GetShard: getShard,
  ListHistoryTasks: listHistoryTasks,
  PrepareQueryTask: prepareQueryTask,
  RecordActivityTaskStarted: recordActivityTaskStarted,
  RecordChildWorkflowCompleted: recordChildWorkflowCompleted,
  RecordWorkflowTaskStarted: recordWorkflowTaskStarted,
  RequestCancelExternal: requestCancelExternal,
  ScheduleWorkflowTask: scheduleFirstWorkflowTask,
  SignalExternal: signalExternal,
  StartChildWorkflow: startChildWorkflow,
  TerminateChild: terminateChild,
};
