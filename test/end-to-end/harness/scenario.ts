// One scenario: unique ids, a worker played by hand over raw polls and responses, and the calls that scenarios make all the
// time with everything obvious filled in.

import assert from 'node:assert/strict';
import { it } from 'node:test';
import type { temporal } from '@temporalio/proto';
import {
  type ActivityTask,
  api,
  type Command,
  duration,
  type Execution,
  enums,
  type Failure,
  type HistoryEvent,
  payloads,
  type RespondWorkflowTaskCompleted,
  type StartRequest,
  type WorkflowTask,
} from './api.ts';
import type { Environment } from './environment.ts';
import { compareEvents, type ExpectedEvent, readHistory } from './history.ts';
import { type PlainEvent, plainEvent, plainly } from './plain.ts';
import { pause } from './wait-until.ts';

/** Generous: a scenario aims at under 3 s, but many run at once on few cores. */
const SCENARIO_TIMEOUT_MS = 60_000;
/** A poll that brings nothing for this long fails the scenario. */
const POLL_DEADLINE_MS = 20_000;
/**
 * After a poll is cancelled: matching hears of it by another way than history of the call that comes next, and a task that meets a poll which is
 * about to end goes to another poll with the answer made for that one.
 */
const CANCEL_ARRIVES_MS = 100;
/** Scenarios of one file that run at the same time. */
export const CONCURRENCY = Number(process.env.OSTINATO_E2E_CONCURRENCY ?? 12);

type Described = temporal.api.workflowservice.v1.DescribeWorkflowExecutionResponse;

let sequence = 0;

interface ScenarioOptions {
  /** Why Temporal itself (OSTINATO_E2E_TARGET) does not pass. */
  readonly notOnTemporal?: string;
}

/** Registers a test; `body` gets a scenario of its own. */
export function scenario(
  environment: Environment,
  name: string,
  body: (s: Scenario) => Promise<void>,
  options: ScenarioOptions = {},
): void {
  const skip = environment.server === undefined && options.notOnTemporal ? options.notOnTemporal : false;
  it(name, { timeout: SCENARIO_TIMEOUT_MS, skip }, async () => {
    const s = new Scenario(environment);
    try {
      await body(s);
    } catch (error) {
      throw new Error(`${await s.story()}\n${error instanceof Error ? error.message : String(error)}`, {
        cause: error,
      });
    } finally {
      await s.close();
    }
  });
}

/** A token that the server gave, or a task that carries it. */
type TaskToken = Uint8Array | null | undefined;

export class Scenario {
  readonly env: Environment;
  readonly id: string;
  readonly taskQueue: string;
  readonly identity = 'hand-made-worker';
  readonly #polls = new AbortController();

  constructor(env: Environment) {
    this.env = env;
    sequence += 1;
    this.id = `e2e-${env.unique}-${sequence}`;
    this.taskQueue = `tq-${env.unique}-${sequence}`;
  }

  get service() {
    return this.env.service;
  }

  get namespace(): string {
    return this.env.namespace;
  }

  /** Ends the polls that are still open, so that they take no task of a later scenario. */
  async close(): Promise<void> {
    this.#polls.abort();
  }

  /** What became of the scenario's workflow, for the report of a failure. */
  async story(): Promise<string> {
    try {
      const run = await this.currentRun();
      const events = (await this.history(run)).map(plainEvent);
      return `${this.id} was left as: ${events.map((event) => event.type).join(' ')}`;
    } catch (error) {
      return `${this.id} cannot be read: ${(error as Error).message}`;
    }
  }

  startRequest(request: StartRequest = {}): StartRequest {
    return {
      namespace: this.namespace,
      workflowId: this.id,
      workflowType: { name: 'some-workflow' },
      taskQueue: { name: this.taskQueue },
      identity: 'starter',
      requestId: crypto.randomUUID(),
      workflowTaskTimeout: duration(10_000),
      ...request,
    };
  }

  async start(request: StartRequest = {}): Promise<Execution> {
    const complete = this.startRequest(request);
    const response = await this.service.startWorkflowExecution(complete);
    return { workflowId: complete.workflowId ?? '', runId: response.runId ?? '' };
  }

  /** Starts a workflow and takes its first workflow task. */
  async startAndPoll(request: StartRequest = {}): Promise<{ execution: Execution; task: WorkflowTask }> {
    const execution = await this.start(request);
    return { execution, task: await this.pollWorkflowTask() };
  }

  /** The next workflow task, or query task, of the scenario's task queue. */
  async pollWorkflowTask(
    options: { taskQueue?: temporal.api.taskqueue.v1.ITaskQueue; identity?: string } = {},
  ): Promise<WorkflowTask> {
    const deadline = Date.now() + POLL_DEADLINE_MS;
    for (;;) {
      const task = await this.#poll(deadline, () =>
        this.service.pollWorkflowTaskQueue({
          namespace: this.namespace,
          taskQueue: options.taskQueue ?? { name: this.taskQueue },
          identity: options.identity ?? this.identity,
        }),
      );
      if (task.taskToken && task.taskToken.length > 0) return task;
      assert.ok(Date.now() < deadline, 'a workflow task came');
    }
  }

  async pollActivityTask(taskQueue = this.taskQueue): Promise<ActivityTask> {
    const deadline = Date.now() + POLL_DEADLINE_MS;
    for (;;) {
      const task = await this.#poll(deadline, () =>
        this.service.pollActivityTaskQueue({
          namespace: this.namespace,
          taskQueue: { name: taskQueue },
          identity: this.identity,
        }),
      );
      if (task.taskToken && task.taskToken.length > 0) return task;
      assert.ok(Date.now() < deadline, 'an activity task came');
    }
  }

  /** No workflow task is there, and none comes for a moment. */
  async expectNoWorkflowTask(
    milliseconds = 400,
    taskQueue: temporal.api.taskqueue.v1.ITaskQueue = { name: this.taskQueue },
  ): Promise<void> {
    const task = await this.#pollBriefly(milliseconds, () =>
      this.service.pollWorkflowTaskQueue({
        namespace: this.namespace,
        taskQueue,
        identity: 'idle',
      }),
    );
    assert.equal(task?.taskToken?.length ?? 0, 0, 'no workflow task');
  }

  async expectNoActivityTask(milliseconds = 400): Promise<void> {
    const task = await this.#pollBriefly(milliseconds, () =>
      this.service.pollActivityTaskQueue({
        namespace: this.namespace,
        taskQueue: { name: this.taskQueue },
        identity: 'idle',
      }),
    );
    assert.equal(task?.taskToken?.length ?? 0, 0, 'no activity task');
  }

  #poll<T>(deadline: number, call: () => Promise<T>): Promise<T> {
    return this.env.connection.withDeadline(deadline, () =>
      this.env.connection.withAbortSignal(this.#polls.signal, call),
    );
  }

  async #pollBriefly<T>(milliseconds: number, call: () => Promise<T>): Promise<T | undefined> {
    const abort = new AbortController();
    const timer = setTimeout(() => abort.abort(), milliseconds);
    try {
      return await this.env.connection.withDeadline(Date.now() + POLL_DEADLINE_MS, () =>
        this.env.connection.withAbortSignal(abort.signal, call),
      );
    } catch (error) {
      if (!abort.signal.aborted) throw error;
      await pause(CANCEL_ARRIVES_MS);
      return undefined;
    } finally {
      clearTimeout(timer);
    }
  }

  respondWorkflowTask(task: WorkflowTask, commands: Command[] = [], more: RespondWorkflowTaskCompleted = {}) {
    return this.service.respondWorkflowTaskCompleted({
      namespace: this.namespace,
      taskToken: task.taskToken ?? new Uint8Array(),
      identity: this.identity,
      commands,
      ...more,
    });
  }

  /** Takes the next workflow task and answers it with these commands. */
  async next(...commands: Command[]): Promise<WorkflowTask> {
    const task = await this.pollWorkflowTask();
    await this.respondWorkflowTask(task, commands);
    return task;
  }

  failWorkflowTask(
    task: WorkflowTask,
    cause = enums.WorkflowTaskFailedCause.WORKFLOW_TASK_FAILED_CAUSE_WORKFLOW_WORKER_UNHANDLED_FAILURE,
    failure: Failure = { message: 'the workflow code threw' },
  ) {
    return this.service.respondWorkflowTaskFailed({
      namespace: this.namespace,
      taskToken: task.taskToken ?? new Uint8Array(),
      identity: this.identity,
      cause,
      failure,
    });
  }

  completeActivity(taskToken: TaskToken, ...result: unknown[]) {
    return this.service.respondActivityTaskCompleted({
      namespace: this.namespace,
      taskToken: taskToken ?? new Uint8Array(),
      identity: this.identity,
      ...(result.length > 0 ? { result: payloads(...result) } : {}),
    });
  }

  failActivity(taskToken: TaskToken, failure: Failure) {
    return this.service.respondActivityTaskFailed({
      namespace: this.namespace,
      taskToken: taskToken ?? new Uint8Array(),
      identity: this.identity,
      failure,
    });
  }

  cancelActivity(taskToken: TaskToken, ...details: unknown[]) {
    return this.service.respondActivityTaskCanceled({
      namespace: this.namespace,
      taskToken: taskToken ?? new Uint8Array(),
      identity: this.identity,
      ...(details.length > 0 ? { details: payloads(...details) } : {}),
    });
  }

  heartbeat(taskToken: TaskToken, ...details: unknown[]) {
    return this.service.recordActivityTaskHeartbeat({
      namespace: this.namespace,
      taskToken: taskToken ?? new Uint8Array(),
      identity: this.identity,
      details: payloads(...details),
    });
  }

  signal(
    execution: { workflowId: string; runId?: string },
    signalName: string,
    input: unknown[] = [],
    more: temporal.api.workflowservice.v1.ISignalWorkflowExecutionRequest = {},
  ) {
    return this.service.signalWorkflowExecution({
      namespace: this.namespace,
      workflowExecution: execution,
      signalName,
      input: payloads(...input),
      identity: 'signaller',
      requestId: crypto.randomUUID(),
      ...more,
    });
  }

  requestCancel(execution: { workflowId: string; runId?: string }, more: object = {}) {
    return this.service.requestCancelWorkflowExecution({
      namespace: this.namespace,
      workflowExecution: execution,
      identity: 'canceller',
      requestId: crypto.randomUUID(),
      ...more,
    });
  }

  terminate(execution: { workflowId: string; runId?: string }, reason = 'enough', details: unknown[] = []) {
    return this.service.terminateWorkflowExecution({
      namespace: this.namespace,
      workflowExecution: execution,
      reason,
      identity: 'terminator',
      ...(details.length > 0 ? { details: payloads(...details) } : {}),
    });
  }

  describe(execution: { workflowId: string; runId?: string }): Promise<Described> {
    return this.service.describeWorkflowExecution({ namespace: this.namespace, execution });
  }

  /** The status of a run by name: `Running`, `Completed`, ... */
  async status(execution: { workflowId: string; runId?: string }): Promise<string> {
    const { workflowExecutionInfo } = await this.describe(execution);
    const name = enums.WorkflowExecutionStatus[workflowExecutionInfo?.status ?? 0] ?? '';
    const words = name.replace('WORKFLOW_EXECUTION_STATUS_', '').toLowerCase().split('_');
    return words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join('');
  }

  async currentRun(workflowId = this.id): Promise<Execution> {
    const { workflowExecutionInfo } = await this.describe({ workflowId });
    return { workflowId, runId: workflowExecutionInfo?.execution?.runId ?? '' };
  }

  history(execution: Execution): Promise<HistoryEvent[]> {
    return readHistory(this.service, this.namespace, execution);
  }

  /** The run's history is exactly this. Returns the events as plain values. */
  async expectEvents(execution: Execution, expected: readonly ExpectedEvent[]): Promise<PlainEvent[]> {
    return compareEvents(await this.history(execution), expected);
  }

  /** Waits until the run is closed, and returns its last event. */
  async closeEvent(execution: Execution): Promise<HistoryEvent> {
    const deadline = Date.now() + POLL_DEADLINE_MS;
    let token: Uint8Array = new Uint8Array();
    for (;;) {
      const page = await this.env.connection.withDeadline(deadline, () =>
        this.service.getWorkflowExecutionHistory({
          namespace: this.namespace,
          execution,
          waitNewEvent: true,
          historyEventFilterType: enums.HistoryEventFilterType.HISTORY_EVENT_FILTER_TYPE_CLOSE_EVENT,
          nextPageToken: token,
        }),
      );
      const event = page.history?.events?.[0];
      if (event) return event;
      token = page.nextPageToken ?? new Uint8Array();
      assert.ok(Date.now() < deadline, 'the workflow closed');
    }
  }
}

/** The events that came with a workflow task, in short form. */
export function taskEvents(task: WorkflowTask): string[] {
  return (task.history?.events ?? []).map((event) =>
    (enums.EventType[event.eventType ?? 0] ?? '')
      .replace('EVENT_TYPE_', '')
      .toLowerCase()
      .split('_')
      .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
      .join(''),
  );
}

/** A response as plain values, enums by name. */
export function plainResponse<K extends keyof typeof api.workflowservice.v1>(type: K, message: object): unknown {
  const messageType = api.workflowservice.v1[type] as unknown as {
    toObject(message: object, options: object): Record<string, unknown>;
  };
  return plainly(messageType.toObject(message, { enums: String, longs: Number }));
}
