// Load at protocol level that outlives the server: starts, signals, updates, workflow tasks and activities, each repeated with
// its own request id until the server answers, and entered into the ledger when it does.

import { type ServiceError, status } from '@grpc/grpc-js';
import { Connection } from '@temporalio/client';
import {
  type ActivityTask,
  api,
  duration,
  enums,
  type ProtocolMessage,
  payloads,
  type WorkflowTask,
} from '../end-to-end/harness/api.ts';
import { protocolMessage } from '../end-to-end/harness/commands.ts';
import { pause } from '../end-to-end/harness/wait-until.ts';
import type { Ledger, LedgerEntry } from './ledger.ts';
import { decide, planOf, randomPlan } from './plan.ts';
import type { Random } from './random.ts';

const NAMESPACE = 'default';
const WORKFLOW_POLLERS = 6;
const ACTIVITY_POLLERS = 6;
/** Open workflows at a time; enough to keep the commit path batching. */
const OPEN_WORKFLOWS = 24;
const CALL_DEADLINE_MS = 4_000;
const POLL_DEADLINE_MS = 8_000;
const RETRY_PAUSE_MS = 40;
/** Another try may give another answer. */
const PASSING = new Set([
  status.UNAVAILABLE,
  status.DEADLINE_EXCEEDED,
  status.CANCELLED,
  status.UNKNOWN,
  status.INTERNAL,
  status.ABORTED,
  status.RESOURCE_EXHAUSTED,
]);
/** Servers that die one after the other fail a run's workflow task: it takes updates again when a worker has answered one. */
const FAILING_TASK = 'due to Workflow Task in failed state';

export class LoadDriver {
  readonly #address: string;
  readonly #ledger: Ledger;
  readonly #random: Random;
  readonly #taskQueue: string;
  readonly #prefix: string;
  #connection: Connection | undefined;
  #starting = true;
  #working = true;
  #started = 0;
  readonly #loops: Promise<void>[] = [];
  readonly #clients: Promise<void>[] = [];

  constructor(address: string, ledger: Ledger, random: Random, prefix: string) {
    this.#address = address;
    this.#ledger = ledger;
    this.#random = random;
    this.#prefix = prefix;
    this.#taskQueue = `${prefix}-queue`;
  }

  async start(): Promise<void> {
    this.#connection = await Connection.connect({ address: this.#address, interceptors: [] });
    for (let index = 0; index < WORKFLOW_POLLERS; index += 1) this.#loops.push(this.#pollWorkflowTasks());
    for (let index = 0; index < ACTIVITY_POLLERS; index += 1) this.#loops.push(this.#pollActivityTasks());
    for (let index = 0; index < OPEN_WORKFLOWS; index += 1) this.#clients.push(this.#client());
  }

  get service() {
    if (!this.#connection) throw new Error('not started');
    return this.#connection.workflowService;
  }

  /** No more new workflows; resolves when those that are open have completed. */
  async drain(): Promise<void> {
    this.#starting = false;
    await Promise.all(this.#clients);
  }

  async stop(): Promise<void> {
    this.#starting = false;
    this.#working = false;
    await this.#connection?.close();
    await Promise.allSettled(this.#loops);
  }

  /** Starts workflows one after the other, and does to each what its plan waits for. */
  async #client(): Promise<void> {
    while (this.#starting && this.#working) {
      this.#started += 1;
      const entry = this.#ledger.open(`${this.#prefix}-${this.#started}`, randomPlan(this.#random));
      await this.#startWorkflow(entry);
      const sends = [
        ...Array.from({ length: entry.plan.signals }, (_, index) => this.#sendSignal(entry, `s${index}`)),
        ...Array.from({ length: entry.plan.updates }, (_, index) => this.#sendUpdate(entry, `u${index}`)),
      ];
      await Promise.all(sends);
      await this.#awaitCompletion(entry);
    }
  }

  async #startWorkflow(entry: LedgerEntry): Promise<void> {
    const requestId = crypto.randomUUID();
    const response = await this.#persist(`start of ${entry.workflowId}`, () =>
      this.service.startWorkflowExecution({
        namespace: NAMESPACE,
        workflowId: entry.workflowId,
        workflowType: { name: 'crash-workflow' },
        taskQueue: { name: this.#taskQueue },
        input: payloads(entry.plan),
        requestId,
        workflowTaskTimeout: duration(2_000),
      }),
    );
    entry.runId = response?.runId;
  }

  async #sendSignal(entry: LedgerEntry, signalName: string): Promise<void> {
    await pause(this.#random.between(0, 400));
    const requestId = crypto.randomUUID();
    const sent = await this.#persist(`signal to ${entry.workflowId}`, () =>
      this.service.signalWorkflowExecution({
        namespace: NAMESPACE,
        workflowExecution: { workflowId: entry.workflowId, runId: entry.runId ?? '' },
        signalName,
        input: payloads(signalName),
        requestId,
      }),
    );
    if (sent) entry.signals.add(signalName);
  }

  async #sendUpdate(entry: LedgerEntry, updateId: string): Promise<void> {
    await pause(this.#random.between(0, 400));
    const { UPDATE_WORKFLOW_EXECUTION_LIFECYCLE_STAGE_COMPLETED: COMPLETED } =
      enums.UpdateWorkflowExecutionLifecycleStage;
    const response = await this.#persist(`update of ${entry.workflowId}`, async () => {
      const answer = await this.service.updateWorkflowExecution({
        namespace: NAMESPACE,
        workflowExecution: { workflowId: entry.workflowId, runId: entry.runId ?? '' },
        request: { meta: { updateId }, input: { name: 'note', args: payloads(updateId) } },
        waitPolicy: { lifecycleStage: COMPLETED },
      });
      return answer.stage === COMPLETED ? answer : undefined;
    });
    if (response) entry.updates.add(updateId);
  }

  async #awaitCompletion(entry: LedgerEntry): Promise<void> {
    while (this.#working && !entry.completed) {
      const page = await this.#call(POLL_DEADLINE_MS, () =>
        this.service.getWorkflowExecutionHistory({
          namespace: NAMESPACE,
          execution: { workflowId: entry.workflowId, runId: entry.runId ?? '' },
          waitNewEvent: true,
          historyEventFilterType: enums.HistoryEventFilterType.HISTORY_EVENT_FILTER_TYPE_CLOSE_EVENT,
        }),
      ).catch((error: ServiceError) => this.#passing(error, `history of ${entry.workflowId}`));
      if (page?.history?.events?.some((event) => event.workflowExecutionCompletedEventAttributes))
        entry.completed = true;
    }
  }

  async #pollWorkflowTasks(): Promise<void> {
    while (this.#working) {
      const task = await this.#call(POLL_DEADLINE_MS, () =>
        this.service.pollWorkflowTaskQueue({
          namespace: NAMESPACE,
          taskQueue: { name: this.#taskQueue },
          identity: 'crash-worker',
        }),
      ).catch((error: ServiceError) => this.#passing(error, 'poll for workflow tasks'));
      if (task?.taskToken?.length) await this.#answerWorkflowTask(task);
    }
  }

  async #answerWorkflowTask(task: WorkflowTask): Promise<void> {
    const events = task.history?.events ?? [];
    const entry = this.#ledger.get(task.workflowExecution?.workflowId ?? '');
    const messages = (task.messages ?? []).flatMap(acceptAndComplete);
    // An update that completes with this answer counts for the decision of the next task.
    const decision = messages.length > 0 ? { commands: [], ids: [] } : decide(planOf(events), events, this.#taskQueue);
    try {
      await this.#call(CALL_DEADLINE_MS, () =>
        this.service.respondWorkflowTaskCompleted({
          namespace: NAMESPACE,
          taskToken: task.taskToken ?? new Uint8Array(),
          identity: 'crash-worker',
          commands: [...messages.map((message) => protocolMessage(message.id ?? '')), ...decision.commands],
          messages,
          forceCreateNewWorkflowTask: messages.length > 0,
        }),
      );
      entry.answers.push({ startedEventId: Number(task.startedEventId), ids: decision.ids });
    } catch (error) {
      // Not acknowledged: the task comes again, or its answer was written and the next task shows it.
      this.#expectOneOf(
        error as ServiceError,
        [status.NOT_FOUND, status.INVALID_ARGUMENT],
        'answer to a workflow task',
      );
    }
  }

  async #pollActivityTasks(): Promise<void> {
    while (this.#working) {
      const task = await this.#call(POLL_DEADLINE_MS, () =>
        this.service.pollActivityTaskQueue({
          namespace: NAMESPACE,
          taskQueue: { name: this.#taskQueue },
          identity: 'crash-worker',
        }),
      ).catch((error: ServiceError) => this.#passing(error, 'poll for activities'));
      if (task?.taskToken?.length) await this.#runActivity(task);
    }
  }

  async #runActivity(task: ActivityTask): Promise<void> {
    const entry = this.#ledger.get(task.workflowExecution?.workflowId ?? '');
    const attempt = `${task.activityId}/${task.attempt}`;
    if (entry.attempts.has(attempt)) {
      this.#ledger.violations.push(`${entry.workflowId}: activity attempt ${attempt} was handed out twice`);
    }
    entry.attempts.add(attempt);
    await pause(this.#random.between(0, 60));
    const answered = await this.#persist(
      `result of ${entry.workflowId} ${attempt}`,
      () =>
        this.service.respondActivityTaskCompleted({
          namespace: NAMESPACE,
          taskToken: task.taskToken ?? new Uint8Array(),
          identity: 'crash-worker',
          result: payloads(attempt),
        }),
      [status.NOT_FOUND],
    );
    if (answered) entry.activities.add(attempt);
  }

  /** Repeats a call until it is answered; undefined when the answer is one of `final`, or the driver stops. */
  async #persist<T>(
    what: string,
    call: () => Promise<T | undefined>,
    final: readonly status[] = [],
  ): Promise<T | undefined> {
    while (this.#working) {
      try {
        const answer = await this.#call(CALL_DEADLINE_MS, call);
        if (answer !== undefined) return answer;
      } catch (error) {
        const { code } = error as ServiceError;
        if (final.includes(code)) return undefined;
        await this.#passing(error as ServiceError, what);
      }
    }
    return undefined;
  }

  #call<T>(deadlineMs: number, call: () => Promise<T>): Promise<T> {
    if (!this.#connection) throw new Error('not started');
    return this.#connection.withDeadline(Date.now() + deadlineMs, call);
  }

  /** Waits a moment after an error that may pass; any other is a violation. */
  async #passing(error: ServiceError, what: string): Promise<undefined> {
    this.#expectOneOf(error, [], what);
    await pause(RETRY_PAUSE_MS);
    return undefined;
  }

  #expectOneOf(error: ServiceError, codes: readonly status[], what: string): void {
    if (!this.#working || PASSING.has(error.code) || codes.includes(error.code)) return;
    if (error.details?.includes(FAILING_TASK)) return;
    this.#ledger.violations.push(`${what} failed: ${status[error.code] ?? ''} ${error.details ?? error.message}`);
  }
}

function acceptAndComplete(message: ProtocolMessage): ProtocolMessage[] {
  const { Acceptance, Request, Response } = api.update.v1;
  const request = Request.decode(message.body?.value as Uint8Array);
  const body = (name: string, value: Uint8Array) => ({
    type_url: `type.googleapis.com/temporal.api.update.v1.${name}`,
    value,
  });
  const protocolInstanceId = message.protocolInstanceId ?? '';
  const acceptance = Acceptance.encode({
    acceptedRequestMessageId: message.id ?? '',
    acceptedRequestSequencingEventId: message.eventId ?? null,
    acceptedRequest: request,
  }).finish();
  const response = Response.encode({
    meta: request.meta ?? null,
    outcome: { success: payloads(request.meta?.updateId) },
  }).finish();
  return [
    { id: `${message.id}/accept`, protocolInstanceId, body: body('Acceptance', acceptance) },
    { id: `${message.id}/complete`, protocolInstanceId, body: body('Response', response) },
  ];
}
