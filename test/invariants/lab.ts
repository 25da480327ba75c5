// A history service over shared memory tables that a test can crash, open again, and hold in the middle of a write. Small
// helpers over src/history/testing for the tests of the design's invariants.

import { CommandType } from '#proto/temporal/api/enums/v1';
import {
  PollActivityTaskQueueRequest,
  type PollActivityTaskQueueResponse,
  PollWorkflowTaskQueueRequest,
  type PollWorkflowTaskQueueResponse,
  RespondActivityTaskCompletedRequest,
  RespondActivityTaskCompletedResponse,
  SignalWorkflowExecutionRequest,
  SignalWorkflowExecutionResponse,
} from '#proto/temporal/api/workflowservice/v1';
import { GrpcCode, ServiceError } from '../../src/base/service-error.ts';
import { type HistoryFixture, historyFixture, NAMESPACE_ID } from '../../src/history/testing/history-fixture.ts';
import type { ExecutionStore } from '../../src/persistence/index.ts';
import { JournaledExecutionStore } from '../../src/persistence/journal/journaled-store.ts';
import { MemoryStoreFactory } from '../../src/persistence/memory/factory.ts';
import type { StoreFault } from '../../src/persistence/memory/fault-gate.ts';
import {
  partitionKey,
  TASK_QUEUE_TYPE_ACTIVITY,
  TASK_QUEUE_TYPE_WORKFLOW,
} from '../../src/runtime/task-queue-partition.ts';
import { VirtualClock } from '../../src/runtime/virtual-clock.ts';

export const SIGNAL = [SignalWorkflowExecutionRequest, SignalWorkflowExecutionResponse] as const;
export const COMPLETE_ACTIVITY = [RespondActivityTaskCompletedRequest, RespondActivityTaskCompletedResponse] as const;

export interface LabOptions {
  readonly answer?: 'sync' | 'promise';
  /** Small commits go to a journal, as on PostgreSQL. */
  readonly journal?: boolean;
  /** What a test sees of the store; the service gets the result. */
  readonly watch?: (store: ExecutionStore) => ExecutionStore;
}

/** One data set and the processes that open it, one after the other. */
export class Lab {
  readonly clock = new VirtualClock();
  readonly #options: LabOptions;
  #factory: MemoryStoreFactory;
  #fault: StoreFault | undefined;
  #held: { readonly stage: 'before' | 'after'; readonly release: Promise<void> } | undefined;
  #matching: Promise<void> | undefined;
  #kill: () => void = () => {};
  readonly #offeredSlots = new Set<number>();
  fixture!: HistoryFixture;

  private constructor(options: LabOptions) {
    this.#options = options;
    this.#factory = new MemoryStoreFactory(this.#storeOptions());
  }

  static async open(options: LabOptions = {}): Promise<Lab> {
    const lab = new Lab(options);
    await lab.#start();
    return lab;
  }

  async #start(): Promise<void> {
    this.fixture = await this.another(this.#factory);
  }

  /** A further process over the same data; the first does not know of it. */
  async another(factory: MemoryStoreFactory = this.#factory.reopen(this.#storeOptions())): Promise<HistoryFixture> {
    const tables = factory.openExecutionStore(0);
    const store = this.#options.journal === true ? new JournaledExecutionStore(tables, { maxBacklog: 100 }) : tables;
    const mortal = this.#mortalClock();
    const starting = historyFixture((this.#options.watch ?? ((same) => same))(store), mortal, () => this.#matching);
    await this.clock.settle();
    return starting;
  }

  #storeOptions() {
    return {
      answer: this.#options.answer,
      fault: (operation: string) => {
        if (operation !== 'commit' || this.#fault === undefined) return undefined;
        const fault = this.#fault;
        this.#fault = undefined;
        return fault;
      },
      ...(this.#options.answer === 'promise' && {
        delay: (operation: string, stage: 'before' | 'after') =>
          operation === 'commit' && this.#held?.stage === stage ? this.#held.release : undefined,
      }),
    };
  }

  /** The next commit ends like this. */
  failNextCommit(fault: StoreFault): void {
    this.#fault = fault;
  }

  /** Commits stop before, or right after, they take effect; until the returned function is called. */
  holdCommits(stage: 'before' | 'after'): () => Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const held = { stage, release: promise };
    this.#held = held;
    return async () => {
      // Those that follow may be held by now, too.
      if (this.#held === held) this.#held = undefined;
      resolve();
      await this.clock.advance(0);
    };
  }

  /** From now on matching keeps tasks until a worker has them, as a sync match does; until the returned function is called. */
  holdMatching(): () => void {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#matching = promise;
    return () => {
      this.#matching = undefined;
      resolve();
    };
  }

  /** The world's clock until the process that has it dies. */
  #mortalClock(): VirtualClock {
    const { clock } = this;
    const life = { isOver: false };
    this.#kill = () => {
      life.isOver = true;
    };
    const alive = (callback: () => void) => () => {
      if (!life.isOver) callback();
    };
    return new Proxy(clock, {
      get: (target, property) => {
        if (property === 'after')
          return (delayMs: number, callback: () => void) => clock.after(delayMs, alive(callback));
        if (property === 'defer') return (callback: () => void) => clock.defer(alive(callback));
        const member = Reflect.get(target, property, target) as unknown;
        return typeof member === 'function' ? member.bind(target) : member;
      },
    });
  }

  /** The process dies and another one opens its data. */
  async restart(): Promise<void> {
    this.#kill();
    this.#factory.crash();
    await this.clock.settle();
    this.#factory = this.#factory.reopen(this.#storeOptions());
    await this.#start();
    await this.clock.advance(0);
  }

  /** Lets everything happen that needs no time. */
  settle(): Promise<void> {
    return this.clock.advance(0);
  }

  /** A worker waits in this process for a task of this kind. */
  offerPoll(kind: 'workflow' | 'activity'): void {
    const taskQueueType = kind === 'workflow' ? TASK_QUEUE_TYPE_WORKFLOW : TASK_QUEUE_TYPE_ACTIVITY;
    const key = partitionKey({ namespaceId: NAMESPACE_ID, taskQueue: 'test-queue', taskQueueType, partitionId: 0 });
    const request = { identity: 'parked', taskQueue: { name: 'test-queue' } };
    const codec = kind === 'workflow' ? PollWorkflowTaskQueueRequest : PollActivityTaskQueueRequest;
    const slots = this.#offeredSlots;
    const offer = this.fixture.polls.offer(key, codec.encode(request), (slot) => !slots.has(slot));
    slots.add(offer!.slot);
  }

  signal(workflowId: string, signalName: string, requestId: string = signalName): Promise<unknown> {
    return this.fixture.rpc('SignalWorkflowExecution', SIGNAL, {
      namespace: 'test',
      workflowExecution: { workflowId },
      signalName,
      requestId,
    });
  }

  async signals(workflowId: string): Promise<string[]> {
    const events = await this.fixture.events(workflowId);
    return events.flatMap(({ workflowExecutionSignaledEventAttributes: signaled }) => signaled?.signalName ?? []);
  }

  completeActivity(task: PollActivityTaskQueueResponse): Promise<unknown> {
    return this.fixture.rpc('RespondActivityTaskCompleted', COMPLETE_ACTIVITY, {
      namespace: 'test',
      taskToken: task.taskToken,
      identity: 'test-worker',
    });
  }

  /** Completes the workflow task with these commands. */
  answer(task: PollWorkflowTaskQueueResponse, ...commands: readonly Command[]): Promise<unknown> {
    return this.fixture.complete({ taskToken: task.taskToken, commands });
  }
}

type Command = ReturnType<typeof timer> | ReturnType<typeof activity> | ReturnType<typeof completeRun>;

export function timer(timerId: string, startToFireTimeout: number) {
  return { commandType: CommandType.START_TIMER, startTimerCommandAttributes: { timerId, startToFireTimeout } };
}

export function activity(activityId: string, input?: Uint8Array) {
  return {
    commandType: CommandType.SCHEDULE_ACTIVITY_TASK,
    scheduleActivityTaskCommandAttributes: {
      activityId,
      activityType: { name: 'test-activity' },
      taskQueue: { name: 'test-queue' },
      startToCloseTimeout: 600_000,
      scheduleToCloseTimeout: 6_000_000,
      input: input as never,
      retryPolicy: { maximumAttempts: 1 },
    },
  };
}

export function completeRun() {
  return { commandType: CommandType.COMPLETE_WORKFLOW_EXECUTION, completeWorkflowExecutionCommandAttributes: {} };
}

/** Whether the promise has been answered, either way. */
export function watched<T>(promise: Promise<T>): { readonly promise: Promise<T>; readonly isAnswered: () => boolean } {
  let answered = false;
  promise.then(
    () => (answered = true),
    () => (answered = true),
  );
  return { promise, isAnswered: () => answered };
}

export const isUnavailable = (error: unknown): boolean =>
  error instanceof ServiceError && error.code === GrpcCode.UNAVAILABLE;
export const isNotFound = (error: unknown): boolean =>
  error instanceof ServiceError && error.code === GrpcCode.NOT_FOUND;
export const isAlreadyExists = (error: unknown): boolean =>
  error instanceof ServiceError && error.code === GrpcCode.ALREADY_EXISTS;
