// The History service of one thread: its shards, and the calls they answer. Entry: createHistoryService. History thread.

import { ApiRequest } from '#proto/ostinato/history/v1';
import { type MaybePromise, whenReady } from '../base/maybe-promise.ts';
import { GrpcCode, ServiceError } from '../base/service-error.ts';
import type { DynamicConfig } from '../config/dynamic-config.ts';
import type { Logger } from '../metrics/logger.ts';
import type { Metrics } from '../metrics/metrics.ts';
import type { NamespaceRegistry } from '../namespace/namespace-registry.ts';
import { type ExecutionStore, ShardFencedError, StoreUnavailableError } from '../persistence/index.ts';
import { unavailable, unimplemented } from '../proto/service-errors.ts';
import type { Clock } from '../runtime/clock.ts';
import { QuietMoments } from '../runtime/quiet-moments.ts';
import type { Router } from '../runtime/router.ts';
import type { Handler, ServiceHandlers } from '../runtime/service.ts';
import { HISTORY_METHODS, type HistoryMethod } from '../runtime/services.ts';
import { API_HANDLERS, SHARD_HANDLERS } from './api/index.ts';
import type { HistoryEngine } from './engine.ts';
import { HistoryMetrics } from './metrics.ts';
import { ParkedPolls } from './queues/parked-polls.ts';
import { startAhead } from './queues/start-ahead.ts';
import { timerExecutor } from './queues/timer-executor.ts';
import { transferExecutor } from './queues/transfer-executor.ts';
import { visibilityExecutor } from './queues/visibility-executor.ts';
import { VisibilitySender } from './queues/visibility-sender.ts';
import { AcknowledgementRounds } from './shard/acknowledgement-rounds.ts';
import { CommitPipeline } from './shard/commit-pipeline.ts';
import { QuietChores } from './shard/quiet-chores.ts';
import type { Shard } from './shard/shard.ts';
import { ShardHost } from './shard/shard-host.ts';

export interface HistoryServiceDeps {
  readonly store: ExecutionStore;
  readonly shardIds: readonly number[];
  readonly shardCount: number;
  readonly router: Router;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly dynamicConfig: DynamicConfig;
  readonly namespaces: NamespaceRegistry;
  readonly hostName: string;
  /** Where matching offers polls to this process's history threads, if it is in this process. */
  readonly pollBoard?: SharedArrayBuffer | undefined;
  /** Of the thread, if it has more than one service. */
  readonly moments?: QuietMoments | undefined;
  /** What the thread itself has to do in them. */
  readonly chores?: readonly (() => void)[] | undefined;
  /** Fresh unique ids; UUIDs unless a simulation replays them. */
  readonly newId?: (() => string) | undefined;
}

export interface HistoryService {
  readonly handlers: ServiceHandlers<HistoryMethod>;
  /** Resolves when all shards are loaded and resume what was in flight. */
  start(): Promise<void>;
  /** Finishes the writes in flight. */
  stop(): Promise<void>;
}

export function createHistoryService(deps: HistoryServiceDeps): HistoryService {
  const { clock, logger, namespaces, shardCount, hostName } = deps;
  const metrics = new HistoryMetrics(deps.metrics);
  const moments = deps.moments ?? new QuietMoments(clock);
  const chores = new QuietChores(moments, [...(deps.chores ?? []), ...choresOf(deps.store, logger)]);
  const pipeline = new CommitPipeline({
    ...{ store: deps.store, clock, metrics, moments, chores },
    flushMessages: () => deps.router.flush(),
  });
  const host: ShardHost = new ShardHost({
    store: deps.store,
    pipeline,
    acknowledgementRounds: new AcknowledgementRounds({ clock, moments, config: deps.dynamicConfig }),
    clock,
    config: deps.dynamicConfig,
    logger,
    metrics,
    namespaces,
    shardCount,
    owner: hostName,
    newId: deps.newId,
    executors: {
      transfer: (shard) => transferExecutor(engine)(shard),
      timer: (shard) => timerExecutor(engine)(shard),
      visibility: (shard) => visibilityExecutor(engine)(shard),
    },
    startAhead: (shard, task) => startAhead(engine, shard, task),
  });
  const engine: HistoryEngine = {
    host,
    router: deps.router,
    parkedPolls: new ParkedPolls(deps.router, deps.pollBoard),
    visibility: new VisibilitySender(deps.router, clock, moments),
    clock,
    config: deps.dynamicConfig,
    logger,
    metrics,
    namespaces,
    shardCount,
    hostName,
  };
  return {
    handlers: Object.fromEntries(
      HISTORY_METHODS.map((method) => [method, handlerOf(engine, method)]),
    ) as ServiceHandlers<HistoryMethod>,
    async start() {
      await host.start(deps.shardIds);
      metrics.shards.set(deps.shardIds.length);
    },
    stop: () => host.stop(),
  };
}

function choresOf(store: ExecutionStore, logger: Logger): (() => void)[] {
  if (store.rest === undefined) return [];
  return [
    () => {
      try {
        store.rest?.();
      } catch (error) {
        logger.warn({ err: error }, 'the store could not use a quiet moment');
      }
    },
  ];
}

function handlerOf(engine: HistoryEngine, method: HistoryMethod): Handler {
  const answer = answerOf(engine, method);
  const instruments = engine.metrics.operation(method);
  return (request, call, shardId) => {
    const startedMs = engine.clock.nowMs();
    instruments.requests.add();
    const answered = (response: Uint8Array) => {
      instruments.latency.record(engine.clock.nowMs() - startedMs);
      return response;
    };
    const failed = (cause: unknown): never => {
      const error = storeFailure(cause, method);
      engine.metrics.failed(method, error);
      throw error;
    };
    try {
      const response = answer(request, call, shardId);
      return response instanceof Promise ? response.then(answered, failed) : answered(response);
    } catch (error) {
      return failed(error);
    }
  };
}

/** A store that does not answer is no fault of the call: clients try again (Temporal: persistence errors become Unavailable). */
function storeFailure(cause: unknown, method: string): unknown {
  if (!(cause instanceof StoreUnavailableError || cause instanceof ShardFencedError)) return cause;
  const error = unavailable(`${method}: the store did not answer`);
  error.cause = cause;
  return error;
}

/**
 * Refusals that say how something stands: it may have been decided a moment ago and not be written yet (I2), or be over without our
 * knowledge, by a new owner of the shard.
 */
const STATES_FACTS: ReadonlySet<number> = new Set([
  GrpcCode.NOT_FOUND,
  GrpcCode.ALREADY_EXISTS,
  GrpcCode.FAILED_PRECONDITION,
]);

function refuseDurably(shard: Shard, answer: () => MaybePromise<Uint8Array>): MaybePromise<Uint8Array> {
  const refuse = (error: unknown): MaybePromise<never> => {
    if (!(error instanceof ServiceError) || !STATES_FACTS.has(error.code)) throw error;
    return whenReady(shard.unsettled(), () =>
      whenReady(shard.confirmOwned(), () => {
        throw error;
      }),
    );
  };
  try {
    const answered = answer();
    return answered instanceof Promise ? answered.catch(refuse) : answered;
  } catch (error) {
    return refuse(error);
  }
}

/** Calls that change nothing, and may wait. */
const READS: ReadonlySet<HistoryMethod> = new Set<HistoryMethod>([
  'DescribeWorkflowExecution',
  'GetWorkflowExecutionHistory',
  'GetWorkflowExecutionHistoryReverse',
  'PollWorkflowExecutionUpdate',
  'DescribeActivityExecution',
  'PollActivityExecution',
]);

/** The shard was lost under the call: it is asked again, so that whoever waits for an event notices nothing. */
function readOnceMore(answer: Handler): Handler {
  return async (request, call, shardId) => {
    try {
      return await answer(request, call, shardId);
    } catch (error) {
      if (!(error instanceof ServiceError) || error.code !== GrpcCode.UNAVAILABLE || call.cancelled) throw error;
      return answer(request, call, shardId);
    }
  };
}

function answerOf(engine: HistoryEngine, method: HistoryMethod): Handler {
  const api = API_HANDLERS[method];
  if (api !== undefined) {
    const answer: Handler = (request, call, shardId) =>
      whenReady(engine.host.shard(shardId), (shard) =>
        refuseDurably(shard, () => api(engine, shard, ApiRequest.decode(request), call)),
      );
    return READS.has(method) ? readOnceMore(answer) : answer;
  }
  const internal = SHARD_HANDLERS[method];
  if (internal !== undefined) {
    return (request, call, shardId) =>
      whenReady(engine.host.shard(shardId), (shard) =>
        refuseDurably(shard, () => internal(engine, shard, request, call)),
      );
  }
  return () => {
    throw unimplemented(`unknown method ${method}`);
  };
}
