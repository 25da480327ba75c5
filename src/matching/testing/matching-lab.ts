// A matching service under virtual time, with a memory store that may fail and a history that answers as the test says. It can
// be restarted over the same data, as a process would be. Tests only.

import {
  AddTaskRequest,
  AddTaskResponse,
  type PartitionInit,
  PollRequest,
  QueryRequest,
  QueryResponse,
  RespondQueryTaskCompletedRequest,
  TaskQueueApiRequest,
} from '#proto/ostinato/matching/v1';
import { NamespaceRecord } from '#proto/ostinato/worker/v1';
import {
  DescribeTaskQueueRequest,
  type DescribeTaskQueueRequestInit,
  DescribeTaskQueueResponse,
  PollActivityTaskQueueRequest,
  type PollActivityTaskQueueRequestInit,
  PollActivityTaskQueueResponse,
  PollWorkflowTaskQueueRequest,
  type PollWorkflowTaskQueueRequestInit,
  PollWorkflowTaskQueueResponse,
  RespondQueryTaskCompletedRequest as PublicRespondQueryTaskCompletedRequest,
  QueryWorkflowRequest,
  QueryWorkflowResponse,
  type RespondQueryTaskCompletedRequestInit,
} from '#proto/temporal/api/workflowservice/v1';
import type { DynamicConfig, Setting, SettingValue } from '../../config/dynamic-config.ts';
import { silentLogger } from '../../metrics/logger.ts';
import { noMetrics } from '../../metrics/metrics.ts';
import { MemoryStoreFactory } from '../../persistence/memory/factory.ts';
import type { MemoryStoreOptions } from '../../persistence/memory/fault-gate.ts';
import { createPollBoard } from '../../runtime/poll-board.ts';
import type { Router } from '../../runtime/router.ts';
import type { MatchingMethod } from '../../runtime/services.ts';
import {
  partitionKey,
  TASK_QUEUE_TYPE_ACTIVITY,
  TASK_QUEUE_TYPE_WORKFLOW,
} from '../../runtime/task-queue-partition.ts';
import { VirtualClock } from '../../runtime/virtual-clock.ts';
import { createMatchingService, type MatchingService } from '../service.ts';
import { FakeHistory } from './fake-history.ts';
import { TestCall } from './test-call.ts';

export const NAMESPACE_ID = '11111111-2222-3333-4444-555555555555';

export interface TaskOptions {
  readonly partition?: Partial<PartitionInit> | undefined;
  readonly priorityKey?: number | undefined;
  readonly scheduleToStartTimeoutMs?: number | undefined;
  readonly shardId?: number | undefined;
  /** Of a start that history has tried by itself. */
  readonly triedRequestId?: string | undefined;
}

export class MatchingLab {
  readonly clock = new VirtualClock();
  readonly history = new FakeHistory();
  readonly settings = new Map<string, SettingValue>();
  stores: MemoryStoreFactory;
  service: MatchingService;
  /** Shared with whatever claims polls as a history thread of this process. */
  readonly pollBoard = createPollBoard();
  #ids = 0;

  constructor(options: MemoryStoreOptions = {}) {
    this.stores = new MemoryStoreFactory(options);
    this.service = this.#create();
  }

  /** The process dies and comes back over the same data. */
  async restart(options: MemoryStoreOptions = {}): Promise<void> {
    this.stores.crash();
    await this.clock.settle();
    this.stores = this.stores.reopen(options);
    this.service = this.#create();
  }

  /** A second owner over the same data: the first is fenced. */
  secondOwner(): MatchingService {
    return this.#create(createPollBoard());
  }

  call(method: MatchingMethod, request: Uint8Array, call: TestCall = new TestCall()): Promise<Uint8Array> {
    return this.callOn(this.service, method, request, call);
  }

  /** Everything that needs no time is done when this returns its promise's answer. */
  async callOn(
    service: MatchingService,
    method: MatchingMethod,
    request: Uint8Array,
    call: TestCall = new TestCall(),
  ): Promise<Uint8Array> {
    const answer = Promise.resolve(service.handlers[method](request, call, 0));
    answer.catch(() => {});
    await this.clock.settle();
    return answer;
  }

  async addWorkflowTask(workflowId: string, options: TaskOptions = {}): Promise<AddTaskResponse> {
    return AddTaskResponse.decode(
      await this.call('AddWorkflowTask', this.taskRequest(TASK_QUEUE_TYPE_WORKFLOW, workflowId, options)),
    );
  }

  async addActivityTask(workflowId: string, options: TaskOptions = {}): Promise<AddTaskResponse> {
    return AddTaskResponse.decode(
      await this.call('AddActivityTask', this.taskRequest(TASK_QUEUE_TYPE_ACTIVITY, workflowId, options)),
    );
  }

  taskRequest(taskQueueType: number, workflowId: string, options: TaskOptions = {}): Uint8Array {
    return AddTaskRequest.encode({
      partition: this.partition(taskQueueType, options.partition),
      execution: { workflowId, runId: 'run' },
      scheduledEventId: 5,
      shardId: options.shardId ?? 1,
      createdTime: this.clock.nowMs(),
      scheduleToStartTimeout: options.scheduleToStartTimeoutMs,
      startRequestId: options.triedRequestId,
      priority: options.priorityKey === undefined ? undefined : { priorityKey: options.priorityKey },
    });
  }

  async pollWorkflow(
    call: TestCall = new TestCall(),
    request: PollWorkflowTaskQueueRequestInit = {},
    partition: Partial<PartitionInit> = {},
  ): Promise<PollWorkflowTaskQueueResponse> {
    const bytes = PollRequest.encode({
      partition: this.partition(TASK_QUEUE_TYPE_WORKFLOW, partition),
      request: PollWorkflowTaskQueueRequest.encode({ identity: 'worker', ...request }),
      pollerId: String(++this.#ids),
    });
    return PollWorkflowTaskQueueResponse.decode(await this.call('PollWorkflowTaskQueue', bytes, call));
  }

  async pollActivity(
    call: TestCall = new TestCall(),
    request: PollActivityTaskQueueRequestInit = {},
    partition: Partial<PartitionInit> = {},
  ): Promise<PollActivityTaskQueueResponse> {
    const bytes = PollRequest.encode({
      partition: this.partition(TASK_QUEUE_TYPE_ACTIVITY, partition),
      request: PollActivityTaskQueueRequest.encode({ identity: 'worker', ...request }),
      pollerId: String(++this.#ids),
    });
    return PollActivityTaskQueueResponse.decode(await this.call('PollActivityTaskQueue', bytes, call));
  }

  /** Undefined for a sticky queue without a worker. */
  async query(
    workflowId: string,
    call: TestCall = new TestCall(),
    partition: Partial<PartitionInit> = {},
  ): Promise<QueryWorkflowResponse | undefined> {
    const bytes = QueryRequest.encode({
      partition: this.partition(TASK_QUEUE_TYPE_WORKFLOW, partition),
      execution: { workflowId, runId: 'run' },
      shardId: 1,
      request: QueryWorkflowRequest.encode({ query: { queryType: 'state' } }),
    });
    const answer = QueryResponse.decode(await this.call('QueryWorkflow', bytes, call));
    return answer.stickyWorkerUnavailable ? undefined : QueryWorkflowResponse.decode(answer.response);
  }

  async respondQuery(taskId: string, request: RespondQueryTaskCompletedRequestInit): Promise<void> {
    const bytes = RespondQueryTaskCompletedRequest.encode({
      namespaceId: NAMESPACE_ID,
      taskQueue: 'queue',
      taskId,
      request: PublicRespondQueryTaskCompletedRequest.encode(request),
    });
    await this.call('RespondQueryTaskCompleted', bytes);
  }

  async describe(
    request: DescribeTaskQueueRequestInit = {},
    taskQueueType: number = TASK_QUEUE_TYPE_WORKFLOW,
    partition: Partial<PartitionInit> = {},
  ): Promise<DescribeTaskQueueResponse> {
    const bytes = this.apiRequest(DescribeTaskQueueRequest.encode(request), taskQueueType, partition);
    return DescribeTaskQueueResponse.decode(await this.call('DescribeTaskQueue', bytes));
  }

  async backlogCount(taskQueueType: number = TASK_QUEUE_TYPE_WORKFLOW): Promise<number> {
    const { taskQueueStatus } = await this.describe({ includeTaskQueueStatus: true }, taskQueueType);
    return taskQueueStatus?.backlogCountHint ?? 0;
  }

  apiRequest(request: Uint8Array, taskQueueType: number, partition: Partial<PartitionInit> = {}): Uint8Array {
    return TaskQueueApiRequest.encode({
      namespaceId: NAMESPACE_ID,
      partition: this.partition(taskQueueType, partition),
      request,
    });
  }

  partition(taskQueueType: number, partition: Partial<PartitionInit> = {}): PartitionInit {
    return { namespaceId: NAMESPACE_ID, taskQueue: 'queue', taskQueueType, ...partition };
  }

  partitionKey(taskQueueType: number, partitionId = 0): string {
    return partitionKey({ namespaceId: NAMESPACE_ID, taskQueue: 'queue', taskQueueType, partitionId });
  }

  #create(pollBoard = this.pollBoard): MatchingService {
    const namespace = NamespaceRecord.decode(NamespaceRecord.encode({ id: NAMESPACE_ID, name: 'default' }));
    const dynamicConfig: DynamicConfig = {
      get: <T extends SettingValue>(setting: Setting<T>) =>
        (this.settings.get(setting.key) ?? setting.defaultValue) as T,
    };
    const router: Router = {
      callHistory: (shardId, method, request, options) => this.history.call(shardId, method, request, options),
      callMatching: async (_key, method, request, options) => {
        const call = new TestCall(options?.deadlineMs);
        options?.cancellation?.listen({ onCancelled: () => call.cancel() });
        return service.handlers[method](request, call, 0);
      },
      tellMatching: () => false,
      sealer: 0,
      settleSeal: () => {},
      flush: () => {},
      callWorker: () => Promise.reject(new Error('matching never calls the worker service')),
    };
    const service = createMatchingService({
      router,
      store: this.stores.openTaskQueueStore(),
      clock: this.clock,
      logger: silentLogger,
      metrics: noMetrics,
      dynamicConfig,
      namespaces: {
        byId: (id) => (id === NAMESPACE_ID ? namespace : undefined),
        byName: (name) => (name === 'default' ? namespace : undefined),
        resolveName: () => namespace,
        resolveId: () => namespace,
        size: 1,
      },
      hostName: 'host-1',
      pollBoard,
      newId: () => `id-${++this.#ids}`,
    });
    service.start();
    return service;
  }
}
