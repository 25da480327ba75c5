// A History service on the memory store under virtual time, with a matching that only collects what it is handed. Tests only.

import {
  ApiRequest,
  RecordActivityTaskStartedRequest,
  RecordWorkflowTaskStartedRequest,
} from '#proto/ostinato/history/v1';
import {
  AddTaskRequest,
  AddTaskResponse,
  HandOverTaskRequest,
  QueryRequest,
  ReturnPollRequest,
} from '#proto/ostinato/matching/v1';
import type { NamespaceRecord } from '#proto/ostinato/worker/v1';
import { NamespaceRecord as NamespaceRecordCodec } from '#proto/ostinato/worker/v1';
import { EventTypeNames } from '#proto/temporal/api/enums/v1';
import { History, type HistoryEvent } from '#proto/temporal/api/history/v1';
import {
  GetWorkflowExecutionHistoryRequest,
  GetWorkflowExecutionHistoryResponse,
  PollActivityTaskQueueRequest,
  PollActivityTaskQueueResponse,
  PollWorkflowTaskQueueRequest,
  PollWorkflowTaskQueueResponse,
  RespondWorkflowTaskCompletedRequest,
  type RespondWorkflowTaskCompletedRequestInit,
  RespondWorkflowTaskCompletedResponse,
  StartWorkflowExecutionRequest,
  type StartWorkflowExecutionRequestInit,
  StartWorkflowExecutionResponse,
} from '#proto/temporal/api/workflowservice/v1';
import type { DynamicConfig, Setting, SettingValue } from '../../config/dynamic-config.ts';
import { LocalMetrics } from '../../metrics/local-metrics.ts';
import { silentLogger } from '../../metrics/logger.ts';
import type { NamespaceRegistry } from '../../namespace/namespace-registry.ts';
import type { ExecutionStore } from '../../persistence/index.ts';
import { namespaceNotFound, unavailable } from '../../proto/service-errors.ts';
import type { MessageCodec } from '../../proto/wire.ts';
import { createPollBoard, PollBoardWriter } from '../../runtime/poll-board.ts';
import type { Router } from '../../runtime/router.ts';
import type { CallContext } from '../../runtime/service.ts';
import type { HistoryMethod } from '../../runtime/services.ts';
import { VirtualClock } from '../../runtime/virtual-clock.ts';
import { createHistoryService, type HistoryService } from '../index.ts';

export const NAMESPACE_ID = '00000000-0000-4000-8000-000000000001';
const DAY_MS = 86_400_000;

export const testNamespace: NamespaceRecord = {
  ...NamespaceRecordCodec.decode(Buffer.alloc(0)),
  id: NAMESPACE_ID,
  name: 'test',
  state: 1,
  retention: 2 * DAY_MS,
};

export interface HistoryFixture {
  readonly clock: VirtualClock;
  readonly service: HistoryService;
  /** Tasks handed to matching and not taken yet. */
  readonly workflowTasks: AddTaskRequest[];
  readonly activityTasks: AddTaskRequest[];
  /** Records that went to visibility, encoded RecordVisibilityRequests. */
  readonly visibility: Uint8Array[];
  /** Settings for this test, by key. */
  /** Offers polls that a task may take without matching. */
  readonly polls: PollBoardWriter;
  /** What matching got under seals that are not settled, by the seal's id. */
  readonly sealed: ReadonlyMap<number, HandOverTaskRequest>;
  /** Seals of which matching heard before the turn was over. */
  readonly flushed: ReadonlySet<number>;
  /** What workers got. */
  readonly handedOver: HandOverTaskRequest[];
  readonly brokenSeals: HandOverTaskRequest[];
  readonly returnedPolls: ReturnPollRequest[];
  /** Queries that matching got; each is answered with nothing. */
  readonly queries: QueryRequest[];
  /** Whether such messages can be sent, and the calls between shards whose answers get lost. */
  readonly link: { isUp: boolean; loses: HistoryMethod | undefined };
  readonly settings: Map<string, SettingValue>;
  readonly metrics: LocalMetrics;
  call(method: HistoryMethod, request: Uint8Array): Promise<Uint8Array>;
  api(method: HistoryMethod, request: Uint8Array): Promise<Uint8Array>;
  /** A public call, decoded. */
  rpc<Q, QInit, R, RInit>(
    method: HistoryMethod,
    codecs: readonly [MessageCodec<Q, QInit>, MessageCodec<R, RInit>],
    request: QInit,
  ): Promise<R>;
  /** A public call that may wait: time is the caller's to move. */
  begin<Q, QInit, R, RInit>(
    method: HistoryMethod,
    codecs: readonly [MessageCodec<Q, QInit>, MessageCodec<R, RInit>],
    request: QInit,
    options?: WaitingCall,
  ): Promise<R>;
  start(request: StartWorkflowExecutionRequestInit): Promise<string>;
  /** Takes the oldest workflow task as a worker would. */
  pollWorkflowTask(): Promise<PollWorkflowTaskQueueResponse>;
  /** Takes the oldest activity task as a worker would. */
  pollActivityTask(): Promise<PollActivityTaskQueueResponse>;
  complete(request: RespondWorkflowTaskCompletedRequestInit): Promise<RespondWorkflowTaskCompletedResponse>;
  events(workflowId: string, runId?: string): Promise<HistoryEvent[]>;
  eventNames(workflowId: string, runId?: string): Promise<string[]>;
  stop(): Promise<void>;
}

export interface WaitingCall {
  readonly clientName?: string;
  readonly supportedFeatures?: string;
  readonly context?: Partial<CallContext>;
}

/** `matched`: matching has the task and answers once this resolves; at once without it. */
export async function historyFixture(
  store: ExecutionStore,
  clock = new VirtualClock(),
  matched?: () => Promise<void> | undefined,
): Promise<HistoryFixture> {
  const workflowTasks: AddTaskRequest[] = [];
  const activityTasks: AddTaskRequest[] = [];
  const visibility: Uint8Array[] = [];
  const handedOver: HandOverTaskRequest[] = [];
  const sealed = new Map<number, HandOverTaskRequest>();
  const flushed = new Set<number>();
  const brokenSeals: HandOverTaskRequest[] = [];
  const returnedPolls: ReturnPollRequest[] = [];
  const queries: QueryRequest[] = [];
  const link: HistoryFixture['link'] = { isUp: true, loses: undefined };
  const pollBoard = createPollBoard();
  const settings = new Map<string, SettingValue>();
  const metrics = new LocalMetrics('test');
  const config: DynamicConfig = {
    get: <T extends SettingValue>(setting: Setting<T>) =>
      (settings.get(setting.key) as T | undefined) ?? setting.defaultValue,
  };
  const namespaces: NamespaceRegistry = {
    byId: (id) => (id === NAMESPACE_ID ? testNamespace : undefined),
    byName: (name) => (name === testNamespace.name ? testNamespace : undefined),
    resolveId: (id) => {
      if (id !== NAMESPACE_ID) throw namespaceNotFound(id);
      return testNamespace;
    },
    resolveName: (name) => {
      if (name !== testNamespace.name) throw namespaceNotFound(name);
      return testNamespace;
    },
  };
  const context = { deadlineMs: Number.POSITIVE_INFINITY, cancelled: false, onCancel: () => {} };
  const router: Router = {
    callHistory: async (shardId, method, request) => {
      const answer = await service.handlers[method](request, context, shardId);
      if (link.loses === method) throw unavailable('the answer got lost');
      return answer;
    },
    callMatching: async (_key, method, request) => {
      if (method === 'AddWorkflowTask') workflowTasks.push(AddTaskRequest.decode(request));
      else if (method === 'AddActivityTask') activityTasks.push(AddTaskRequest.decode(request));
      else if (method === 'QueryWorkflow') queries.push(QueryRequest.decode(request));
      await matched?.();
      return AddTaskResponse.encode({});
    },
    tellMatching: (_key, method, message) => {
      if (!link.isUp) return false;
      if (method === 'ReturnPoll') {
        returnedPolls.push(ReturnPollRequest.decode(message));
        return true;
      }
      const task = HandOverTaskRequest.decode(message);
      if (task.sealed) sealed.set(task.offerId, task);
      else handedOver.push(task);
      return true;
    },
    sealer: 0,
    settleSeal: (id, holds) => {
      const task = sealed.get(id);
      if (task === undefined) throw new Error(`there is no seal ${id}`);
      sealed.delete(id);
      (holds ? handedOver : brokenSeals).push(task);
    },
    flush: () => {
      for (const [id] of sealed) flushed.add(id);
    },
    callWorker: async (_method, request) => {
      visibility.push(request);
      return Buffer.alloc(0);
    },
  };
  const service = createHistoryService({
    store,
    shardIds: [1],
    shardCount: 1,
    router,
    clock,
    logger: silentLogger,
    metrics,
    dynamicConfig: config,
    namespaces,
    hostName: 'test-host',
    pollBoard,
  });
  await service.start();

  /** Runs what the call has set in motion, deferred commits included, without moving time. */
  async function call(method: HistoryMethod, request: Uint8Array): Promise<Uint8Array> {
    const answer = Promise.resolve().then(() => service.handlers[method](request, context, 1));
    answer.catch(() => {});
    await clock.advance(0);
    return answer;
  }
  const api = (method: HistoryMethod, request: Uint8Array) =>
    call(method, ApiRequest.encode({ namespaceId: NAMESPACE_ID, request }));

  const begin: HistoryFixture['begin'] = async (method, [requestCodec, responseCodec], request, options = {}) => {
    const { clientName, supportedFeatures } = options;
    const encoded = ApiRequest.encode({
      namespaceId: NAMESPACE_ID,
      request: requestCodec.encode(request),
      clientName,
      supportedFeatures,
    });
    return responseCodec.decode(await service.handlers[method](encoded, { ...context, ...options.context }, 1));
  };

  /** What is written: no events of a workflow task that history does not have yet. */
  async function events(workflowId: string, runId = ''): Promise<HistoryEvent[]> {
    const found: HistoryEvent[] = [];
    let nextPageToken: Uint8Array | undefined;
    do {
      const answer: Promise<GetWorkflowExecutionHistoryResponse> = begin(
        'GetWorkflowExecutionHistory',
        [GetWorkflowExecutionHistoryRequest, GetWorkflowExecutionHistoryResponse],
        { execution: { workflowId, runId }, nextPageToken },
        { clientName: 'temporal-cli' },
      );
      answer.catch(() => {});
      await clock.advance(0);
      const page = await answer;
      found.push(...History.decode(page.history ?? Buffer.alloc(0)).events);
      nextPageToken = page.nextPageToken;
    } while (nextPageToken.length > 0);
    return found;
  }

  return {
    clock,
    service,
    workflowTasks,
    activityTasks,
    visibility,
    polls: new PollBoardWriter(pollBoard),
    sealed,
    flushed,
    handedOver,
    brokenSeals,
    returnedPolls,
    queries,
    link,
    settings,
    metrics,
    call,
    api,
    begin,
    async rpc(method, [requestCodec, responseCodec], request) {
      return responseCodec.decode(await api(method, requestCodec.encode(request)));
    },
    async start(request) {
      const encoded = StartWorkflowExecutionRequest.encode({
        namespace: testNamespace.name,
        workflowType: { name: 'test-workflow' },
        taskQueue: { name: 'test-queue' },
        requestId: `start-${request.workflowId}-${clock.nowMs()}`,
        ...request,
      });
      return StartWorkflowExecutionResponse.decode(await api('StartWorkflowExecution', encoded)).runId;
    },
    async pollWorkflowTask() {
      await clock.advance(0);
      const task = workflowTasks.shift();
      if (task === undefined) throw new Error('no workflow task was handed to matching');
      const response = await call(
        'RecordWorkflowTaskStarted',
        RecordWorkflowTaskStartedRequest.encode({
          namespaceId: NAMESPACE_ID,
          workflowId: task.execution?.workflowId,
          runId: task.execution?.runId,
          scheduledEventId: task.scheduledEventId,
          requestId: `poll-${task.scheduledEventId}`,
          stamp: task.stamp,
          pollRequest: PollWorkflowTaskQueueRequest.encode({
            identity: 'test-worker',
            taskQueue: { name: task.partition?.taskQueue, kind: task.partition?.sticky === true ? 2 : 1 },
          }),
        }),
      );
      return PollWorkflowTaskQueueResponse.decode(response);
    },
    async pollActivityTask() {
      await clock.advance(0);
      const task = activityTasks.shift();
      if (task === undefined) throw new Error('no activity task was handed to matching');
      const response = await call(
        'RecordActivityTaskStarted',
        RecordActivityTaskStartedRequest.encode({
          namespaceId: NAMESPACE_ID,
          workflowId: task.execution?.workflowId,
          runId: task.execution?.runId,
          scheduledEventId: task.scheduledEventId,
          requestId: `poll-${task.scheduledEventId}-${clock.nowMs()}`,
          stamp: task.stamp,
          pollRequest: PollActivityTaskQueueRequest.encode({
            identity: 'test-worker',
            taskQueue: { name: task.partition?.taskQueue },
          }),
        }),
      );
      return PollActivityTaskQueueResponse.decode(response);
    },
    async complete(request) {
      const encoded = RespondWorkflowTaskCompletedRequest.encode({ identity: 'test-worker', ...request });
      return RespondWorkflowTaskCompletedResponse.decode(await api('RespondWorkflowTaskCompleted', encoded));
    },
    events,
    async eventNames(workflowId, runId) {
      return (await events(workflowId, runId)).map(
        (event) => EventTypeNames.get(event.eventType) ?? String(event.eventType),
      );
    },
    async stop() {
      const stopped = service.stop();
      await clock.advance(0);
      await stopped;
    },
  };
}
