// One public call on its way through the frontend: its request, its namespace, and the ways onward to history, matching and
// worker. Created by the dispatcher for each call. Main loop.

import { ApiRequest } from '#proto/ostinato/history/v1';
import { type Partition, PollRequest, TaskQueueApiRequest } from '#proto/ostinato/matching/v1';
import type { TaskToken } from '#proto/ostinato/token/v1';
import type { NamespaceRecord } from '#proto/ostinato/worker/v1';
import { ApiRequest as WorkerApiRequest } from '#proto/ostinato/worker/v1';
import { type BagItem, NOT_IN_BAG } from '../base/bag.ts';
import { GrpcCode, ServiceError } from '../base/service-error.ts';
import type { Setting, SettingValue } from '../config/dynamic-config.ts';
import type { ServerCall } from '../rpc/handler.ts';
import { Cancellation } from '../runtime/cancellation.ts';
import { readPartitions } from '../runtime/partition-choice.ts';
import type { CallOptions } from '../runtime/service.ts';
import type { HistoryMethod, MatchingMethod, WorkerMethod } from '../runtime/services.ts';
import { shardIdOf } from '../runtime/shard-id.ts';
import { partitionKey } from '../runtime/task-queue-partition.ts';
import { type FrontendServices, settingOf } from './frontend-services.ts';
import type { RpcInstruments } from './metrics.ts';
import type { RequestFields, Rpc } from './rpc.ts';

/** How long history and worker may take when the client sets no nearer deadline (client/history DefaultTimeout, v1.31). */
export const CALL_TIMEOUT_MS = 30_000;
/** Before the second attempt at an owner that is not there (common/util.go frontendHandlerRetryInitialInterval, v1.31). */
const RETRY_DELAY_MS = 200;
/** How long polls may take (client/matching DefaultLongPollTimeout, v1.31). */
const LONG_POLL_TIMEOUT_MS = 5 * 60_000;

const NO_BYTES = new Uint8Array(0);
const NO_FIELDS: RequestFields = {};

export class RpcCall implements BagItem {
  readonly rpc: Rpc;
  readonly server: ServerCall;
  readonly services: FrontendServices;
  /** The request as it arrived. Belongs to the transport until `keep` is called. */
  message: Uint8Array;
  request: RequestFields = NO_FIELDS;
  /** Name from the request, or of the token's namespace. Empty for calls about the whole server. */
  namespaceName = '';
  namespace: NamespaceRecord | undefined = undefined;
  /** The decoded task token, for methods that carry one. */
  taskToken: TaskToken | undefined = undefined;
  tokenNamespaceId = '';
  readonly startedMs: number;
  instruments: RpcInstruments | undefined = undefined;
  /** Gives back what a limiter of calls in progress counted. */
  release: (() => void) | undefined = undefined;
  finished = false;
  bagSlot = NOT_IN_BAG;
  /** Set by the dispatcher: ends the call. */
  onGone: ((call: RpcCall) => void) | undefined = undefined;
  private kept = false;
  /** A poll's partition, picked among several of this queue. */
  private pickedQueue = '';
  private pickedPartition = 0;
  private cancellation: Cancellation | undefined = undefined;

  constructor(rpc: Rpc, server: ServerCall, services: FrontendServices, message: Uint8Array) {
    this.rpc = rpc;
    this.server = server;
    this.services = services;
    this.message = message;
    this.startedMs = services.monotonicNowMs();
  }

  /** Before an await: takes the request out of the transport's buffer. */
  keep(): void {
    if (this.kept) return;
    this.kept = true;
    this.message = Uint8Array.prototype.slice.call(this.message);
    this.request = this.rpc.read(this.message);
  }

  /** Gives back what was counted while the call was in progress. The dispatcher's call, once. */
  finish(): void {
    this.finished = true;
    this.release?.();
    if (this.pickedQueue !== '') this.services.readPartitions.release(this.pickedQueue, this.pickedPartition);
  }

  /** The namespace of a method whose rule makes sure that there is one. */
  get namespaceId(): string {
    return this.namespace?.id ?? '';
  }

  setting<T extends SettingValue>(setting: Setting<T>): T {
    return settingOf(this.services, setting, this.namespaceName);
  }

  /** Absolute deadline on Clock.nowMs(): the client's, or `timeoutMs` from now if that is nearer. */
  deadlineMs(timeoutMs: number): number {
    return this.services.clock.nowMs() + Math.min(timeoutMs, this.remainingMs());
  }

  /** Until the client gives up; Infinity without a deadline. */
  remainingMs(): number {
    return this.server.deadlineMs - this.services.monotonicNowMs();
  }

  /** Hands the request, or `request` in its place, to the shard that owns the workflow. */
  toHistory(
    method: HistoryMethod,
    workflowId: string,
    request?: Uint8Array,
    options?: CallOptions,
  ): Promise<Uint8Array> {
    const { services, namespaceId } = this;
    const metadata = this.server.metadata;
    const shardId = shardIdOf(namespaceId, workflowId, services.shardCount);
    const envelope = ApiRequest.encode({
      namespaceId,
      request: request ?? this.message,
      clientName: metadata.get('client-name'),
      clientVersion: metadata.get('client-version'),
      supportedFeatures: metadata.get('supported-features'),
    });
    const callOptions = options ?? { deadlineMs: this.deadlineMs(CALL_TIMEOUT_MS) };
    return this.retried(() => services.router.callHistory(shardId, method, envelope, callOptions));
  }

  /** A call about a shard itself: the request as it came. */
  toShard(method: HistoryMethod, shardId: number): Promise<Uint8Array> {
    this.keep();
    const { router } = this.services;
    const options = { deadlineMs: this.deadlineMs(CALL_TIMEOUT_MS) };
    return this.retried(() => router.callHistory(shardId, method, this.message, options));
  }

  /** One more attempt when the owner was not there, as between two owners of a shard (CreateFrontendHandlerRetryPolicy, v1.31). */
  private retried(attempt: () => Promise<Uint8Array>): Promise<Uint8Array> {
    return attempt().catch((error: unknown) => {
      const unavailable = error instanceof ServiceError && error.code === GrpcCode.UNAVAILABLE;
      if (!unavailable || this.server.cancelled || this.remainingMs() <= RETRY_DELAY_MS) throw error;
      const { promise, resolve } = Promise.withResolvers<void>();
      this.services.clock.after(RETRY_DELAY_MS, resolve);
      return promise.then(attempt);
    });
  }

  /** The same for a call that waits: its cancellation follows the client's at once. */
  toHistoryWaiting(
    method: HistoryMethod,
    workflowId: string,
    request?: Uint8Array,
    timeoutMs?: number,
  ): Promise<Uint8Array> {
    return this.toHistory(method, workflowId, request, this.waitingOptions(timeoutMs ?? CALL_TIMEOUT_MS));
  }

  /** A poll, at the queue's partition that has the fewest from this host; one that names a partition goes there. */
  poll(method: MatchingMethod, partition: Partition, request?: Uint8Array): Promise<Uint8Array> {
    if (partition.sticky || partition.partitionId !== 0) return this.pollPartition(method, partition, request);
    const { taskQueue, taskQueueType } = partition;
    const count = readPartitions(this.services.dynamicConfig, {
      namespace: this.namespaceName,
      taskQueue,
      taskQueueType,
    });
    if (count === 1) return this.pollPartition(method, partition, request);
    this.pickedQueue = partitionKey(partition);
    this.pickedPartition = this.services.readPartitions.pick(this.pickedQueue, count);
    return this.pollPartition(method, { ...partition, partitionId: this.pickedPartition }, request);
  }

  private pollPartition(method: MatchingMethod, partition: Partition, request?: Uint8Array): Promise<Uint8Array> {
    const pollerId = this.services.newUuid();
    const envelope = PollRequest.encode({ partition, request: request ?? this.message, pollerId });
    // Nobody reads it again, and polls wait by the thousand for a minute.
    this.message = NO_BYTES;
    this.request = NO_FIELDS;
    const options = this.waitingOptions(LONG_POLL_TIMEOUT_MS);
    return this.services.router.callMatching(partitionKey(partition), method, envelope, options);
  }

  /** A request about a task queue. */
  toMatching(method: MatchingMethod, partition: Partition, request?: Uint8Array): Promise<Uint8Array> {
    const { router } = this.services;
    const envelope = TaskQueueApiRequest.encode({
      namespaceId: this.namespaceId,
      partition,
      request: request ?? this.message,
    });
    const options = { deadlineMs: this.deadlineMs(CALL_TIMEOUT_MS) };
    return this.retried(() => router.callMatching(partitionKey(partition), method, envelope, options));
  }

  toWorker(method: WorkerMethod, request?: Uint8Array): Promise<Uint8Array> {
    const { router } = this.services;
    const envelope = WorkerApiRequest.encode({ namespaceId: this.namespaceId, request: request ?? this.message });
    const options = { deadlineMs: this.deadlineMs(CALL_TIMEOUT_MS) };
    return this.retried(() => router.callWorker(method, envelope, options));
  }

  waitingOptions(timeoutMs: number): CallOptions {
    return { deadlineMs: this.deadlineMs(timeoutMs), cancellation: this.cancelled() };
  }

  /** When the client cancels or goes, its deadline passes, or the frontend stops. */
  private cancelled(): Cancellation {
    if (this.cancellation !== undefined) return this.cancellation;
    this.cancellation = new Cancellation();
    this.services.waitingCalls.add(this);
    this.server.onCancel(() => this.gone());
    if (this.server.cancelled) this.gone();
    return this.cancellation;
  }

  private gone(): void {
    this.abort();
    this.onGone?.(this);
  }

  /** Tells whoever works for this call that nobody waits for it any more. */
  abort(): void {
    this.cancellation?.cancel();
  }
}
