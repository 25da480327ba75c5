// Simulated clients of activities without a workflow: for each id one that starts it, describes, cancels, terminates or starts it again,
// and waits for the outcome, repeating each call with the same request id until it is answered.

import { ActivityExecutionStatus, ActivityIdConflictPolicy, ActivityIdReusePolicy } from '#proto/temporal/api/enums/v1';
import {
  DescribeActivityExecutionRequest,
  DescribeActivityExecutionResponse,
  PollActivityExecutionRequest,
  PollActivityExecutionResponse,
  RequestCancelActivityExecutionRequest,
  RequestCancelActivityExecutionResponse,
  StartActivityExecutionRequest,
  StartActivityExecutionResponse,
  TerminateActivityExecutionRequest,
  TerminateActivityExecutionResponse,
} from '#proto/temporal/api/workflowservice/v1';
import { GrpcCode } from '../../src/base/service-error.ts';
import type { Random } from '../crash/random.ts';
import { type Cluster, NAMESPACE } from './cluster.ts';
import { TASK_QUEUE } from './decider.ts';
import type { Faults } from './faults.ts';
import type { Ledger } from './ledger.ts';
import { payloads } from './payloads.ts';
import { randomActivity } from './program.ts';
import { isCode, RpcClient } from './rpc-client.ts';

const ACTIVITIES_PER_SEED = 4;
const FIRST_STARTS_MS = 15_000;
/** How long clients keep acting on an activity. */
const ACTIVE_MS = 30_000;

export class SimulatedActivityClients {
  readonly #random: Random;
  readonly #ledger: Ledger;
  readonly #client: RpcClient;
  #open = 0;
  #names = 0;

  constructor(cluster: Cluster, faults: Faults, ledger: Ledger) {
    this.#random = faults.random;
    this.#ledger = ledger;
    this.#client = new RpcClient(cluster, faults.random, ledger.violations);
  }

  start(): void {
    for (let index = 0; index < ACTIVITIES_PER_SEED; index++) {
      this.#open++;
      void this.#live(`activity-${index}`)
        .catch((error: unknown) => this.#ledger.unexpected(`client of activity-${index}`, error))
        .finally(() => this.#open--);
    }
  }

  /** Every client has its last answer. */
  get isDone(): boolean {
    return this.#open === 0;
  }

  async #live(activityId: string): Promise<void> {
    await this.#client.pause(this.#random.next() * FIRST_STARTS_MS);
    const runId = await this.#start(activityId, {});
    if (runId === undefined) return;
    const acts = [this.#awaitOutcome(activityId, runId)];
    const act = (probability: number, what: () => Promise<unknown>): void => {
      if (this.#random.next() >= probability) return;
      acts.push(this.#client.pause(this.#random.next() * ACTIVE_MS).then(async () => void (await what())));
    };
    act(0.5, () => this.#describe(activityId, runId));
    act(0.3, () => this.#cancel(activityId, runId));
    act(0.15, () => this.#terminate(activityId, runId));
    act(0.5, () => this.#startAgain(activityId));
    await Promise.all(acts);
  }

  async #start(
    activityId: string,
    policies: { readonly idReusePolicy?: number; readonly idConflictPolicy?: number },
  ): Promise<string | undefined> {
    const plan = randomActivity(this.#random);
    try {
      const { runId } = await this.#client.persist(
        'StartActivityExecution',
        [StartActivityExecutionRequest, StartActivityExecutionResponse],
        {
          namespace: NAMESPACE,
          activityId,
          activityType: { name: 'simulated-activity' },
          taskQueue: { name: TASK_QUEUE },
          requestId: this.#name('start-activity'),
          input: payloads(plan.outcomes),
          startToCloseTimeout: plan.startToCloseMs,
          scheduleToCloseTimeout: plan.scheduleToCloseMs,
          scheduleToStartTimeout: plan.scheduleToStartMs,
          heartbeatTimeout: plan.heartbeatMs,
          retryPolicy: { initialInterval: plan.initialIntervalMs, maximumAttempts: plan.maximumAttempts },
          startDelay: this.#random.next() < 0.2 ? 3_000 : 0,
          ...(policies as object),
        },
      );
      this.#ledger.activities.started.set(runId, activityId);
      this.#ledger.count('activity starts');
      return runId;
    } catch (error) {
      if (!isCode(error, GrpcCode.ALREADY_EXISTS)) this.#ledger.unexpected('start of an activity', error);
      return undefined;
    }
  }

  async #startAgain(activityId: string): Promise<void> {
    await this.#start(activityId, {
      idReusePolicy: this.#random.oneOf([
        ActivityIdReusePolicy.ALLOW_DUPLICATE,
        ActivityIdReusePolicy.ALLOW_DUPLICATE_FAILED_ONLY,
        ActivityIdReusePolicy.REJECT_DUPLICATE,
      ]),
      idConflictPolicy: this.#random.oneOf([ActivityIdConflictPolicy.FAIL, ActivityIdConflictPolicy.USE_EXISTING]),
    });
  }

  async #describe(activityId: string, runId: string): Promise<void> {
    await this.#client.persist(
      'DescribeActivityExecution',
      [DescribeActivityExecutionRequest, DescribeActivityExecutionResponse],
      { namespace: NAMESPACE, activityId, runId },
    );
  }

  async #cancel(activityId: string, runId: string): Promise<void> {
    try {
      await this.#client.persist(
        'RequestCancelActivityExecution',
        [RequestCancelActivityExecutionRequest, RequestCancelActivityExecutionResponse],
        { namespace: NAMESPACE, activityId, runId, requestId: this.#name('cancel-activity'), identity: 'client' },
      );
    } catch (error) {
      this.#mayBeOver('cancellation of an activity', error);
    }
  }

  async #terminate(activityId: string, runId: string): Promise<void> {
    try {
      await this.#client.persist(
        'TerminateActivityExecution',
        [TerminateActivityExecutionRequest, TerminateActivityExecutionResponse],
        { namespace: NAMESPACE, activityId, runId, requestId: this.#name('terminate-activity'), identity: 'client' },
      );
      this.#ledger.activities.terminated.add(runId);
    } catch (error) {
      this.#mayBeOver('termination of an activity', error);
    }
  }

  /** A long poll for the outcome, which never changes after it was told. */
  async #awaitOutcome(activityId: string, runId: string): Promise<void> {
    for (;;) {
      const { outcome } = await this.#client.persist(
        'PollActivityExecution',
        [PollActivityExecutionRequest, PollActivityExecutionResponse],
        { namespace: NAMESPACE, activityId, runId },
        { timeoutMs: 12_000 },
      );
      if (outcome === undefined) continue;
      this.#ledger.activities.outcomes.set(runId, outcome.result === undefined ? 'failure' : 'result');
      const { info } = await this.#client.persist(
        'DescribeActivityExecution',
        [DescribeActivityExecutionRequest, DescribeActivityExecutionResponse],
        { namespace: NAMESPACE, activityId, runId },
      );
      if ((info?.status === ActivityExecutionStatus.COMPLETED) !== (outcome.result !== undefined)) {
        this.#ledger.violation(`${activityId}/${runId}: its outcome says otherwise than its status ${info?.status}`);
      }
      return;
    }
  }

  #mayBeOver(what: string, error: unknown): void {
    if (!isCode(error, GrpcCode.NOT_FOUND, GrpcCode.FAILED_PRECONDITION)) this.#ledger.unexpected(what, error);
  }

  #name(kind: string): string {
    return `${kind}-${++this.#names}`;
  }
}
