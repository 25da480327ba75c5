// The fixed limits of matching: unit, reason, source. What operators may change is in settings.ts.

/** A poll is answered empty this long before its caller's deadline, so that the caller sees an answer and no timeout. Temporal: returnEmptyTaskTimeBudget. */
export const EMPTY_POLL_BUDGET_MS = 1_000;

/**
 * Polls expire together at multiples of this on the clock, so that one wake-up of threads and of the client serves all that are due: 5,000
 * parked polls are 83 a second, and each alone costs 0.8 ms of CPU. What waits less than POLL_EXPIRY_MIN_WAIT_MS expires by itself.
 */
export const POLL_EXPIRY_GRAIN_MS = 500;
export const POLL_EXPIRY_MIN_WAIT_MS = 10_000;

/** How long history may take to record a start. Temporal: recordTaskStartedSyncMatchTimeout and ...DefaultTimeout. */
export const RECORD_STARTED_SYNC_TIMEOUT_MS = 1_000;
export const RECORD_STARTED_BACKLOG_TIMEOUT_MS = 10_000;

/** Without a poll for this long a sticky queue's worker counts as gone. Temporal: stickyPollerUnavailableWindow. */
export const STICKY_POLLER_WINDOW_MS = 10_000;

/** Ids per lease, as DescribeTaskQueue reports them. Temporal: RangeSize in service/matching/config.go. */
export const TASK_ID_BLOCK_SIZE = 100_000;

/** Tasks in one store commit: bounds the time that the first of them waits for the last. */
export const MAX_TASKS_PER_COMMIT = 5_000;

/** First and longest pause before a task that history could not start is offered again, doubling in between. */
export const RETURN_BACKOFF_FIRST_MS = 20;
export const RETURN_BACKOFF_MAX_MS = 5_000;

/**
 * A task that makes history fail with INTERNAL or DATA_LOSS is dropped after so many attempts.
 * Differs: Temporal drops it at the first, and a workflow task dropped in error leaves its workflow stuck.
 */
export const MAX_ATTEMPTS_ON_INTERNAL_ERROR = 10;

/** Request ids kept for tasks that went to the store after a failed start. Beyond it such a start runs into its timeout. */
export const MAX_REMEMBERED_ATTEMPTS = 10_000;

/** First and longest pause after a failed read or lease of the store. */
export const STORE_BACKOFF_FIRST_MS = 100;
export const STORE_BACKOFF_MAX_MS = 10_000;

/** Partitions in memory at once; a call for one more is refused with RESOURCE_EXHAUSTED. Each takes some 10 KB and a row. */
export const MAX_LOADED_PARTITIONS = 50_000;

/** Polls parked on one partition; more are refused with RESOURCE_EXHAUSTED. Far above frontend's limit per namespace. */
export const MAX_PARKED_POLLS = 100_000;

/** How long a started task waits for another poll when its own is gone: its start-to-close time is running (10 s by default for workflow tasks). */
export const STARTED_TASK_HOLD_MS = 5_000;

/** Started tasks held by one partition at once; beyond it they run into their timeouts, as they do in Temporal. */
export const MAX_STARTED_TASKS = 1_000;

/** Below this rate a queue's polls are matched in its partition only, where every task is counted before it goes. */
export const MIN_RATE_OF_OFFERED_POLLS = 1_000;

/** A poll that was claimed and ended meanwhile is remembered this long for its task; a thread that died never sends one. */
export const CLAIM_MEMORY_MS = 60_000;

/** Queries parked on one partition; more are refused with RESOURCE_EXHAUSTED. */
export const MAX_PARKED_QUERIES = 10_000;

/** Pollers remembered for one partition, the least recent ones go first. Temporal's pollerHistoryInitMaxSize. */
export const MAX_POLLER_HISTORY = 1_000;

/** Polls of a worker that said it leaves are refused for this long. Temporal: shutdownWorkersCacheTTL and ...MaxSize. */
export const SHUTDOWN_WORKER_TTL_MS = 30_000;
export const MAX_SHUTDOWN_WORKERS = 10_000;

/** Rates are measured over this window in buckets of this size. Temporal: newTaskTracker(5s, 30s). */
export const RATE_WINDOW_MS = 30_000;
export const RATE_BUCKET_MS = 5_000;

/** What a queue may spend of its rate limit at once. Temporal: defaultBurstDuration. */
export const RATE_BURST_MS = 1_000;

/** Expired tasks are looked for at most this often. */
export const EXPIRY_SWEEP_MIN_INTERVAL_MS = 500;
