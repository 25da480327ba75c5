// One task-queue partition in memory: takes tasks, polls and queries, matches them at once where it can, keeps the rest, and
// sees every pair through to its end. Loaded by the registry, unloaded when idle or taken over. Matching thread.

import { AddTaskResponse, type Partition as PartitionMessage } from '#proto/ostinato/matching/v1';
import { type PollerInfo, TaskQueueConfig } from '#proto/temporal/api/taskqueue/v1';
import { type MaybePromise, whenReady } from '../base/maybe-promise.ts';
import { unavailable } from '../proto/service-errors.ts';
import type { TimerHandle } from '../runtime/clock.ts';
import { NUM_READ_PARTITIONS } from '../runtime/partition-choice.ts';
import type { Offer } from '../runtime/poll-board.ts';
import type { Seal } from '../runtime/seals.ts';
import type { CallContext } from '../runtime/service.ts';
import { type PartitionIdentity, partitionKey, TASK_QUEUE_TYPE_WORKFLOW } from '../runtime/task-queue-partition.ts';
import { BacklogGauges } from './backlog-gauges.ts';
import { Backlogs, type BacklogsOwner } from './backlogs.ts';
import type { MatchingEnvironment } from './environment.ts';
import { ExpirySweep } from './expiry-sweep.ts';
import { fetchConfig, loadChildren } from './family.ts';
import { Forwarder, type ForwarderOwner } from './forwarder.ts';
import { EMPTY_POLL_BUDGET_MS, STARTED_TASK_HOLD_MS } from './limits.ts';
import { Matcher, type MatcherOwner } from './matcher.ts';
import { type PartitionMetrics, partitionMetrics } from './metrics.ts';
import { PartitionOffers } from './partition-offers.ts';
import { PartitionPolls, type PollArrival } from './partition-polls.ts';
import { PartitionQueries } from './partition-queries.ts';
import { partitionSettings, type SettingReader } from './partition-settings.ts';
import { EMPTY_POLL_RESPONSE, type Poll } from './poll.ts';
import { completePollResponse } from './poll-response.ts';
import { PollerScaling } from './poller-scaling.ts';
import { DEFAULT_LEVEL } from './priority.ts';
import { RateLimiter } from './rate-limiter.ts';
import { ReturnedTasks } from './returned-tasks.ts';
import {
  MAX_TASK_QUEUE_IDLE_TIME,
  NAMESPACE_DISPATCH_RATE,
  POLLER_HISTORY_TTL,
  TASK_QUEUE_DISPATCH_RATE,
} from './settings.ts';
import { classifyStartFailure } from './start-failure.ts';
import { type Matchable, type QueryTask, StartedTask, type Task } from './task.ts';
import { TaskRates } from './task-rates.ts';
import { type StartOwner, startQuery, startTask } from './task-starter.ts';

const SYNC_MATCHED = AddTaskResponse.encode({ syncMatched: true });
const NOT_SYNC_MATCHED = AddTaskResponse.encode({});

/** Tasks added after so long without a poller are counted. Temporal: noPollerThreshold. */
const NO_POLLER_METRIC_AFTER_MS = 120_000;

export type UnloadReason = 'idle' | 'fenced' | 'shutdown' | 'worker left' | 'namespace deleted';

/** Who keeps the partitions. */
export interface PartitionHome {
  unloaded(partition: TaskQueuePartition, reason: UnloadReason): void;
  /** The root of the normal queue that a sticky queue belongs to, if it is in memory. */
  normalQueueOf(sticky: PartitionMessage): TaskQueuePartition | undefined;
}

export class TaskQueuePartition implements MatcherOwner, BacklogsOwner, StartOwner, ForwarderOwner {
  readonly identity: PartitionIdentity;
  readonly key: string;
  readonly sticky: boolean;
  readonly settings: SettingReader;
  readonly metrics: PartitionMetrics;
  readonly rates = new TaskRates();
  readonly limiter: RateLimiter;
  readonly backlogs: Backlogs;
  readonly polls: PartitionPolls;
  readonly offers: PartitionOffers | undefined;
  readonly #matcher: Matcher;
  readonly #queries: PartitionQueries;
  readonly #returned: ReturnedTasks;
  readonly #gauges: BacklogGauges;
  readonly #sweep: ExpirySweep;
  readonly #scaling: PollerScaling;
  /** Only child partitions have one. */
  readonly #forwarder: Forwarder | undefined;
  readonly #environment: MatchingEnvironment;
  readonly #message: PartitionMessage;
  readonly #home: PartitionHome;
  readonly #loadedMs: number;
  #config = TaskQueueConfig.decode(new Uint8Array(0));
  #aliveMs: number;
  #idleTimer: TimerHandle | undefined;
  #closed = false;

  constructor(message: PartitionMessage, environment: MatchingEnvironment, home: PartitionHome) {
    const { clock, namespaces } = environment;
    this.#message = message;
    this.#environment = environment;
    this.#home = home;
    this.identity = message;
    this.key = partitionKey(message);
    this.sticky = message.sticky;
    const familyName = message.sticky ? message.normalName : message.taskQueue;
    this.settings = partitionSettings(environment, message, familyName);
    this.metrics = partitionMetrics(environment.metrics, {
      namespace: namespaces.byId(message.namespaceId)?.name ?? '_unknown_',
      taskqueue: familyName,
      task_type: message.taskQueueType === TASK_QUEUE_TYPE_WORKFLOW ? 'Workflow' : 'Activity',
      partition: message.sticky ? '__sticky__' : String(message.partitionId),
    });
    this.limiter = new RateLimiter(this.#systemRate(), this.settings(NUM_READ_PARTITIONS));
    this.backlogs = new Backlogs(this, environment);
    this.#gauges = new BacklogGauges(clock, this.backlogs, this.metrics);
    this.#matcher = new Matcher(clock, this.limiter, this);
    // History adds its tasks to roots and sticky queues only.
    const { offers } = environment;
    if (offers !== undefined && message.partitionId === 0) {
      const isNothingWaiting = () => !this.#closed && this.#matcher.waiting === 0 && this.backlogs.count === 0;
      this.offers = new PartitionOffers(offers, this.key, this.limiter, isNothingWaiting);
    }
    this.polls = new PartitionPolls({
      clock,
      matcher: this.#matcher,
      offers: this.offers,
      metrics: this.metrics,
      settings: this.settings,
      expiry: environment.expiry,
    });
    this.#queries = new PartitionQueries(clock, environment.queries, this.#matcher, this.polls, this.settings);
    this.#returned = new ReturnedTasks(clock, (task) => this.#offerAgain(task));
    this.#sweep = new ExpirySweep(clock, this.#matcher, (task) => this.expired(task));
    this.#scaling = new PollerScaling(this.settings);
    const isChild = !message.sticky && message.partitionId !== 0;
    this.#forwarder = isChild ? new Forwarder(environment, this, this.#matcher) : undefined;
    this.#loadedMs = clock.nowMs();
    this.#aliveMs = this.#loadedMs;
  }

  get namespaceId(): string {
    return this.identity.namespaceId;
  }

  /** Sticky queues are no roots: they are no part of their normal queue's tree. */
  get isRoot(): boolean {
    return !this.sticky && this.identity.partitionId === 0;
  }

  get closed(): boolean {
    return this.#closed;
  }

  get config(): TaskQueueConfig {
    return this.#config;
  }

  load(): MaybePromise<void> {
    return whenReady(this.backlogs.open(), (config) => {
      if (this.#closed) return;
      if (config.length > 0) this.applyConfig(TaskQueueConfig.decode(config));
    });
  }

  /** Calls can reach it from now on. */
  begin(): void {
    this.#scheduleIdleCheck();
    if (this.backlogs.count > 0) this.#gauges.changed();
    this.backlogs.startReading();
    if (this.isRoot) loadChildren(this.#environment, this.identity, this.settings(NUM_READ_PARTITIONS));
    else if (!this.sticky) fetchConfig(this.#environment, this.identity, (config) => this.applyConfig(config));
  }

  addTask(task: Task): MaybePromise<Uint8Array> {
    const nowMs = this.#environment.clock.nowMs();
    this.#aliveMs = nowMs;
    this.rates.added(task.level, nowMs);
    if (this.isRoot && nowMs - this.#loadedMs > NO_POLLER_METRIC_AFTER_MS) {
      if (!this.polls.hasPollerAfter(nowMs - NO_POLLER_METRIC_AFTER_MS)) this.metrics.noPollerTasks.add();
    }
    return new Promise((resolve, reject) => {
      task.add = { resolve, reject };
      const poll = this.#matcher.takePoll(task);
      if (poll !== undefined) this.start(task, poll);
      else if (this.#forwarder?.offer(task) !== true) this.backlogs.append(task);
    });
  }

  /** A task that history started for one of these polls by itself. One that has come before is not handed out twice. */
  handOver(task: Task, offer: Offer, response: Uint8Array): void {
    const poll = this.#environment.offers?.redeem(this.key, offer);
    if (poll === undefined) return;
    const nowMs = this.#environment.clock.nowMs();
    this.#aliveMs = nowMs;
    this.rates.added(task.level, nowMs);
    this.limiter.consume(nowMs);
    poll.queue?.remove(poll);
    this.started(task, poll, response);
    this.offers?.refill(this.#matcher.polls);
  }

  /** History has no task for the poll after all: it waits on. */
  pollReturned(offer: Offer): void {
    const poll = this.#environment.offers?.redeem(this.key, offer);
    if (poll !== undefined) this.#matcher.claimReturned(poll);
  }

  /** From a child partition, which keeps the task. One from its backlog may wait here, if this is the root. */
  addForwardedTask(task: Task, fromBacklog: boolean, call: CallContext): MaybePromise<Uint8Array> {
    const { clock } = this.#environment;
    this.#aliveMs = clock.nowMs();
    this.metrics.forwarded.add();
    return new Promise((resolve, reject) => {
      task.add = { resolve, reject };
      const poll = this.#matcher.takePoll(task);
      if (poll !== undefined) {
        this.start(task, poll);
        return;
      }
      if (this.#forwarder?.offer(task) === true) return;
      if (!fromBacklog || !this.isRoot) {
        this.#answerAdd(task, NOT_SYNC_MATCHED);
        return;
      }
      const giveUp = (): void => {
        const removed = this.#matcher.removeTasks((waiting) => waiting === task);
        if (removed.length > 0) this.#answerAdd(task, NOT_SYNC_MATCHED);
      };
      call.onCancel(giveUp);
      const waitMs = call.deadlineMs - this.#aliveMs - EMPTY_POLL_BUDGET_MS;
      if (waitMs !== Number.POSITIVE_INFINITY) {
        const timer = clock.after(waitMs, giveUp);
        task.add = {
          resolve: (response) => {
            timer.cancel();
            resolve(response);
          },
          reject,
        };
      }
      this.#matcher.addTask(task);
    });
  }

  poll(arrival: PollArrival, call: CallContext): MaybePromise<Uint8Array> {
    const nowMs = this.#environment.clock.nowMs();
    this.#aliveMs = nowMs;
    this.limiter.setSystemRate(this.#systemRate(), this.settings(NUM_READ_PARTITIONS), nowMs);
    if (this.limiter.setWorkerRate(arrival.details.ratePerSecond, nowMs)) this.#matcher.rateChanged();
    if (arrival.forwardedFrom !== '') this.metrics.forwarded.add();
    const answer = this.polls.arrive(arrival, call);
    this.#forwarder?.pump();
    return answer;
  }

  query(query: QueryTask): Promise<Uint8Array> {
    const nowMs = this.#environment.clock.nowMs();
    this.#aliveMs = nowMs;
    if (!query.forwarded) this.rates.added(query.level, nowMs);
    const answer = this.#queries.ask(query);
    this.#forwarder?.pump();
    return answer;
  }

  // MatcherOwner

  /** The poll was seen alive in this very turn: from here on the task may be started for it. */
  start(task: Matchable, poll: Poll): void {
    if (task.kind === 'task') startTask(this.#environment, this, task, poll);
    else if (task.kind === 'query') startQuery(this.#environment, this, task, poll);
    else this.#takeOver(task, poll);
  }

  expired(task: Task): void {
    this.metrics.tasksExpired.add();
    this.#finish(task);
  }

  // StartOwner

  started(task: Task, poll: Poll, response: Uint8Array): void {
    const nowMs = this.#environment.clock.nowMs();
    if (task.backlog === undefined) {
      this.metrics.pollSuccessSync.add();
      this.metrics.syncMatchLatency.record(nowMs - task.arrivedMs);
    } else {
      this.metrics.asyncMatchLatency.record(nowMs - task.createdMs);
    }
    this.metrics.pollSuccess.add();
    this.metrics.taskDispatchLatency.record(nowMs - task.createdMs);
    this.#countMatch(task.forwarded, poll.forwardedFrom !== '');
    this.#finish(task);
    this.#deliver(task, poll, response);
  }

  startFailed(task: Task, poll: Poll, error: unknown): void {
    if (!task.forwarded) this.limiter.refund(this.#environment.clock.nowMs());
    const failure = classifyStartFailure(error, task.attempts);
    if (failure === 'obsolete') {
      this.#finish(task);
    } else if (failure === 'poisoned') {
      const { workflowId, runId, scheduledEventId } = task;
      const fields = { err: error, taskQueue: this.key, workflowId, runId, scheduledEventId };
      this.#environment.logger.error(fields, 'dropping a task that history cannot start');
      this.metrics.nonRetryableTasks.add();
      this.#finish(task);
    } else {
      this.#takeBack(task);
    }
    if (failure === 'overloaded') poll.fail(error as Error);
    else this.polls.putBack(poll);
  }

  queryPrepared(query: QueryTask, poll: Poll, response: Uint8Array): void {
    if (!poll.gone) {
      this.metrics.pollSuccessSync.add();
      this.metrics.pollSuccess.add();
      this.#countMatch(query.forwarded, poll.forwardedFrom !== '');
      this.#deliver(query, poll, response);
      return;
    }
    // The worker left meanwhile: the query waits for another one.
    poll.answer(EMPTY_POLL_RESPONSE);
    if (this.#environment.queries.has(query.queryId) && !this.#closed) this.#matcher.addQuery(query);
  }

  queryFailed(query: QueryTask, poll: Poll, error: unknown): void {
    this.limiter.refund(this.#environment.clock.nowMs());
    this.#environment.queries.fail(query.queryId, error as Error);
    this.polls.putBack(poll);
  }

  // ForwarderOwner

  get oldestBacklogMs(): number | undefined {
    return this.backlogs.oldestCreatedMs;
  }

  /** Counted as dispatched where the poll came in. */
  forwarded(task: Task): void {
    this.#finish(task);
  }

  notForwarded(task: Task): void {
    if (!task.forwarded) this.limiter.refund(this.#environment.clock.nowMs());
    if (task.backlog === undefined) {
      this.#takeBack(task);
    } else if (!this.#closed) {
      // The forwarder's own rate is pause enough.
      this.#returned.keep(task);
      this.#matcher.returnTask(task);
    }
  }

  /** The parent answered it completely. */
  pollForwarded(poll: Poll, response: Uint8Array): void {
    // Its task's priority is not known here.
    this.rates.dispatched(DEFAULT_LEVEL, this.#environment.clock.nowMs());
    poll.answer(response);
  }

  // BacklogsOwner

  offer(task: Task): void {
    if (this.#closed) return;
    this.#matcher.addTask(task);
    this.#sweep.watch(task.expiresAtMs);
    this.#forwarder?.pump();
  }

  stored(task: Task): void {
    this.#gauges.changed();
    this.#answerAdd(task, NOT_SYNC_MATCHED);
  }

  storeFailed(task: Task, error: Error): void {
    const add = task.add;
    task.add = undefined;
    add?.reject(error);
  }

  fenced(): void {
    this.unload('fenced');
  }

  describe(): { readonly partition: PartitionMessage; readonly config: Uint8Array } {
    return { partition: this.#message, config: TaskQueueConfig.encode(this.#config) };
  }

  /** Makes a new configuration durable, then applies it. */
  async saveConfig(config: TaskQueueConfig): Promise<void> {
    const previous = this.#config;
    this.#config = config;
    try {
      await this.backlogs.saveInfo();
    } catch (error) {
      this.#config = previous;
      throw error;
    }
    this.applyConfig(config);
  }

  applyConfig(config: TaskQueueConfig): void {
    this.#config = config;
    this.limiter.setApiRate(config.queueRateLimit?.rateLimit?.requestsPerSecond, this.#environment.clock.nowMs());
    this.#matcher.rateChanged();
  }

  /** Of this queue, or of a sticky queue whose worker left. */
  hold(task: StartedTask): void {
    if (!this.#closed && this.#matcher.addStarted(task)) this.#sweep.watch(task.expiresAtMs);
  }

  pollerInfos(): PollerInfo[] {
    return this.polls.history.list(this.#environment.clock.nowMs() - this.settings(POLLER_HISTORY_TTL));
  }

  unload(reason: UnloadReason): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#idleTimer?.cancel();
    this.#sweep.close();
    this.#returned.close();
    this.#forwarder?.close();
    this.#matcher.stop();
    this.backlogs.close(reason !== 'fenced' && reason !== 'namespace deleted');
    this.polls.close();
    for (const task of this.#matcher.removeTasks(() => true)) {
      if (task.kind === 'query') this.#environment.queries.fail(task.queryId, unavailable('task queue was unloaded'));
      else if (task.kind === 'task') this.#answerAdd(task, NOT_SYNC_MATCHED);
    }
    this.#gauges.close();
    this.#home.unloaded(this, reason);
  }

  /** The worker may have gone while history recorded the start: then another one gets the task. */
  #deliver(task: Matchable, poll: Poll, response: Uint8Array): void {
    if (poll.gone) {
      poll.answer(EMPTY_POLL_RESPONSE);
      if (task.kind !== 'query') this.#hold(poll.workerVersion, response, task.seal);
      return;
    }
    const nowMs = this.#environment.clock.nowMs();
    const { backlogs } = this;
    // Where the poll was forwarded from, it is counted.
    if (poll.forwardedFrom === '') this.rates.dispatched(task.level, nowMs);
    const pollersDelta = this.#scaling.decide(poll.arrivedMs, nowMs, {
      isRoot: this.isRoot,
      pollers: this.polls.history.size,
      backlog: () => ({ count: backlogs.count, ageMs: nowMs - (backlogs.oldestCreatedMs ?? nowMs) }),
      rates: () => this.rates.total(nowMs),
    });
    poll.call.seal = task.seal;
    poll.answer(completePollResponse(response, this.identity.taskQueueType, backlogs.count, pollersDelta));
  }

  /** A worker without the run in its cache fetches what a sticky queue's answer leaves out. */
  #hold(workerVersion: string, response: Uint8Array, seal: Seal | undefined): void {
    const expiresAtMs = this.#environment.clock.nowMs() + STARTED_TASK_HOLD_MS;
    const keeper = this.sticky ? this.#home.normalQueueOf(this.#message) : this;
    keeper?.hold(new StartedTask(response, seal, workerVersion, expiresAtMs));
  }

  #takeOver(task: StartedTask, poll: Poll): void {
    // A worker of another version must not run it, and no seal is known where a poll was forwarded from: it is left to its timeout.
    const isItsPoll =
      task.workerVersion === poll.workerVersion && (task.seal === undefined || poll.forwardedFrom === '');
    if (isItsPoll) this.#deliver(task, poll, task.response);
    else this.polls.putBack(poll);
  }

  /** The task is with a worker or no longer wanted. */
  #finish(task: Task): void {
    if (task.backlog !== undefined) {
      task.backlog.done(task);
      this.#gauges.changed();
      if (this.#returned.open > 0) this.#returned.done(task);
    }
    this.#answerAdd(task, SYNC_MATCHED);
  }

  /** The task was not started: it must not get lost. */
  #takeBack(task: Task): void {
    this.metrics.taskRewrites.add();
    if (task.backlog === undefined) {
      // A forwarded task is durable where it came from.
      if (task.forwarded) this.#answerAdd(task, NOT_SYNC_MATCHED);
      else this.backlogs.append(task);
    } else if (!this.#closed) {
      this.#returned.add(task);
    }
  }

  #offerAgain(task: Task): void {
    this.#matcher.returnTask(task);
    this.#sweep.watch(task.expiresAtMs);
    this.#forwarder?.pump();
  }

  #answerAdd(task: Task, response: Uint8Array): void {
    const add = task.add;
    if (add === undefined) return;
    task.add = undefined;
    add.resolve(response);
  }

  #countMatch(taskForwarded: boolean, pollForwarded: boolean): void {
    const { remoteToRemote, remoteToLocal, localToRemote, localToLocal } = this.metrics;
    const counter = taskForwarded
      ? pollForwarded
        ? remoteToRemote
        : remoteToLocal
      : pollForwarded
        ? localToRemote
        : localToLocal;
    counter.add();
  }

  #systemRate(): number {
    return Math.min(this.settings(NAMESPACE_DISPATCH_RATE), this.settings(TASK_QUEUE_DISPATCH_RATE));
  }

  #scheduleIdleCheck(): void {
    const idleMs = this.settings(MAX_TASK_QUEUE_IDLE_TIME);
    const remainingMs = this.#aliveMs + idleMs - this.#environment.clock.nowMs();
    this.#idleTimer = this.#environment.clock.after(remainingMs > 0 ? remainingMs : idleMs, () => {
      const idle = this.#environment.clock.nowMs() - this.#aliveMs >= idleMs;
      // A returned task must not lose its request id: its start may have been recorded.
      const busy =
        this.polls.current > 0 ||
        this.backlogs.appending > 0 ||
        this.#returned.open > 0 ||
        this.#forwarder?.busy === true;
      if (idle && !busy) this.unload('idle');
      else this.#scheduleIdleCheck();
    });
  }
}
