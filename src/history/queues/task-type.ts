// The duties that a shard queues, by category. Stored numbers, append only.

export const TaskType = Object.freeze({
  // Transfer: at once.
  WORKFLOW_TASK: 1,
  ACTIVITY_TASK: 2,
  CLOSE_EXECUTION: 3,
  CANCEL_EXECUTION: 4,
  START_CHILD_EXECUTION: 5,
  SIGNAL_EXECUTION: 6,
  RESET_WORKFLOW: 7,
  DELETE_EXECUTION: 8,
  ACTIVITY_EXECUTION_DISPATCH: 9,
  DELETE_ACTIVITY_EXECUTION: 10,
  // Timer: at a time.
  USER_TIMER: 20,
  ACTIVITY_TIMEOUT: 21,
  ACTIVITY_RETRY: 22,
  WORKFLOW_TASK_TIMEOUT: 23,
  WORKFLOW_RUN_TIMEOUT: 24,
  WORKFLOW_EXECUTION_TIMEOUT: 25,
  WORKFLOW_BACKOFF: 26,
  DELETE_HISTORY: 27,
  /** After a start delay, a backoff or the jitter of an unpause. */
  ACTIVITY_EXECUTION_BACKOFF: 28,
  ACTIVITY_EXECUTION_TIMEOUT: 29,
  ACTIVITY_EXECUTION_RETENTION: 30,
  // Visibility: at once, later ones replace earlier ones.
  VISIBILITY_START: 40,
  VISIBILITY_UPSERT: 41,
  VISIBILITY_CLOSE: 42,
  VISIBILITY_DELETE: 43,
  VISIBILITY_ACTIVITY_EXECUTION: 44,
});
export type TaskType = (typeof TaskType)[keyof typeof TaskType];
