// A simulated SDK worker: polls for workflow and activity tasks, keeps a cache behind a sticky queue, answers queries and updates,
// and makes mistakes. It remembers nothing that an SDK would not.

import { CommandType, QueryResultType, TaskQueueKind, WorkflowTaskFailedCause } from '#proto/temporal/api/enums/v1';
import { Failure } from '#proto/temporal/api/failure/v1';
import { History, type HistoryEvent } from '#proto/temporal/api/history/v1';
import type { MessageInit } from '#proto/temporal/api/protocol/v1';
import { Acceptance, Rejection, Request, Response } from '#proto/temporal/api/update/v1';
import {
  GetWorkflowExecutionHistoryRequest,
  GetWorkflowExecutionHistoryResponse,
  PollActivityTaskQueueRequest,
  PollActivityTaskQueueResponse,
  PollWorkflowTaskQueueRequest,
  PollWorkflowTaskQueueResponse,
  RecordActivityTaskHeartbeatRequest,
  RecordActivityTaskHeartbeatResponse,
  RespondActivityTaskCanceledRequest,
  RespondActivityTaskCanceledResponse,
  RespondActivityTaskCompletedRequest,
  RespondActivityTaskCompletedResponse,
  RespondActivityTaskFailedRequest,
  RespondActivityTaskFailedResponse,
  RespondQueryTaskCompletedRequest,
  RespondQueryTaskCompletedResponse,
  RespondWorkflowTaskCompletedRequest,
  RespondWorkflowTaskCompletedResponse,
  RespondWorkflowTaskFailedRequest,
  RespondWorkflowTaskFailedResponse,
} from '#proto/temporal/api/workflowservice/v1';
import { GrpcCode } from '../../src/base/service-error.ts';
import { Cancellation } from '../../src/runtime/cancellation.ts';
import type { Random } from '../crash/random.ts';
import { type Cluster, NAMESPACE } from './cluster.ts';
import { decide, progressOf, TASK_QUEUE } from './decider.ts';
import type { Faults } from './faults.ts';
import type { Ledger } from './ledger.ts';
import { payloads, valuesOf } from './payloads.ts';
import type { AttemptOutcome } from './program.ts';
import { isCode, isPassing, RpcClient } from './rpc-client.ts';

const POLL_TIMEOUT_MS = 20_000;
const STICKY_TIMEOUT_MS = 3_000;
const WORKFLOW_POLLERS = 3;
const ACTIVITY_POLLERS = 3;
/** Runs in the cache; fewer than there are, so that eviction happens. */
const CACHE_RUNS = 6;

export class SimulatedWorker {
  readonly identity: string;
  readonly #cluster: Cluster;
  readonly #faults: Faults;
  readonly #random: Random;
  readonly #ledger: Ledger;
  readonly #client: RpcClient;
  readonly #usesSticky: boolean;
  #life = 0;
  #stopped = false;
  #leaving = new Cancellation();
  #cache = new Map<string, HistoryEvent[]>();
  readonly #loops: Promise<void>[] = [];

  constructor(identity: string, cluster: Cluster, faults: Faults, ledger: Ledger) {
    this.identity = identity;
    this.#cluster = cluster;
    this.#faults = faults;
    this.#random = faults.random;
    this.#ledger = ledger;
    this.#client = new RpcClient(cluster, faults.random, ledger.violations);
    this.#usesSticky = this.#random.next() < 0.7;
  }

  start(): void {
    this.#begin();
    this.#scheduleRestart();
  }

  /** Leaves as SDKs do: polls are cancelled. Resolves when its loops have ended. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#leaving.cancel();
    await Promise.all(this.#loops);
  }

  get #stickyQueue(): string {
    return `${this.identity}-sticky-${this.#life}`;
  }

  #begin(): void {
    this.#life++;
    this.#cache = new Map();
    this.#leaving = new Cancellation();
    const life = this.#life;
    for (let i = 0; i < WORKFLOW_POLLERS; i++) this.#loops.push(this.#pollWorkflowTasks(life, false));
    if (this.#usesSticky) {
      for (let i = 0; i < WORKFLOW_POLLERS; i++) this.#loops.push(this.#pollWorkflowTasks(life, true));
    }
    for (let i = 0; i < ACTIVITY_POLLERS; i++) this.#loops.push(this.#pollActivityTasks(life));
  }

  /** The worker's process dies, and another one with an empty cache and another sticky queue comes. */
  #scheduleRestart(): void {
    const meanMs = this.#faults.rates.workerRestartEveryMs;
    if (meanMs === 0) return;
    this.#cluster.clock.after(this.#random.next() * 2 * meanMs, () => {
      if (this.#stopped || this.#faults.isCalm) return;
      this.#leaving.cancel();
      this.#begin();
      this.#scheduleRestart();
    });
  }

  #isAlive(life: number): boolean {
    return !this.#stopped && this.#life === life;
  }

  // -- Workflow tasks

  async #pollWorkflowTasks(life: number, sticky: boolean): Promise<void> {
    const cancellation = this.#leaving;
    while (this.#isAlive(life)) {
      try {
        const task = await this.#client.call(
          'PollWorkflowTaskQueue',
          [PollWorkflowTaskQueueRequest, PollWorkflowTaskQueueResponse],
          {
            namespace: NAMESPACE,
            identity: this.identity,
            taskQueue: sticky
              ? { name: this.#stickyQueue, kind: TaskQueueKind.STICKY, normalName: TASK_QUEUE }
              : { name: TASK_QUEUE, kind: TaskQueueKind.NORMAL },
          },
          { timeoutMs: POLL_TIMEOUT_MS, cancellation },
        );
        if (task.taskToken.length === 0 || !this.#isAlive(life)) continue;
        await this.#workOn(task, life);
      } catch (error) {
        if (!isPassing(error)) this.#ledger.unexpected('poll for workflow tasks', error);
        if (this.#isAlive(life)) await this.#client.pause(30 + this.#random.next() * 200);
      }
    }
  }

  /** Answers the task, and those that come with the answers. */
  async #workOn(first: PollWorkflowTaskQueueResponse, life: number): Promise<void> {
    let task: PollWorkflowTaskQueueResponse | undefined = first;
    while (task !== undefined && task.taskToken.length !== 0 && this.#isAlive(life)) {
      const events = await this.#historyOf(task);
      if (events === undefined) return;
      if (this.#random.next() < 0.3) await this.#client.pause(this.#random.next() * 400);
      if (task.query !== undefined) {
        await this.#answerQuery(task, events);
        return;
      }
      task = await this.#answerTask(task, events);
    }
  }

  /** All events up to the task's start: what came, what the cache has, or what the server is asked for. */
  async #historyOf(task: PollWorkflowTaskQueueResponse): Promise<HistoryEvent[] | undefined> {
    const workflowId = task.workflowExecution?.workflowId ?? '';
    const runId = task.workflowExecution?.runId ?? '';
    const delivered = [...History.decode(task.history ?? new Uint8Array(0)).events];
    const cached = this.#cache.get(runId) ?? [];
    let nextPageToken = task.nextPageToken;
    const fetchPage = () =>
      this.#client.persist(
        'GetWorkflowExecutionHistory',
        [GetWorkflowExecutionHistoryRequest, GetWorkflowExecutionHistoryResponse],
        { namespace: NAMESPACE, execution: { workflowId, runId }, nextPageToken, maximumPageSize: 5 },
      );
    try {
      while (nextPageToken.length !== 0) {
        const page = await fetchPage();
        delivered.push(...History.decode(page.history ?? new Uint8Array(0)).events);
        nextPageToken = page.nextPageToken;
      }
      // A query finds the cache as it was before an answer that is still under way: SDKs let it wait or read the history.
      const isStale = delivered.length === 0 && cached.length < task.previousStartedEventId;
      const firstId = isStale ? 0 : (delivered[0]?.eventId ?? cached.length + 1);
      if (firstId > 1 && cached.length + 1 === firstId) return [...cached, ...delivered];
      if (firstId === 1 && delivered.length !== 0) return delivered;
      // The cache does not reach up to what came: everything is read anew.
      const all: HistoryEvent[] = [];
      nextPageToken = new Uint8Array(0);
      do {
        const page = await fetchPage();
        all.push(...History.decode(page.history ?? new Uint8Array(0)).events);
        nextPageToken = page.nextPageToken;
      } while (nextPageToken.length !== 0);
      // A task may show events that the server has not written: those are only there.
      const endId = delivered[0]?.eventId ?? Number.POSITIVE_INFINITY;
      return [...all.filter(({ eventId }) => eventId < endId), ...delivered];
    } catch (error) {
      if (!isCode(error, GrpcCode.NOT_FOUND, GrpcCode.INVALID_ARGUMENT))
        this.#ledger.unexpected('history of a task', error);
      return undefined;
    }
  }

  #remember(runId: string, events: HistoryEvent[] | undefined): void {
    this.#cache.delete(runId);
    if (events === undefined) return;
    this.#cache.set(runId, events);
    if (this.#cache.size > CACHE_RUNS) this.#cache.delete(this.#cache.keys().next().value as string);
  }

  async #answerTask(
    task: PollWorkflowTaskQueueResponse,
    events: HistoryEvent[],
  ): Promise<PollWorkflowTaskQueueResponse | undefined> {
    const workflowId = task.workflowExecution?.workflowId ?? '';
    const runId = task.workflowExecution?.runId ?? '';
    const mistake = this.#faults.strikes('workerMistake') ? this.#random.oneOf(MISTAKES) : undefined;
    this.#checkEvents(workflowId, task, events);
    this.#ledger.count('workflow tasks');
    if (mistake === 'forget') {
      this.#remember(runId, undefined);
      return undefined;
    }
    if (mistake === 'fail') return this.#failTask(task, runId);

    const { messages, hasOpen } = this.#answerUpdates(task, events);
    const decision = decide(events, runId);
    // An answer to an update is history before anything is based on it.
    const commands = messages.length > 0 && decision.closes ? [] : [...decision.commands];
    const force = messages.length > 0 || hasOpen || mistake === 'heartbeat';
    if (mistake === 'nonsense')
      commands.push({ commandType: CommandType.CANCEL_TIMER, cancelTimerCommandAttributes: {} });
    if (mistake === 'heartbeat') commands.length = 0;
    try {
      const response = await this.#client.call(
        'RespondWorkflowTaskCompleted',
        [RespondWorkflowTaskCompletedRequest, RespondWorkflowTaskCompletedResponse],
        {
          namespace: NAMESPACE,
          taskToken: task.taskToken,
          identity: this.identity,
          commands: [
            ...messages.map((message) => ({
              commandType: CommandType.PROTOCOL_MESSAGE,
              protocolMessageCommandAttributes: { messageId: message.id },
            })),
            ...commands,
          ],
          messages,
          queryResults: new Map(
            [...task.queries.keys()].map((queryId) => [
              queryId,
              { resultType: QueryResultType.ANSWERED, answer: queryAnswer(events) },
            ]),
          ),
          forceCreateNewWorkflowTask: force,
          returnNewWorkflowTask: this.#random.next() < 0.7,
          stickyAttributes: this.#usesSticky
            ? {
                workerTaskQueue: { name: this.#stickyQueue, kind: TaskQueueKind.STICKY, normalName: TASK_QUEUE },
                scheduleToStartTimeout: STICKY_TIMEOUT_MS,
              }
            : undefined,
          capabilities: { discardSpeculativeWorkflowTaskWithEvents: true },
        },
      );
      if (response.resetHistoryEventId > 0) {
        this.#remember(
          runId,
          events.filter((event) => event.eventId <= response.resetHistoryEventId),
        );
      } else {
        this.#ledger.showed(workflowId, runId, events);
        this.#remember(runId, decision.closes && !force ? undefined : events);
      }
      for (const activity of response.activityTasks) {
        void this.#runActivity(PollActivityTaskQueueResponse.decode(activity), this.#life);
      }
      return response.workflowTask && PollWorkflowTaskQueueResponse.decode(response.workflowTask);
    } catch (error) {
      this.#remember(runId, undefined);
      if (!isPassing(error) && !isCode(error, GrpcCode.NOT_FOUND, GrpcCode.INVALID_ARGUMENT)) {
        this.#ledger.unexpected('completion of a workflow task', error);
      }
      return undefined;
    }
  }

  #checkEvents(workflowId: string, task: PollWorkflowTaskQueueResponse, events: readonly HistoryEvent[]): void {
    const runId = task.workflowExecution?.runId ?? '';
    for (const [index, event] of events.entries()) {
      if (event.eventId === index + 1) continue;
      this.#ledger.violation(
        `${workflowId}/${runId}: a task shows event ${event.eventId} at place ${index + 1} of ${events.map((e) => e.eventId)}`,
      );
      return;
    }
    const last = events[events.length - 1]?.eventId ?? 0;
    if (last !== task.startedEventId) {
      this.#ledger.violation(
        `${workflowId}/${runId}: a task started by ${task.startedEventId} ends with event ${last}`,
      );
    }
  }

  async #failTask(task: PollWorkflowTaskQueueResponse, runId: string): Promise<undefined> {
    this.#remember(runId, undefined);
    try {
      await this.#client.call(
        'RespondWorkflowTaskFailed',
        [RespondWorkflowTaskFailedRequest, RespondWorkflowTaskFailedResponse],
        {
          namespace: NAMESPACE,
          taskToken: task.taskToken,
          identity: this.identity,
          cause: WorkflowTaskFailedCause.WORKFLOW_WORKER_UNHANDLED_FAILURE,
          failure: Failure.encode({ message: 'a worker failed' }),
        },
      );
    } catch (error) {
      if (!isPassing(error) && !isCode(error, GrpcCode.NOT_FOUND)) this.#ledger.unexpected('failing a task', error);
    }
    return undefined;
  }

  /** New updates are accepted, rejected, or answered at once; those accepted before are completed now. */
  #answerUpdates(
    task: PollWorkflowTaskQueueResponse,
    events: readonly HistoryEvent[],
  ): { readonly messages: readonly MessageInit[]; readonly hasOpen: boolean } {
    const progress = progressOf(events);
    const messages: MessageInit[] = [];
    let hasOpen = false;
    for (const updateId of progress.openUpdates.keys()) messages.push(responseMessage(updateId));
    for (const message of task.messages) {
      const request = Request.decode(message.body?.value ?? new Uint8Array(0));
      const updateId = request.meta?.updateId ?? '';
      if (progress.knownUpdates.has(updateId)) {
        this.#ledger.violation(`update ${updateId} is delivered to a worker whose history has it already`);
      }
      if (updateId.endsWith('9')) {
        messages.push({
          id: `${message.id}/reject`,
          protocolInstanceId: message.protocolInstanceId,
          body: anyOf(
            Rejection.typeName,
            Rejection.encode({
              rejectedRequestMessageId: message.id,
              rejectedRequestSequencingEventId: message.eventId,
              rejectedRequest: request,
              failure: Failure.encode({ message: 'rejected' }),
            }),
          ),
        });
        continue;
      }
      messages.push({
        id: `${message.id}/accept`,
        protocolInstanceId: message.protocolInstanceId,
        body: anyOf(
          Acceptance.typeName,
          Acceptance.encode({
            acceptedRequestMessageId: message.id,
            acceptedRequestSequencingEventId: message.eventId,
            acceptedRequest: request,
          }),
        ),
      });
      if (progress.program.acceptsLate) hasOpen = true;
      else messages.push(responseMessage(updateId));
    }
    return { messages, hasOpen };
  }

  async #answerQuery(task: PollWorkflowTaskQueueResponse, events: readonly HistoryEvent[]): Promise<void> {
    try {
      await this.#client.call(
        'RespondQueryTaskCompleted',
        [RespondQueryTaskCompletedRequest, RespondQueryTaskCompletedResponse],
        {
          namespace: NAMESPACE,
          taskToken: task.taskToken,
          completedType: QueryResultType.ANSWERED,
          queryResult: queryAnswer(events),
        },
      );
    } catch (error) {
      if (!isPassing(error) && !isCode(error, GrpcCode.NOT_FOUND)) this.#ledger.unexpected('answer to a query', error);
    }
  }

  // -- Activities

  async #pollActivityTasks(life: number): Promise<void> {
    const cancellation = this.#leaving;
    while (this.#isAlive(life)) {
      try {
        const task = await this.#client.call(
          'PollActivityTaskQueue',
          [PollActivityTaskQueueRequest, PollActivityTaskQueueResponse],
          { namespace: NAMESPACE, identity: this.identity, taskQueue: { name: TASK_QUEUE } },
          { timeoutMs: POLL_TIMEOUT_MS, cancellation },
        );
        if (task.taskToken.length !== 0) await this.#runActivity(task, life);
      } catch (error) {
        if (!isPassing(error)) this.#ledger.unexpected('poll for activity tasks', error);
        if (this.#isAlive(life)) await this.#client.pause(30 + this.#random.next() * 200);
      }
    }
  }

  async #runActivity(task: PollActivityTaskQueueResponse, life: number): Promise<void> {
    const attempt = attemptOf(task);
    if (this.#ledger.attempts.has(attempt)) {
      this.#ledger.violation(
        `${task.workflowExecution?.workflowId}: activity attempt ${attempt} was given to a worker twice`,
      );
    }
    this.#ledger.attempts.add(attempt);
    this.#ledger.count('activity attempts');
    const outcomes = valuesOf(task.input)[0] as readonly AttemptOutcome[];
    let outcome = outcomes[Math.min(task.attempt, outcomes.length) - 1] ?? 'complete';
    if (this.#faults.strikes('workerMistake')) outcome = 'vanish';
    if (outcome === 'vanish') return;
    await this.#client.pause(this.#random.next() * (outcome === 'slow' ? 4_000 : 200));
    if (!this.#isAlive(life)) return;
    if (outcome === 'heartbeat' || outcome === 'heartbeatAndVanish') {
      const cancelled = await this.#heartbeat(task);
      if (cancelled === 'gone' || outcome === 'heartbeatAndVanish') return;
      if (cancelled === 'cancel') {
        await this.#respond(task, 'canceled');
        return;
      }
    }
    await this.#respond(task, outcome === 'fail' || outcome === 'failForGood' ? outcome : 'completed');
  }

  async #heartbeat(task: PollActivityTaskQueueResponse): Promise<'cancel' | 'goOn' | 'gone'> {
    for (let beat = 0; beat < 3; beat++) {
      await this.#client.pause(this.#random.next() * 600);
      try {
        const { cancelRequested } = await this.#client.call(
          'RecordActivityTaskHeartbeat',
          [RecordActivityTaskHeartbeatRequest, RecordActivityTaskHeartbeatResponse],
          { namespace: NAMESPACE, taskToken: task.taskToken, details: payloads(beat), identity: this.identity },
        );
        if (cancelRequested) return 'cancel';
      } catch (error) {
        if (isCode(error, GrpcCode.NOT_FOUND)) return 'gone';
        if (!isPassing(error)) this.#ledger.unexpected('heartbeat', error);
      }
    }
    return 'goOn';
  }

  async #respond(
    task: PollActivityTaskQueueResponse,
    how: 'completed' | 'fail' | 'failForGood' | 'canceled',
  ): Promise<void> {
    const base = { namespace: NAMESPACE, taskToken: task.taskToken, identity: this.identity };
    const attempt = `${task.activityId}/${task.attempt}`;
    try {
      if (how === 'completed') {
        await this.#client.persist(
          'RespondActivityTaskCompleted',
          [RespondActivityTaskCompletedRequest, RespondActivityTaskCompletedResponse],
          { ...base, result: payloads(attempt) },
        );
        this.#ledger.activityResults.set(attemptOf(task), 'completed');
      } else if (how === 'canceled') {
        await this.#client.persist(
          'RespondActivityTaskCanceled',
          [RespondActivityTaskCanceledRequest, RespondActivityTaskCanceledResponse],
          { ...base, details: payloads(attempt) },
        );
        this.#ledger.activityResults.set(attemptOf(task), 'canceled');
      } else {
        await this.#client.persist(
          'RespondActivityTaskFailed',
          [RespondActivityTaskFailedRequest, RespondActivityTaskFailedResponse],
          {
            ...base,
            failure: Failure.encode({
              message: attempt,
              applicationFailureInfo: { type: 'Planned', nonRetryable: how === 'failForGood' },
            }),
          },
        );
      }
    } catch (error) {
      // The attempt is over, or an earlier try of this call was written and its answer lost.
      if (!isCode(error, GrpcCode.NOT_FOUND)) this.#ledger.unexpected(`activity ${how}`, error);
    }
  }
}

/** Its run, its id, its number. */
function attemptOf({ workflowExecution, activityRunId, activityId, attempt }: PollActivityTaskQueueResponse): string {
  return `${workflowExecution?.runId || activityRunId}/${activityId}/${attempt}`;
}

const MISTAKES = ['forget', 'forget', 'fail', 'nonsense', 'heartbeat'] as const;

/** The names of all signals so far: whoever was told that his signal arrived must find it. */
function queryAnswer(events: readonly HistoryEvent[]) {
  return payloads(
    events.flatMap(({ workflowExecutionSignaledEventAttributes: signaled }) => signaled?.signalName ?? []),
  );
}

function responseMessage(updateId: string): MessageInit {
  return {
    id: `${updateId}/complete`,
    protocolInstanceId: updateId,
    body: anyOf(Response.typeName, Response.encode({ meta: { updateId }, outcome: { success: payloads(updateId) } })),
  };
}

function anyOf(typeName: string, value: Uint8Array) {
  return { typeUrl: `type.googleapis.com/${typeName}`, value };
}
