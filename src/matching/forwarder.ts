// Sends what a child partition cannot match itself to its parent: tasks and queries without a poll, polls without a task. Few
// at a time, so that a queue's partitions share work without all of it going through the root. Temporal: pri_forwarder.go and
// allowForwarding in matcher_data.go, v1.31. Matching thread.

import { AddTaskRequest, AddTaskResponse, PollRequest, QueryRequest } from '#proto/ostinato/matching/v1';
import { WorkflowQuery } from '#proto/temporal/api/query/v1';
import { QueryWorkflowRequest } from '#proto/temporal/api/workflowservice/v1';
import { Cancellation } from '../runtime/cancellation.ts';
import type { TimerHandle } from '../runtime/clock.ts';
import {
  type PartitionIdentity,
  parentPartitionId,
  partitionKey,
  partitionName,
  TASK_QUEUE_TYPE_WORKFLOW,
} from '../runtime/task-queue-partition.ts';
import type { MatchingEnvironment } from './environment.ts';
import { EMPTY_POLL_BUDGET_MS, STORE_BACKOFF_FIRST_MS } from './limits.ts';
import type { Matcher } from './matcher.ts';
import type { PartitionMetrics } from './metrics.ts';
import type { PartitionPolls } from './partition-polls.ts';
import type { SettingReader } from './partition-settings.ts';
import type { Poll } from './poll.ts';
import type { RateLimiter } from './rate-limiter.ts';
import {
  BACKLOG_NEGLIGIBLE_AGE,
  BACKLOG_TASK_FORWARD_TIMEOUT,
  FORWARDER_MAX_CHILDREN_PER_NODE,
  FORWARDER_MAX_OUTSTANDING_POLLS,
  FORWARDER_MAX_OUTSTANDING_TASKS,
  FORWARDER_MAX_RATE_PER_SECOND,
  MAX_WAIT_FOR_POLLER_BEFORE_FORWARD,
} from './settings.ts';
import type { QueryTask, Task } from './task.ts';

/** How long a task that only passes through memory may stay on its way to the parent before it goes to the backlog. */
const SYNC_FORWARD_TIMEOUT_MS = 2_000;

/** The child partition. */
export interface ForwarderOwner {
  readonly identity: PartitionIdentity;
  readonly settings: SettingReader;
  readonly metrics: PartitionMetrics;
  readonly limiter: RateLimiter;
  readonly polls: PartitionPolls;
  readonly closed: boolean;
  readonly oldestBacklogMs: number | undefined;
  /** The parent gave the task to a poller. */
  forwarded(task: Task): void;
  /** It did not, or nobody knows. */
  notForwarded(task: Task): void;
  pollForwarded(poll: Poll, response: Uint8Array): void;
}

export class Forwarder {
  readonly #environment: MatchingEnvironment;
  readonly #owner: ForwarderOwner;
  readonly #matcher: Matcher;
  #tasks = 0;
  #polls = 0;
  /** Tokens for tasks and queries, refilled over a second. */
  #tokens = Number.POSITIVE_INFINITY;
  #refilledMs = 0;
  #timer: TimerHandle | undefined;

  constructor(environment: MatchingEnvironment, owner: ForwarderOwner, matcher: Matcher) {
    this.#environment = environment;
    this.#owner = owner;
    this.#matcher = matcher;
  }

  /** Something is on its way: the partition must not be unloaded as idle. */
  get busy(): boolean {
    return this.#tasks > 0 || this.#polls > 0;
  }

  /** Takes a task that just came and found no poll here. False: it has to go to the backlog. */
  offer(task: Task): boolean {
    const nowMs = this.#environment.clock.nowMs();
    if (this.#matcher.waiting > 0 || this.#owner.limiter.delayMs(nowMs) > 0 || !this.#mayForwardTask()) return false;
    if (!task.forwarded) this.#owner.limiter.consume(nowMs);
    this.#forwardTask(task, SYNC_FORWARD_TIMEOUT_MS);
    return true;
  }

  /** Called whenever something waits that may be forwarded. */
  pump(): void {
    this.#pumpPolls();
    this.#pumpTasks();
  }

  close(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  #pumpTasks(): void {
    while (!this.#owner.closed && this.#matcher.waiting > 0 && this.#matcher.polls.size === 0) {
      const nowMs = this.#environment.clock.nowMs();
      const limitedMs = this.#owner.limiter.delayMs(nowMs);
      if (limitedMs > 0) {
        if (limitedMs !== Number.POSITIVE_INFINITY) this.#pumpAfter(limitedMs);
        return;
      }
      if (!this.#mayForwardTask()) return;
      const task = this.#matcher.takeFirstTask();
      if (task === undefined) return;
      if (task.kind === 'query') {
        this.#forwardQuery(task);
      } else {
        this.#owner.limiter.consume(nowMs);
        this.#forwardTask(task, this.#owner.settings(BACKLOG_TASK_FORWARD_TIMEOUT));
      }
    }
  }

  #pumpPolls(): void {
    const max = this.#owner.settings(FORWARDER_MAX_OUTSTANDING_POLLS);
    while (!this.#owner.closed && this.#polls < max && this.#matcher.waiting === 0 && this.#isAllowed()) {
      const poll = firstForwardable(this.#matcher);
      if (poll === undefined) return;
      this.#forwardPoll(poll);
    }
  }

  /**
   * With a backlog of some age children and root work it off side by side; forwarding would only reorder it. Unless no poll
   * comes here: then the backlog would wait for nothing.
   */
  #isAllowed(): boolean {
    const nowMs = this.#environment.clock.nowMs();
    const oldestMs = this.#owner.oldestBacklogMs;
    if (oldestMs === undefined || nowMs - oldestMs < this.#owner.settings(BACKLOG_NEGLIGIBLE_AGE)) return true;
    const sincePollMs = nowMs - this.#owner.polls.lastArrivalMs;
    const waitMs = this.#owner.settings(MAX_WAIT_FOR_POLLER_BEFORE_FORWARD);
    if (sincePollMs >= waitMs) return true;
    this.#pumpAfter(waitMs - sincePollMs);
    return false;
  }

  /** Spends a token if the answer is yes. */
  #mayForwardTask(): boolean {
    if (this.#tasks >= this.#owner.settings(FORWARDER_MAX_OUTSTANDING_TASKS) || !this.#isAllowed()) return false;
    const perSecond = this.#owner.settings(FORWARDER_MAX_RATE_PER_SECOND);
    const nowMs = this.#environment.clock.nowMs();
    this.#tokens = Math.min(perSecond, this.#tokens + ((nowMs - this.#refilledMs) * perSecond) / 1_000);
    this.#refilledMs = nowMs;
    if (this.#tokens < 1) {
      if (perSecond > 0) this.#pumpAfter(((1 - this.#tokens) * 1_000) / perSecond);
      return false;
    }
    this.#tokens--;
    return true;
  }

  #pumpAfter(delayMs: number): void {
    // Whole milliseconds: a fraction may vanish in the sum with the present time, and the timer fire at once for ever.
    this.#timer ??= this.#environment.clock.after(Math.ceil(delayMs), () => {
      this.#timer = undefined;
      this.pump();
    });
  }

  #forwardTask(task: Task, timeoutMs: number): void {
    const { clock, router } = this.#environment;
    const nowMs = clock.nowMs();
    if (task.requestId === '') task.requestId = this.#environment.newId();
    const partition = this.#parent();
    const request = AddTaskRequest.encode({
      partition,
      execution: task,
      scheduledEventId: task.scheduledEventId,
      scheduleToStartTimeout:
        task.expiresAtMs === Number.POSITIVE_INFINITY ? undefined : Math.max(1, task.expiresAtMs - nowMs),
      shardId: task.shardId,
      rangeId: task.rangeId,
      createdTime: task.createdMs,
      stamp: task.stamp,
      priority: task.priority,
      forwardedFrom: this.#name(),
      fromBacklog: task.backlog !== undefined,
      startRequestId: task.requestId,
    });
    const isWorkflow = this.#owner.identity.taskQueueType === TASK_QUEUE_TYPE_WORKFLOW;
    const method = isWorkflow ? 'AddWorkflowTask' : 'AddActivityTask';
    this.#tasks++;
    router.callMatching(partitionKey(partition), method, request, { deadlineMs: nowMs + timeoutMs }).then(
      (response) => {
        this.#tasks--;
        if (AddTaskResponse.decode(response).syncMatched) this.#owner.forwarded(task);
        else this.#owner.notForwarded(task);
        this.pump();
      },
      (error: unknown) => {
        this.#tasks--;
        this.#failed(error);
        this.#owner.notForwarded(task);
      },
    );
  }

  /** The query ends with whatever the parent answers. */
  #forwardQuery(query: QueryTask): void {
    const { queries, router } = this.#environment;
    const partition = this.#parent();
    const request = QueryRequest.encode({
      partition,
      execution: query,
      shardId: query.shardId,
      request: QueryWorkflowRequest.encode({ query: WorkflowQuery.decode(query.query) }),
      forwardedFrom: this.#name(),
    });
    this.#tasks++;
    router.callMatching(partitionKey(partition), 'QueryWorkflow', request, { deadlineMs: query.call.deadlineMs }).then(
      (response) => {
        this.#tasks--;
        queries.answer(query.queryId, response);
        this.pump();
      },
      (error: unknown) => {
        this.#tasks--;
        queries.fail(query.queryId, error as Error);
        this.pump();
      },
    );
  }

  /** Its caller's cancellation follows it to the parent. */
  #forwardPoll(poll: Poll): void {
    this.#matcher.polls.remove(poll);
    const partition = this.#parent();
    const request = PollRequest.encode({ partition, request: poll.request, forwardedFrom: this.#name() });
    const isWorkflow = this.#owner.identity.taskQueueType === TASK_QUEUE_TYPE_WORKFLOW;
    const method = isWorkflow ? 'PollWorkflowTaskQueue' : 'PollActivityTaskQueue';
    const cancellation = new Cancellation();
    const abort = (): void => cancellation.cancel();
    poll.abort = abort;
    const options = { deadlineMs: poll.expiresAtMs + EMPTY_POLL_BUDGET_MS, cancellation };
    this.#polls++;
    this.#environment.router.callMatching(partitionKey(partition), method, request, options).then(
      (response) => {
        this.#polls--;
        poll.abort = undefined;
        if (response.length > 0) {
          this.#owner.pollForwarded(poll, response);
        } else {
          poll.forwardable = false;
          this.#owner.polls.putBack(poll);
        }
        this.pump();
      },
      (error: unknown) => {
        this.#polls--;
        poll.abort = undefined;
        poll.forwardable = false;
        this.#failed(error);
        this.#owner.polls.putBack(poll);
      },
    );
  }

  /** The parent is loading, moving or overloaded: a pause before the next try. */
  #failed(error: unknown): void {
    this.#owner.metrics.forwardTaskErrors.add();
    this.#environment.logger.debug({ err: error, partition: this.#name() }, 'cannot forward to the parent partition');
    if (!this.#owner.closed) this.#pumpAfter(STORE_BACKOFF_FIRST_MS);
  }

  #parent(): PartitionIdentity {
    const { identity, settings } = this.#owner;
    const { namespaceId, taskQueue, taskQueueType } = identity;
    const partitionId = parentPartitionId(identity.partitionId, settings(FORWARDER_MAX_CHILDREN_PER_NODE)) ?? 0;
    return { namespaceId, taskQueue, taskQueueType, partitionId };
  }

  #name(): string {
    return partitionName(this.#owner.identity.taskQueue, this.#owner.identity.partitionId);
  }
}

function firstForwardable(matcher: Matcher): Poll | undefined {
  for (const poll of matcher.polls) if (poll.forwardable && !poll.gone) return poll;
  return undefined;
}
