// Simulated clients: for each workflow id one that starts it and then signals, updates, queries, cancels, terminates and resets it,
// repeating each call with the same request id until it is answered. What was answered goes into the ledger.

import {
  ResetReapplyType,
  UpdateWorkflowExecutionLifecycleStage as Stage,
  WorkflowIdConflictPolicy,
  WorkflowIdReusePolicy,
} from '#proto/temporal/api/enums/v1';
import { History, type HistoryEvent } from '#proto/temporal/api/history/v1';
import {
  DescribeWorkflowExecutionRequest,
  DescribeWorkflowExecutionResponse,
  ExecuteMultiOperationRequest,
  ExecuteMultiOperationResponse,
  GetWorkflowExecutionHistoryRequest,
  GetWorkflowExecutionHistoryResponse,
  QueryWorkflowRequest,
  QueryWorkflowResponse,
  RequestCancelWorkflowExecutionRequest,
  RequestCancelWorkflowExecutionResponse,
  ResetWorkflowExecutionRequest,
  ResetWorkflowExecutionResponse,
  SignalWithStartWorkflowExecutionRequest,
  SignalWithStartWorkflowExecutionResponse,
  SignalWorkflowExecutionRequest,
  SignalWorkflowExecutionResponse,
  StartWorkflowExecutionRequest,
  type StartWorkflowExecutionRequestInit,
  StartWorkflowExecutionResponse,
  TerminateWorkflowExecutionRequest,
  TerminateWorkflowExecutionResponse,
  UpdateWorkflowExecutionRequest,
  UpdateWorkflowExecutionResponse,
} from '#proto/temporal/api/workflowservice/v1';
import { GrpcCode } from '../../src/base/service-error.ts';
import type { Random } from '../crash/random.ts';
import { type Cluster, NAMESPACE } from './cluster.ts';
import { TASK_QUEUE } from './decider.ts';
import type { Faults } from './faults.ts';
import type { Ledger } from './ledger.ts';
import { payloads, valuesOf } from './payloads.ts';
import { type Program, randomProgram, WORKFLOWS_PER_SEED, workflowIdOf } from './program.ts';
import { isCode, isPassing, RpcClient } from './rpc-client.ts';

const FIRST_STARTS_MS = 15_000;
/** Calls that a server may refuse for good with a status that says otherwise are given up after this. */
const GIVE_UP_MS = 60_000;
/** How long clients keep acting on a workflow. */
const ACTIVE_MS = 40_000;

export class SimulatedClients {
  readonly #random: Random;
  readonly #ledger: Ledger;
  readonly #client: RpcClient;
  readonly #cluster: Cluster;
  #lives: Promise<void>[] = [];
  #names = 0;
  #open = 0;

  constructor(cluster: Cluster, faults: Faults, ledger: Ledger) {
    this.#cluster = cluster;
    this.#random = faults.random;
    this.#ledger = ledger;
    this.#client = new RpcClient(cluster, faults.random, ledger.violations);
  }

  start(): void {
    for (let index = 0; index < WORKFLOWS_PER_SEED; index++) {
      this.#open++;
      const life = this.#live(index)
        .catch((error: unknown) => this.#ledger.unexpected(`client of ${workflowIdOf(index)}`, error))
        .finally(() => this.#open--);
      this.#lives.push(life);
    }
  }

  /** Every client has its last answer. */
  get isDone(): boolean {
    return this.#open === 0;
  }

  /** What clients still wait for. */
  readonly waitingFor = new Set<string>();

  async #tracked(name: string, what: () => Promise<void>): Promise<void> {
    this.waitingFor.add(name);
    await what();
    this.waitingFor.delete(name);
  }

  /** Sends one more signal, for a run that waits for some. */
  async nudge(workflowId: string): Promise<void> {
    await this.#signal(workflowId, '');
  }

  async historyOf(workflowId: string, runId: string): Promise<HistoryEvent[]> {
    const events: HistoryEvent[] = [];
    let nextPageToken: Uint8Array = new Uint8Array(0);
    do {
      const page = await this.#client.persist(
        'GetWorkflowExecutionHistory',
        [GetWorkflowExecutionHistoryRequest, GetWorkflowExecutionHistoryResponse],
        { namespace: NAMESPACE, execution: { workflowId, runId }, nextPageToken, maximumPageSize: 7 },
      );
      events.push(...History.decode(page.history ?? new Uint8Array(0)).events);
      nextPageToken = page.nextPageToken;
    } while (nextPageToken.length !== 0);
    return events;
  }

  async #live(index: number): Promise<void> {
    const workflowId = workflowIdOf(index);
    await this.#client.pause(this.#random.next() * FIRST_STARTS_MS);
    const program = randomProgram(this.#random);
    const runId = await this.#begin(workflowId, program);
    const acts: Promise<void>[] = [];
    const act = (probability: number, times: number, name: string, what: () => Promise<void>): void => {
      for (let i = 0; i < times; i++) {
        if (this.#random.next() >= probability) continue;
        const delayMs = this.#random.next() * ACTIVE_MS;
        acts.push(this.#client.pause(delayMs).then(() => this.#tracked(`${name} on ${workflowId}`, what)));
      }
    };
    act(0.7, 4, 'signal', () => this.#signal(workflowId, this.#random.next() < 0.5 ? runId : ''));
    act(0.4, 3, 'update', () => this.#update(workflowId, this.#random.next() < 0.5 ? runId : ''));
    act(0.4, 3, 'query', () => this.#query(workflowId, this.#random.next() < 0.5 ? runId : ''));
    act(0.5, 1, 'describe', () => this.#describe(workflowId, runId));
    act(0.15, 1, 'cancel', () => this.#cancel(workflowId, this.#random.next() < 0.5 ? runId : ''));
    act(0.06, 1, 'terminate', () => this.#terminate(workflowId, runId));
    act(0.25, 1, 'reset', () => this.#reset(workflowId, runId));
    act(0.25, 1, 'signalWithStart', () => this.#signalWithStart(workflowId, program));
    act(0.2, 1, 'updateWithStart', () => this.#updateWithStart(workflowId, program));
    act(0.25, 1, 'startAgain', () => this.#startAgain(workflowId, program));
    acts.push(this.#tracked(`waiting for ${workflowId}`, () => this.#awaitClose(workflowId, runId)));
    await Promise.all(acts);
  }

  // -- Starts

  async #begin(workflowId: string, program: Program): Promise<string> {
    const dice = this.#random.next();
    if (dice < 0.25) {
      // Several clients at once: one of them starts it.
      const starts = await Promise.all([1, 2, 3].map(() => this.#start(workflowId, program, {})));
      const runIds = new Set(starts.filter((runId) => runId !== undefined));
      if (runIds.size > 1 && !(await this.#hadPredecessor(workflowId, runIds))) {
        this.#ledger.violation(`${workflowId}: concurrent starts were answered with runs ${[...runIds].join(', ')}`);
      }
      const [first] = runIds;
      if (first !== undefined) return first;
    }
    const options: Partial<StartWorkflowExecutionRequestInit> =
      dice < 0.35
        ? { workflowStartDelay: 3_000 }
        : dice < 0.5
          ? { requestEagerExecution: true, identity: 'eager-starter' }
          : dice < 0.56
            ? { workflowRunTimeout: 30_000 }
            : {};
    return (await this.#start(workflowId, program, options)) ?? '';
  }

  /** A run may end before another start comes: then both are right. */
  async #hadPredecessor(workflowId: string, runIds: ReadonlySet<string>): Promise<boolean> {
    for (const runId of runIds) {
      const { workflowExecutionInfo } = await this.#client.persist(
        'DescribeWorkflowExecution',
        [DescribeWorkflowExecutionRequest, DescribeWorkflowExecutionResponse],
        { namespace: NAMESPACE, execution: { workflowId, runId } },
      );
      if (workflowExecutionInfo?.status !== 1) return true;
    }
    return false;
  }

  async #start(
    workflowId: string,
    program: Program,
    options: Partial<StartWorkflowExecutionRequestInit>,
  ): Promise<string | undefined> {
    try {
      const { runId } = await this.#client.persist(
        'StartWorkflowExecution',
        [StartWorkflowExecutionRequest, StartWorkflowExecutionResponse],
        { ...this.#startRequest(workflowId, program), ...options },
      );
      this.#acknowledgedStart(workflowId, runId);
      return runId;
    } catch (error) {
      if (isCode(error, GrpcCode.ALREADY_EXISTS)) return undefined;
      this.#ledger.unexpected('start', error);
      return undefined;
    }
  }

  #startRequest(workflowId: string, program: Program): StartWorkflowExecutionRequestInit {
    return {
      namespace: NAMESPACE,
      workflowId,
      workflowType: { name: 'simulated-workflow' },
      taskQueue: { name: TASK_QUEUE },
      input: payloads(program),
      workflowTaskTimeout: 5_000,
      requestId: this.#name('start'),
      identity: 'client',
      retryPolicy:
        program.end === 'retry' ? { initialInterval: 2_000, backoffCoefficient: 1.5, maximumAttempts: 4 } : undefined,
    };
  }

  /** Another start of the same id: refused, joined, or in place of the run that is open. */
  async #startAgain(workflowId: string, program: Program): Promise<void> {
    const workflowIdConflictPolicy = this.#random.oneOf([
      WorkflowIdConflictPolicy.FAIL,
      WorkflowIdConflictPolicy.USE_EXISTING,
      WorkflowIdConflictPolicy.TERMINATE_EXISTING,
    ]);
    const workflowIdReusePolicy = this.#random.oneOf([
      WorkflowIdReusePolicy.ALLOW_DUPLICATE,
      WorkflowIdReusePolicy.ALLOW_DUPLICATE_FAILED_ONLY,
      WorkflowIdReusePolicy.REJECT_DUPLICATE,
    ]);
    const isTerminating = workflowIdConflictPolicy === WorkflowIdConflictPolicy.TERMINATE_EXISTING;
    await this.#start(workflowId, program, {
      workflowIdConflictPolicy,
      // The two exclude each other.
      workflowIdReusePolicy: isTerminating ? WorkflowIdReusePolicy.ALLOW_DUPLICATE : workflowIdReusePolicy,
    });
  }

  async #signalWithStart(workflowId: string, program: Program): Promise<void> {
    const signalName = this.#name('signal');
    const { runId } = await this.#client.persist(
      'SignalWithStartWorkflowExecution',
      [SignalWithStartWorkflowExecutionRequest, SignalWithStartWorkflowExecutionResponse],
      { ...this.#startRequest(workflowId, program), signalName },
    );
    this.#acknowledgedStart(workflowId, runId);
    this.#ledger.signals.set(signalName, { workflowId, runId });
    this.#ledger.count('signals');
  }

  async #updateWithStart(workflowId: string, program: Program): Promise<void> {
    const updateId = this.#name('update');
    const giveUpMs = this.#cluster.clock.nowMs() + GIVE_UP_MS;
    this.#ledger.updated.add(workflowId);
    try {
      const { responses } = await this.#client.persist(
        'ExecuteMultiOperation',
        [ExecuteMultiOperationRequest, ExecuteMultiOperationResponse],
        {
          namespace: NAMESPACE,
          operations: [
            {
              startWorkflow: {
                ...this.#startRequest(workflowId, program),
                workflowIdConflictPolicy: WorkflowIdConflictPolicy.USE_EXISTING,
              },
            },
            { updateWorkflow: updateRequest(workflowId, '', updateId, Stage.ACCEPTED) },
          ],
        },
        // A start that was written, whose run ended before the repetition, is refused as unavailable for good (as in Temporal).
        { while: () => this.#cluster.clock.nowMs() < giveUpMs },
      );
      const [start, update] = responses;
      const runId = start?.startWorkflow?.runId ?? '';
      this.#acknowledgedStart(workflowId, runId);
      this.#acknowledgedUpdate(workflowId, updateId, update?.updateWorkflow);
    } catch (error) {
      if (isPassing(error)) return;
      // Closed meanwhile, or the update was refused with its run.
      if (!isCode(error, GrpcCode.NOT_FOUND, GrpcCode.FAILED_PRECONDITION, GrpcCode.ALREADY_EXISTS)) {
        this.#ledger.unexpected('update-with-start', error);
      }
    }
  }

  #acknowledgedStart(workflowId: string, runId: string): void {
    const runs = this.#ledger.started.get(workflowId) ?? new Set();
    runs.add(runId);
    this.#ledger.started.set(workflowId, runs);
    this.#ledger.count('starts');
  }

  // -- Acts

  async #signal(workflowId: string, runId: string): Promise<void> {
    const signalName = this.#name('signal');
    try {
      await this.#client.persist(
        'SignalWorkflowExecution',
        [SignalWorkflowExecutionRequest, SignalWorkflowExecutionResponse],
        { namespace: NAMESPACE, workflowExecution: { workflowId, runId }, signalName, requestId: signalName },
      );
      this.#ledger.signals.set(signalName, { workflowId, runId });
      this.#ledger.count('signals');
    } catch (error) {
      this.#mayBeOver('signal', error);
    }
  }

  async #update(workflowId: string, runId: string): Promise<void> {
    this.#ledger.updated.add(workflowId);
    const updateId = this.#name('update');
    const stage = this.#random.oneOf([Stage.ACCEPTED, Stage.COMPLETED]);
    try {
      for (;;) {
        const response = await this.#client.persist(
          'UpdateWorkflowExecution',
          [UpdateWorkflowExecutionRequest, UpdateWorkflowExecutionResponse],
          updateRequest(workflowId, runId, updateId, stage),
        );
        if (response.stage < stage) continue; // the server's wait is over, not the client's
        this.#acknowledgedUpdate(workflowId, updateId, response);
        return;
      }
    } catch (error) {
      // No update reaches a run whose workflow task keeps failing.
      if (isCode(error, GrpcCode.FAILED_PRECONDITION)) return;
      this.#mayBeOver('update', error);
    }
  }

  #acknowledgedUpdate(
    workflowId: string,
    updateId: string,
    response: UpdateWorkflowExecutionResponse | undefined,
  ): void {
    const runId = response?.updateRef?.workflowExecution?.runId ?? '';
    const isRejected = response?.outcome?.failure !== undefined;
    if (response === undefined || isRejected || response.stage < Stage.ACCEPTED) return;
    const completed = response.stage === Stage.COMPLETED;
    this.#ledger.updates.push({ workflowId, runId, updateId, completed });
    this.#ledger.count('updates');
    if (completed && valuesOf(response.outcome?.success)[0] !== updateId) {
      this.#ledger.violation(`update ${updateId} was answered with ${valuesOf(response.outcome?.success)}`);
    }
  }

  /** Whatever was acknowledged before the query was sent must be seen by it. */
  async #query(workflowId: string, runId: string): Promise<void> {
    const acknowledged = [...this.#ledger.signals].filter(
      ([, signal]) => signal.workflowId === workflowId && signal.runId === runId && runId !== '',
    );
    const giveUpMs = this.#cluster.clock.nowMs() + GIVE_UP_MS;
    try {
      const { queryResult } = await this.#client.persist(
        'QueryWorkflow',
        [QueryWorkflowRequest, QueryWorkflowResponse],
        { namespace: NAMESPACE, execution: { workflowId, runId }, query: { queryType: 'signals' } },
        { while: () => this.#cluster.clock.nowMs() < giveUpMs },
      );
      const seen = valuesOf(queryResult)[0] as readonly string[];
      this.#ledger.count('queries');
      for (const [name] of acknowledged) {
        if (!seen.includes(name)) {
          this.#ledger.violation(`${workflowId}/${runId}: a query does not see signal ${name}, acknowledged before it`);
        }
      }
    } catch (error) {
      // A run that fails its tasks, or has not had its first one, answers no query.
      if (isPassing(error) || isCode(error, GrpcCode.FAILED_PRECONDITION, GrpcCode.INVALID_ARGUMENT)) return;
      this.#mayBeOver('query', error);
    }
  }

  async #describe(workflowId: string, runId: string): Promise<void> {
    await this.#client.persist(
      'DescribeWorkflowExecution',
      [DescribeWorkflowExecutionRequest, DescribeWorkflowExecutionResponse],
      { namespace: NAMESPACE, execution: { workflowId, runId } },
    );
  }

  async #cancel(workflowId: string, runId: string): Promise<void> {
    const requestId = this.#name('cancel');
    try {
      await this.#client.persist(
        'RequestCancelWorkflowExecution',
        [RequestCancelWorkflowExecutionRequest, RequestCancelWorkflowExecutionResponse],
        { namespace: NAMESPACE, workflowExecution: { workflowId, runId }, requestId },
      );
      this.#ledger.cancelled.set(requestId, { workflowId, runId, atMs: this.#cluster.clock.nowMs() });
      this.#ledger.count('cancels');
    } catch (error) {
      this.#mayBeOver('cancel', error);
    }
  }

  async #terminate(workflowId: string, runId: string): Promise<void> {
    try {
      await this.#client.persist(
        'TerminateWorkflowExecution',
        [TerminateWorkflowExecutionRequest, TerminateWorkflowExecutionResponse],
        { namespace: NAMESPACE, workflowExecution: { workflowId, runId }, reason: 'a client wants it' },
      );
      this.#ledger.terminated.set(runId, workflowId);
      this.#ledger.count('terminations');
    } catch (error) {
      this.#mayBeOver('terminate', error);
    }
  }

  async #reset(workflowId: string, runId: string): Promise<void> {
    const events = await this.historyOf(workflowId, runId);
    const completed = events.filter((event) => event.workflowTaskCompletedEventAttributes !== undefined);
    // A child that ended with its parent is not started again by a reset, in Temporal neither: such a run would wait for good.
    const hasChildren = events.some((event) => event.startChildWorkflowExecutionInitiatedEventAttributes !== undefined);
    if (completed.length === 0 || hasChildren) return;
    const requestId = this.#name('reset');
    try {
      const reset = await this.#client.persist(
        'ResetWorkflowExecution',
        [ResetWorkflowExecutionRequest, ResetWorkflowExecutionResponse],
        {
          namespace: NAMESPACE,
          workflowExecution: { workflowId, runId },
          reason: requestId,
          requestId,
          workflowTaskFinishEventId: this.#random.oneOf(completed).eventId,
          resetReapplyType: this.#random.oneOf([ResetReapplyType.ALL_ELIGIBLE, ResetReapplyType.NONE]),
        },
      );
      this.#ledger.resets.set(reset.runId, { workflowId, baseRunId: runId });
      this.#ledger.count('resets');
    } catch (error) {
      // Children or pending requests at the point of return.
      if (isCode(error, GrpcCode.INVALID_ARGUMENT)) return;
      this.#mayBeOver('reset', error);
    }
  }

  /** As SDKs wait for a result: a long poll for the close event. */
  async #awaitClose(workflowId: string, runId: string): Promise<void> {
    let nextPageToken: Uint8Array = new Uint8Array(0);
    for (let poll = 0; poll < 6; poll++) {
      const page = await this.#client.persist(
        'GetWorkflowExecutionHistory',
        [GetWorkflowExecutionHistoryRequest, GetWorkflowExecutionHistoryResponse],
        {
          namespace: NAMESPACE,
          execution: { workflowId, runId },
          waitNewEvent: true,
          historyEventFilterType: 2,
          nextPageToken,
        },
        { timeoutMs: 12_000 },
      );
      if (History.decode(page.history ?? new Uint8Array(0)).events.length !== 0) return;
      nextPageToken = page.nextPageToken;
    }
  }

  #mayBeOver(what: string, error: unknown): void {
    if (isCode(error, GrpcCode.NOT_FOUND)) return;
    this.#ledger.unexpected(what, error);
  }

  #name(kind: string): string {
    return `${kind}-${++this.#names}`;
  }
}

function updateRequest(workflowId: string, runId: string, updateId: string, lifecycleStage: number) {
  return {
    namespace: NAMESPACE,
    workflowExecution: { workflowId, runId },
    waitPolicy: { lifecycleStage },
    request: { meta: { updateId, identity: 'client' }, input: { name: 'note', args: payloads(updateId) } },
  };
}
