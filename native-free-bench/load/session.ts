// A workload on one server: a client, a worker at protocol level (workflow, sticky and activity polls as an SDK makes them), and
// the runs in between. Lives through all rounds of a comparison, so that pollers and caches are as warm as in a real service.

import { randomUUID } from 'node:crypto';
import { TaskQueueKind } from '#proto/temporal/api/enums/v1';
import type {
  PollActivityTaskQueueResponse,
  PollWorkflowTaskQueueResponse,
} from '#proto/temporal/api/workflowservice/v1';
import { Code, isCode, Methods, WorkflowServiceClient } from '../client/workflow-service.ts';
import { payloads } from '../workloads/commands.ts';
import type { Workload } from '../workloads/workload.ts';
import { type Driver, Failures } from './driver.ts';
import { type LatencySink, UNMEASURED } from './figures.ts';
import { Run } from './run.ts';

export const NAMESPACE = 'default';
const DAY_MS = 86_400_000;
/** As the SDKs' default: a worker that is away for longer loses its cache's advantage. */
const STICKY_TIMEOUT_MS = 10_000;
const AFTER_ERROR_PAUSE_MS = 20;
const READY_DEADLINE_MS = 60_000;
/** One answer of a server may come from the part that learns of a namespace first. */
const CALM_CHECKS = 3;
const IDENTITY = 'native-free-bench';

export interface SessionOptions {
  readonly address: string;
  readonly workload: Workload;
  /** Pollers of each kind: workflow, sticky, activity. */
  readonly pollers: number;
  readonly connections: number;
  readonly sticky: boolean;
}

export class Session implements Driver {
  readonly client: WorkflowServiceClient;
  readonly taskQueue: string;
  readonly #stickyQueue: string;
  readonly #options: SessionOptions;
  readonly #runs = new Map<string, Run>();
  #working = false;
  #stopped = false;
  readonly failures = new Failures();

  static async open(options: SessionOptions): Promise<Session> {
    await waitUntilReady(options.address);
    const client = await WorkflowServiceClient.connect(options.address, options.connections);
    const session = new Session(client, options);
    if (options.workload.workersFromTheStart !== false) session.startWorkers();
    return session;
  }

  private constructor(client: WorkflowServiceClient, options: SessionOptions) {
    this.client = client;
    this.#options = options;
    this.taskQueue = `bench-${options.workload.name}-${randomUUID().slice(0, 8)}`;
    this.#stickyQueue = `${this.taskQueue}-sticky-${randomUUID()}`;
  }

  startWorkers(): void {
    if (this.#working) return;
    this.#working = true;
    const { pollers, sticky, workload } = this.#options;
    for (let i = 0; i < pollers; i++) {
      void this.#pollWorkflowTasks({ name: this.taskQueue, kind: TaskQueueKind.NORMAL });
      if (sticky) {
        void this.#pollWorkflowTasks({
          name: this.#stickyQueue,
          kind: TaskQueueKind.STICKY,
          normalName: this.taskQueue,
        });
      }
      if (workload.activities) void this.#pollActivities();
    }
  }

  close(): void {
    this.#stopped = true;
    this.client.close();
  }

  async operate(intendedAtMs: number, figures: LatencySink): Promise<void> {
    const run = this.newRun(intendedAtMs, figures);
    try {
      await this.#options.workload.operate(this, run);
    } catch (error) {
      this.forget(run);
      throw error;
    }
  }

  newRun(intendedAtMs: number, figures: LatencySink, workflowId: string = randomUUID()): Run {
    const run = new Run(workflowId, intendedAtMs, figures);
    this.#runs.set(run.workflowId, run);
    return run;
  }

  forget(run: Run): void {
    this.#runs.delete(run.workflowId);
  }

  /** Starts the run's workflow; the latency of the call counts from when it was due. */
  async start(run: Run): Promise<void> {
    const { runId } = await this.client.call(Methods.start, {
      namespace: NAMESPACE,
      workflowId: run.workflowId,
      workflowType: { name: this.#options.workload.name },
      taskQueue: { name: this.taskQueue, kind: TaskQueueKind.NORMAL },
      input: payloads(),
      workflowRunTimeout: DAY_MS,
      workflowTaskTimeout: 10_000,
      identity: IDENTITY,
      requestId: randomUUID(),
    });
    run.runId = runId;
    run.figures.record('start', performance.now() - run.intendedAtMs);
  }

  /** Starts the run and waits until its workflow has been closed by the worker, and the server has said so. */
  async startAndFinish(run: Run): Promise<void> {
    await this.start(run);
    await run.closed;
    run.figures.record('endToEnd', performance.now() - run.intendedAtMs);
    this.forget(run);
  }

  failed(what: string, error: unknown): void {
    if (!this.#stopped) this.failures.add(what, error);
  }

  async #pollWorkflowTasks(taskQueue: { name: string; kind: number; normalName?: string }): Promise<void> {
    const request = { namespace: NAMESPACE, taskQueue, identity: IDENTITY };
    while (!this.#stopped) {
      try {
        const task = await this.client.call(Methods.pollWorkflowTask, request);
        if (task.taskToken.length > 0) void this.#onWorkflowTask(task);
      } catch (error) {
        await this.#pollFailed(error);
      }
    }
  }

  async #pollActivities(): Promise<void> {
    const request = { namespace: NAMESPACE, taskQueue: { name: this.taskQueue }, identity: IDENTITY };
    while (!this.#stopped) {
      try {
        const task = await this.client.call(Methods.pollActivityTask, request);
        if (task.taskToken.length > 0) void this.#onActivityTask(task);
      } catch (error) {
        await this.#pollFailed(error);
      }
    }
  }

  async #pollFailed(error: unknown): Promise<void> {
    if (this.#stopped) return;
    if (!isCode(error, Code.DEADLINE_EXCEEDED)) this.failed('poll', error);
    await new Promise((resolve) => setTimeout(resolve, AFTER_ERROR_PAUSE_MS));
  }

  async #onWorkflowTask(task: PollWorkflowTaskQueueResponse): Promise<void> {
    const now = performance.now();
    const { workload } = this.#options;
    const workflowId = task.workflowExecution?.workflowId ?? '';
    // Of an operation that was given up, or a child: it has no client that waits, its worker still remembers it.
    const run = this.#runs.get(workflowId) ?? this.#adopt(workflowId, now);
    try {
      if (task.query !== undefined) {
        await this.client.call(Methods.completeQuery, {
          namespace: NAMESPACE,
          taskToken: task.taskToken,
          completedType: 1,
          queryResult: payloads(),
        });
        return;
      }
      run.observe(task.history ?? new Uint8Array());
      if (!run.firstTaskSeen) {
        run.firstTaskSeen = true;
        run.figures.record('startToFirstTask', now - run.intendedAtMs);
      }
      const decision = workload.decide(run, task, this);
      await this.client.call(Methods.completeWorkflowTask, {
        namespace: NAMESPACE,
        taskToken: task.taskToken,
        identity: IDENTITY,
        commands: decision.commands,
        messages: decision.messages ?? [],
        stickyAttributes: this.#options.sticky
          ? {
              workerTaskQueue: {
                name: this.#stickyQueue,
                kind: TaskQueueKind.STICKY,
                normalName: this.taskQueue,
              },
              scheduleToStartTimeout: STICKY_TIMEOUT_MS,
            }
          : undefined,
      });
      if (decision.closes === true) run.close();
      run.wake();
    } catch (error) {
      // A task that timed out comes again; a run whose answer was refused for good would wait for ever.
      this.failed('workflow task', error);
      if (!isCode(error, Code.NOT_FOUND)) run.fail(error);
    }
  }

  #adopt(workflowId: string, now: number): Run {
    const run = new Run(workflowId, now, UNMEASURED);
    this.#runs.set(workflowId, run);
    void run.closed.then(() => this.forget(run)).catch(() => this.forget(run));
    return run;
  }

  async #onActivityTask(task: PollActivityTaskQueueResponse): Promise<void> {
    const now = performance.now();
    const run = this.#runs.get(task.workflowExecution?.workflowId ?? '');
    const sentAtMs = run?.sentAtMs.get(task.activityId);
    if (sentAtMs !== undefined) run!.figures.record('activityScheduleToStart', now - sentAtMs);
    if (this.#options.workload.onActivity !== undefined) {
      this.#options.workload.onActivity(task);
      return;
    }
    try {
      await this.completeActivity(task.taskToken);
    } catch (error) {
      this.failed('activity', error);
    }
  }

  async completeActivity(taskToken: Uint8Array): Promise<void> {
    await this.client.call(Methods.completeActivity, {
      namespace: NAMESPACE,
      taskToken,
      identity: IDENTITY,
      result: payloads(),
    });
  }
}

/** Registers the namespace where it is missing, and waits until every part of a server that has just started knows it. */
export async function waitUntilReady(address: string): Promise<void> {
  const until = performance.now() + READY_DEADLINE_MS;
  for (let calmChecks = 0; calmChecks < CALM_CHECKS; ) {
    let client: WorkflowServiceClient | undefined;
    try {
      client = await WorkflowServiceClient.connect(address, 1);
      // Not all: a server with a million workflows would count for a second.
      await client.call(Methods.count, { namespace: NAMESPACE, query: "WorkflowId = 'native-free-bench'" });
      calmChecks++;
    } catch (error) {
      if (performance.now() > until) throw error;
      calmChecks = 0;
      if (client !== undefined && isCode(error, Code.NOT_FOUND)) await registerNamespace(client);
      await new Promise((resolve) => setTimeout(resolve, 500));
    } finally {
      client?.close();
    }
  }
}

async function registerNamespace(client: WorkflowServiceClient): Promise<void> {
  try {
    await client.call(Methods.registerNamespace, {
      namespace: NAMESPACE,
      workflowExecutionRetentionPeriod: DAY_MS,
    });
  } catch (error) {
    if (!isCode(error, Code.ALREADY_EXISTS, Code.UNAVAILABLE)) throw error;
  }
}
