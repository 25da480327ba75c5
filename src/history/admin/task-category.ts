// Temporal's numbers for task categories and task types (service/history/tasks/category.go, v1.31). History thread.

import { TaskType as Temporal } from '#proto/temporal/server/api/enums/v1';
import { TaskCategory } from '../../persistence/index.ts';
import { TaskType } from '../queues/task-type.ts';

export const TEMPORAL_CATEGORY: Readonly<Record<TaskCategory, number>> = {
  [TaskCategory.TRANSFER]: 1,
  [TaskCategory.TIMER]: 2,
  [TaskCategory.REPLICATION]: 3,
  [TaskCategory.VISIBILITY]: 4,
  [TaskCategory.ARCHIVAL]: 5,
};

export const CATEGORY_OF_TEMPORAL: ReadonlyMap<number, TaskCategory> = new Map(
  Object.values(TaskCategory).map((category) => [TEMPORAL_CATEGORY[category], category]),
);

export const TEMPORAL_TASK_TYPE: Readonly<Record<number, number>> = {
  [TaskType.WORKFLOW_TASK]: Temporal.TRANSFER_WORKFLOW_TASK,
  [TaskType.ACTIVITY_TASK]: Temporal.TRANSFER_ACTIVITY_TASK,
  [TaskType.CLOSE_EXECUTION]: Temporal.TRANSFER_CLOSE_EXECUTION,
  [TaskType.CANCEL_EXECUTION]: Temporal.TRANSFER_CANCEL_EXECUTION,
  [TaskType.START_CHILD_EXECUTION]: Temporal.TRANSFER_START_CHILD_EXECUTION,
  [TaskType.SIGNAL_EXECUTION]: Temporal.TRANSFER_SIGNAL_EXECUTION,
  [TaskType.DELETE_EXECUTION]: Temporal.TRANSFER_DELETE_EXECUTION,
  [TaskType.USER_TIMER]: Temporal.USER_TIMER,
  [TaskType.ACTIVITY_TIMEOUT]: Temporal.ACTIVITY_TIMEOUT,
  [TaskType.ACTIVITY_RETRY]: Temporal.ACTIVITY_RETRY_TIMER,
  [TaskType.WORKFLOW_TASK_TIMEOUT]: Temporal.WORKFLOW_TASK_TIMEOUT,
  [TaskType.WORKFLOW_RUN_TIMEOUT]: Temporal.WORKFLOW_RUN_TIMEOUT,
  [TaskType.WORKFLOW_EXECUTION_TIMEOUT]: Temporal.WORKFLOW_EXECUTION_TIMEOUT,
  [TaskType.WORKFLOW_BACKOFF]: Temporal.WORKFLOW_BACKOFF_TIMER,
  [TaskType.DELETE_HISTORY]: Temporal.DELETE_HISTORY_EVENT,
  [TaskType.VISIBILITY_START]: Temporal.VISIBILITY_START_EXECUTION,
  [TaskType.VISIBILITY_UPSERT]: Temporal.VISIBILITY_UPSERT_EXECUTION,
  [TaskType.VISIBILITY_CLOSE]: Temporal.VISIBILITY_CLOSE_EXECUTION,
  [TaskType.VISIBILITY_DELETE]: Temporal.VISIBILITY_DELETE_EXECUTION,
  [TaskType.ACTIVITY_EXECUTION_DISPATCH]: Temporal.CHASM,
  [TaskType.DELETE_ACTIVITY_EXECUTION]: Temporal.TRANSFER_DELETE_EXECUTION,
  [TaskType.ACTIVITY_EXECUTION_BACKOFF]: Temporal.CHASM,
  [TaskType.ACTIVITY_EXECUTION_TIMEOUT]: Temporal.CHASM_PURE,
  [TaskType.ACTIVITY_EXECUTION_RETENTION]: Temporal.DELETE_HISTORY_EVENT,
  [TaskType.VISIBILITY_ACTIVITY_EXECUTION]: Temporal.CHASM,
};
