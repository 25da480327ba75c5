// Plays a program against one server and writes down all that a client can see, normalised. Calls are made one after the other,
// and what a server does in the background is waited for, so that two correct servers give the same transcript.

import { type ServiceError, status } from '@grpc/grpc-js';
import type { Connection } from '@temporalio/client';
import protos from '@temporalio/proto';
import {
  type ActivityTask,
  applicationFailure,
  bytesOf,
  duration,
  enums,
  type ProtocolMessage,
  payload,
  payloads,
  type WorkflowTask,
} from '../end-to-end/harness/api.ts';
import { protocolMessage } from '../end-to-end/harness/commands.ts';
import { readHistory } from '../end-to-end/harness/history.ts';
import { pause } from '../end-to-end/harness/wait-until.ts';
import { sendOddCall } from './calls.ts';
import type { Coverage } from './coverage.ts';
import { LISTS } from './lists.ts';
import { sendNamespaceCall } from './namespaces.ts';
import { Normaliser } from './normalise.ts';
import { CHILD_SLOTS, type Program, type ProgramCommand, SLOTS, type Step } from './program.ts';
import { commandOf, MOVES_BY_ITSELF, type Names, oddMessages, startRequest, updateMessages } from './requests.ts';

const NAMESPACE = 'default';
const CALL_DEADLINE_MS = 10_000;
const UNKNOWN_RUN = 'aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee';
/** A timer of Temporal may be a second late; then come the calls that it leads to. */
const BY_ITSELF_MS = 2_200;
/** A second run of a chain waits until the first is a second old. */
const CHAIN_MS = 2_400;
const SETTLE_INTERVAL_MS = 15;
const SETTLE_DEADLINE_MS = 3_000;
/** Alike looks in a row until the server counts as settled. */
const SETTLED_LOOKS = 3;
/** Visibility follows after a moment. */
const VISIBLE_MS = 250;
/** A query that waits for a worker has arrived. */
const QUERY_ARRIVES_MS = 150;
/** Temporal deletes when its queues have acknowledged all that came before. */
const DELETED_MS = 9_000;
const NAMESPACE_KNOWN_MS = 1_200;
/** Of a call that waits for what a worker does. */
const WAITING_DEADLINE_MS = 120_000;
/** Servers give up waiting for an update after 20 s, for a query after 10. */
const WAITS_MS = 9_000;
/** How often a poll that finds nothing is repeated. */
const POLLS_AGAIN = 3;
/** Timeouts of tasks that are waited for. */
const SHORT_TIMEOUT_MS = 1_000;
/** From the fourth attempt on, Temporal adds to a workflow task's timeout: at most this, doubled with each attempt, a fifth of it drawn. */
const ATTEMPT_BACKOFF_MS = 5_000;
const ATTEMPTS_WITHOUT_BACKOFF = 3;
/** Attempts of tasks that time out: the next would take 20 s more. */
const MOST_TIMED_OUT_ATTEMPTS = 5;

export interface TranscriptEntry {
  readonly step: string;
  readonly outcome: unknown;
}

interface SlotState {
  readonly names: Names;
  task: WorkflowTask | undefined;
  staleTask: WorkflowTask | undefined;
  activity: ActivityTask | undefined;
  staleActivity: ActivityTask | undefined;
  requestId: string;
  firstRunId: string;
  /** Started with a cron schedule or a retry policy that soon leads to another run. */
  chains: boolean;
  /** Its workflow tasks time out at once. */
  timesOut: boolean;
  /** A workflow with its id may be there. */
  inUse: boolean;
  /** A poll of its sticky queue that waits. */
  stickyPoll: Promise<WorkflowTask | undefined> | undefined;
  /** Updates that were accepted and not completed, as requested. */
  readonly accepted: Map<string, ProtocolMessage>;
}

type Outcome = { ok: unknown } | { error: unknown };

/** What the server answers that program, with ids and names that begin with `prefix`. */
export async function play(
  connection: Connection,
  program: Program,
  prefix: string,
  coverage?: Coverage,
): Promise<TranscriptEntry[]> {
  return await new Player(connection, prefix, coverage).play(program);
}

class Player {
  readonly #connection: Connection;
  readonly #normaliser = new Normaliser();
  readonly #slots: SlotState[];
  /** Calls that wait for what a worker does. */
  readonly #waiting: { readonly name: string; readonly outcome: Promise<Outcome | string> }[] = [];
  readonly #prefix: string;
  readonly #coverage: Coverage | undefined;

  constructor(connection: Connection, prefix: string, coverage: Coverage | undefined) {
    this.#connection = connection;
    this.#prefix = prefix;
    this.#coverage = coverage;
    const ownChildren = Array.from({ length: CHILD_SLOTS }, (_, child) => `${prefix}-q${SLOTS + child}`);
    this.#slots = Array.from({ length: SLOTS + CHILD_SLOTS }, (_, slot) => ({
      names: {
        namespace: NAMESPACE,
        workflowId: slot < SLOTS ? `${prefix}-w${slot}` : `${prefix}-w0-child-${slot - SLOTS}`,
        taskQueue: `${prefix}-q${slot}`,
        childQueues: slot === 0 ? [...ownChildren, `${prefix}-children`] : [`${prefix}-children`],
        otherId: `${prefix}-w${(slot + 1) % SLOTS}`,
      },
      task: undefined,
      staleTask: undefined,
      activity: undefined,
      staleActivity: undefined,
      requestId: '',
      firstRunId: '',
      chains: false,
      timesOut: false,
      inUse: false,
      stickyPoll: undefined,
      accepted: new Map(),
    }));
  }

  async play(program: Program): Promise<TranscriptEntry[]> {
    const transcript: TranscriptEntry[] = [];
    for (const [index, step] of program.steps.entries()) {
      this.#noteUse(step);
      const outcome = await this.#step(step);
      transcript.push({ step: `${index} ${step.op}`, outcome });
      await this.#wait(step, outcome);
    }
    transcript.push(...(await this.#final()));
    return transcript;
  }

  #noteUse(step: Step): void {
    if ('slot' in step && STARTS.has(step.op)) this.#slot(step.slot).inUse = true;
    const children = step.op === 'answerWorkflowTask' && step.commands.some(({ kind }) => kind === 'child');
    // A child may also take the id of a neighbour.
    if (children) for (const slot of this.#slots) slot.inUse = true;
  }

  get #service() {
    const { workflowService } = this.#connection;
    return this.#coverage?.watched(workflowService) ?? workflowService;
  }

  #slot(index: number): SlotState {
    const slot = this.#slots[index];
    if (!slot) throw new Error(`no slot ${index}`);
    return slot;
  }

  /** A call that waits for what a worker does: 'open' when it has waited for longer than the servers are asked to. */
  async #long(call: () => Promise<object>): Promise<Outcome | string> {
    const from = Date.now();
    const waited = () => this.#connection.withDeadline(from + WAITING_DEADLINE_MS, call);
    const answered = await waited().then(
      (message) => ({ message }),
      (error: ServiceError) => ({ error }),
    );
    const isLate = Date.now() - from > WAITS_MS;
    if ('error' in answered) {
      return isLate && answered.error.code === status.DEADLINE_EXCEEDED ? 'open' : this.#failure(answered.error);
    }
    const ok = this.#normaliser.message(answered.message);
    return isLate && /"updateRef"/.test(JSON.stringify(ok)) && !/"outcome"/.test(JSON.stringify(ok)) ? 'open' : { ok };
  }

  async #call(call: () => Promise<object>): Promise<Outcome> {
    return await this.#answered(() => this.#raw(call));
  }

  /** Of a call that has its own deadline. */
  async #answered(call: () => Promise<object>): Promise<Outcome> {
    return await call().then(
      (message) => ({ ok: this.#normaliser.message(message) }),
      (error: ServiceError) => this.#failure(error),
    );
  }

  #raw<T>(call: () => Promise<T>): Promise<T> {
    return this.#connection.withDeadline(Date.now() + CALL_DEADLINE_MS, call);
  }

  #failure(error: ServiceError): Outcome {
    if (status[error.code] === undefined) throw error;
    const encoded = error.metadata?.get('grpc-status-details-bin')[0];
    const details =
      encoded instanceof Uint8Array
        ? protos.google.rpc.Status.decode(encoded).details.map((detail) => this.#detail(detail))
        : [];
    const code = status[error.code] ?? '';
    const message = this.#normaliser.text(error.details);
    this.#coverage?.error(code, message, this.#prefix);
    return { error: { code, message, details } };
  }

  #detail({ type_url: url, value }: { type_url?: string | null; value?: Uint8Array | null }): unknown {
    const name = (url ?? '').split('.').at(-1) ?? '';
    const types = protos.temporal.api.errordetails.v1 as unknown as Record<
      string,
      { decode(bytes: Uint8Array): object }
    >;
    const type = types[name];
    if (!type) return url;
    const decoded = type.decode(value ?? new Uint8Array());
    if (name !== 'MultiOperationExecutionFailure') {
      return { type: name, ...(this.#normaliser.message(decoded) as object) };
    }
    const { statuses } = decoded as protos.temporal.api.errordetails.v1.MultiOperationExecutionFailure;
    return {
      type: name,
      statuses: statuses?.map(({ code, message, details }) => {
        const text = this.#normaliser.text(message ?? '');
        if (code) this.#coverage?.error(status[code] ?? '', text, this.#prefix);
        return { code, message: text, details: details?.map((detail) => this.#detail(detail)) };
      }),
    };
  }

  async #step(step: Step): Promise<Outcome | string> {
    switch (step.op) {
      case 'start':
        return await this.#start(step);
      case 'signalWithStart':
        return await this.#signalWithStart(step);
      case 'signal':
        return await this.#signal(step);
      case 'requestCancel':
      case 'terminate':
        return await this.#end(step);
      case 'describe':
        return await this.#call(() => this.#describe(this.#slot(step.slot).names.workflowId));
      case 'history':
        return await this.#history(step);
      case 'pollWorkflowTask':
        return await this.#pollWorkflowTask(step.slot);
      case 'answerWorkflowTask':
        return await this.#answerWorkflowTask(step);
      case 'failWorkflowTask':
        return await this.#failWorkflowTask(step);
      case 'pollActivityTask':
        return await this.#pollActivityTask(step.slot);
      case 'answerActivity':
        return await this.#answerActivity(step);
      case 'query':
        return await this.#query(step);
      case 'update':
        return await this.#update(step);
      case 'startWithUpdate':
        return await this.#startWithUpdate(step);
      case 'pollUpdate':
        return await this.#pollUpdate(step);
      case 'workflowOptions':
        return await this.#workflowOptions(step);
      case 'call':
        return await this.#oddCall(step);
      case 'reset':
        return await this.#reset(step);
      case 'activityOptions':
        return await this.#activityOptions(step);
      case 'resetSticky':
        return await this.#call(() => {
          const { workflowId } = this.#slot(step.slot).names;
          return this.#service.resetStickyTaskQueue({ namespace: NAMESPACE, execution: { workflowId } });
        });
      case 'list':
        return await this.#list(step.filter);
      case 'pauseWorkflow':
      case 'unpauseWorkflow':
        return await this.#pauseWorkflow(step);
      case 'delete':
        return await this.#delete(step.slot);
      case 'stickyPoll':
        return await this.#stickyPoll(step.slot);
      case 'stickyTask':
        return await this.#stickyTask(step.slot);
      case 'namespace':
        return await this.#namespace(step.what);
      case 'wait':
        await pause(step.long ? BY_ITSELF_MS : SETTLE_INTERVAL_MS);
        return 'waited';
    }
  }

  #describe(workflowId: string) {
    return this.#service.describeWorkflowExecution({ namespace: NAMESPACE, execution: { workflowId } });
  }

  #requestId(slot: SlotState, oddity: string | undefined): string {
    if (oddity !== 'sameRequest' || slot.requestId === '') slot.requestId = crypto.randomUUID();
    return slot.requestId;
  }

  async #start(step: Extract<Step, { op: 'start' }>): Promise<Outcome> {
    const slot = this.#slot(step.slot);
    const request = startRequest(slot.names, step.oddity, this.#requestId(slot, step.oddity));
    return await this.#call(async () => {
      const response = await this.#service.startWorkflowExecution(request);
      slot.firstRunId = response.runId ?? '';
      if (response.started) {
        slot.chains = ['cronSoon', 'quickRetry'].includes(step.oddity ?? '');
        slot.timesOut = step.oddity === 'shortTask';
      }
      if (response.eagerWorkflowTask) this.#keepTask(slot, response.eagerWorkflowTask);
      return response;
    });
  }

  async #signalWithStart(step: Extract<Step, { op: 'signalWithStart' }>): Promise<Outcome> {
    const slot = this.#slot(step.slot);
    const request = startRequest(slot.names, step.oddity, this.#requestId(slot, step.oddity)) as object;
    return await this.#call(() =>
      this.#service.signalWithStartWorkflowExecution({
        ...request,
        signalName: step.oddity === 'noName' ? '' : 'with-start',
        signalInput: payloads('signal input'),
      }),
    );
  }

  #execution(slot: SlotState, oddity: string | undefined) {
    const { workflowId } = slot.names;
    if (oddity === 'unknownId') return { workflowId: `${this.#prefix}-nobody` };
    if (oddity === 'unknownRun') return { workflowId, runId: UNKNOWN_RUN };
    if (oddity === 'badRun') return { workflowId, runId: 'no-uuid' };
    return { workflowId };
  }

  async #signal(step: Extract<Step, { op: 'signal' }>): Promise<Outcome> {
    const slot = this.#slot(step.slot);
    const requestId = this.#requestId(slot, step.oddity);
    const names: Record<string, string> = { noName: '', longName: 'x'.repeat(1_001) };
    return await this.#call(() =>
      this.#service.signalWorkflowExecution({
        namespace: NAMESPACE,
        workflowExecution: this.#execution(slot, step.oddity),
        signalName: names[step.oddity ?? ''] ?? 'a-signal',
        input: payloads('signal input'),
        identity: 'signaller',
        requestId,
        ...(step.oddity === 'header' ? { header: { fields: { trace: payload('t') } } } : {}),
      }),
    );
  }

  async #end(step: Extract<Step, { op: 'requestCancel' | 'terminate' }>): Promise<Outcome> {
    const slot = this.#slot(step.slot);
    const request = {
      namespace: NAMESPACE,
      workflowExecution: this.#execution(slot, step.oddity),
      reason: step.oddity === 'noReason' ? '' : 'a reason',
      identity: 'operator',
      ...(step.oddity === 'firstRun' ? { firstExecutionRunId: slot.firstRunId || UNKNOWN_RUN } : {}),
    };
    if (step.op === 'terminate') {
      const details = step.oddity === 'details' ? { details: payloads('details') } : {};
      return await this.#call(() => this.#service.terminateWorkflowExecution({ ...request, ...details }));
    }
    const requestId = this.#requestId(slot, step.oddity);
    return await this.#call(() => this.#service.requestCancelWorkflowExecution({ ...request, requestId }));
  }

  async #history(step: Extract<Step, { op: 'history' }>): Promise<Outcome> {
    const slot = this.#slot(step.slot);
    const execution = this.#execution(slot, step.oddity);
    if (step.oddity === 'reverse') {
      return await this.#call(() =>
        this.#service.getWorkflowExecutionHistoryReverse({ namespace: NAMESPACE, execution, maximumPageSize: 1_000 }),
      );
    }
    if (step.oddity === 'closeEvent') return await this.#closeEvent(slot);
    return await this.#call(() =>
      this.#service.getWorkflowExecutionHistory({
        namespace: NAMESPACE,
        execution,
        maximumPageSize: step.oddity === 'pages' ? 3 : 1_000,
        ...(step.oddity === 'badToken' ? { nextPageToken: bytesOf('garbage') } : {}),
      }),
    );
  }

  /** Only of closed workflows: Temporal waits when the workflow is open. */
  async #closeEvent(slot: SlotState): Promise<Outcome> {
    const { workflowId } = slot.names;
    const info = await this.#raw(() => this.#describe(workflowId)).then(
      (described) => described.workflowExecutionInfo,
      () => undefined,
    );
    if (info && isOpen(info.status)) return { ok: 'open' };
    return await this.#call(() =>
      this.#service.getWorkflowExecutionHistory({
        namespace: NAMESPACE,
        execution: { workflowId },
        historyEventFilterType: enums.HistoryEventFilterType.HISTORY_EVENT_FILTER_TYPE_CLOSE_EVENT,
      }),
    );
  }

  #keepTask(slot: SlotState, task: WorkflowTask): void {
    slot.staleTask = slot.task;
    slot.task = task;
  }

  /** Polls only when a task is there: a poll that finds nothing would wait. */
  async #pollWorkflowTask(index: number): Promise<Outcome | string> {
    const slot = this.#slot(index);
    const { workflowId, taskQueue } = slot.names;
    const pending = await this.#raw(() => this.#describe(workflowId)).then(
      (described) => described.pendingWorkflowTask,
      () => undefined,
    );
    if (pending?.state !== enums.PendingWorkflowTaskState.PENDING_WORKFLOW_TASK_STATE_SCHEDULED) return 'no task';
    const attempt = pending.attempt ?? 1;
    if (slot.timesOut && attempt > MOST_TIMED_OUT_ATTEMPTS) return 'no task that times out in time';
    return await this.#answered(async () => {
      const request = { namespace: NAMESPACE, taskQueue: { name: taskQueue }, identity: 'worker' };
      const task = await this.#polled(() => this.#service.pollWorkflowTaskQueue(request));
      if (task.taskToken.length > 0) this.#keepTask(slot, task);
      return task;
    }).then(async (outcome) => {
      // The task times out, before anything else happens.
      if (slot.timesOut) await pause(BY_ITSELF_MS + attemptBackoffMs(attempt));
      return outcome;
    });
  }

  /** A server may answer a poll empty although a task waits: a worker then polls again. */
  async #polled<T extends { readonly taskToken: Uint8Array }>(poll: () => Promise<T>): Promise<T> {
    for (let again = 0; again < POLLS_AGAIN; again += 1) {
      const task = await this.#raw(poll).catch((error: ServiceError) => {
        if (error.code === status.DEADLINE_EXCEEDED) return undefined;
        throw error;
      });
      if (task && task.taskToken.length > 0) return task;
    }
    return await this.#raw(poll);
  }

  async #answerWorkflowTask(step: Extract<Step, { op: 'answerWorkflowTask' }>): Promise<Outcome | string> {
    const slot = this.#slot(step.slot);
    const task = step.oddity === 'staleToken' ? slot.staleTask : slot.task;
    const garbage = { garbageToken: bytesOf('garbage'), emptyToken: new Uint8Array() }[step.oddity ?? ''];
    if (!task && !garbage) return 'no task to answer';
    const how = step.updates ?? 'ignore';
    const messages = this.#updateMessages(slot, task, how);
    // A run that is followed within its first second has its successor wait: on a slower server it would not.
    if (step.commands.some(({ kind }) => CLOSES.has(kind)) && this.#isChained(step)) await pause(SHORT_TIMEOUT_MS);
    const scheduled = await this.#scheduledActivities(slot);
    const messageCommands = [
      ...messages
        .filter((message) => !message.id?.endsWith('/reject'))
        .map((message) => protocolMessage(message.id ?? '')),
    ];
    for (const { kind } of step.commands) this.#coverage?.commands.add(kind);
    if (messageCommands.length > 0) this.#coverage?.commands.add('message');
    const commands = [
      ...messageCommands,
      ...step.commands.map((command) => commandOf(command, slot.names, scheduled.get(`a${command.id}`) ?? 6_666)),
    ];
    return await this.#call(async () => {
      const response = await this.#service.respondWorkflowTaskCompleted({
        namespace: NAMESPACE,
        taskToken: garbage ?? task?.taskToken ?? new Uint8Array(),
        identity: 'worker',
        commands,
        messages: [...messages, ...oddMessages(step.oddity, task)],
        queryResults: Object.fromEntries(
          Object.keys(task?.queries ?? {}).map((id) => [id, { resultType: 1, answer: payloads('answer') }]),
        ),
        ...this.#answerOddity(slot, step.oddity),
      });
      if (response.workflowTask) this.#keepTask(slot, response.workflowTask);
      if (response.activityTasks?.[0]) slot.activity = response.activityTasks[0];
      return response;
    });
  }

  /** What the worker says about updates; `finish` completes those that it accepted before. */
  #updateMessages(slot: SlotState, task: WorkflowTask | undefined, how: string): ProtocolMessage[] {
    if (how === 'ignore') return [];
    if (how === 'finish') {
      const finished = [...slot.accepted.values()].flatMap((message) => updateMessages(message, 'complete').slice(1));
      slot.accepted.clear();
      return finished;
    }
    const requests = task?.messages ?? [];
    if (how === 'accept') for (const request of requests) slot.accepted.set(request.protocolInstanceId ?? '', request);
    return requests.flatMap((request) => updateMessages(request, how as 'complete' | 'accept' | 'reject'));
  }

  #answerOddity(slot: SlotState, oddity: string | undefined): object {
    if (oddity === 'newTask') return { forceCreateNewWorkflowTask: true };
    if (oddity === 'returnTask') return { forceCreateNewWorkflowTask: true, returnNewWorkflowTask: true };
    if (oddity === 'behavior') return { versioningBehavior: 1 };
    if (oddity === 'metadata') return { sdkMetadata: { coreUsedFlags: [1], sdkName: 'x' }, binaryChecksum: 'checksum' };
    if (oddity !== 'sticky') return {};
    const workerTaskQueue = { name: `${slot.names.taskQueue}-sticky`, kind: 2, normalName: slot.names.taskQueue };
    return { stickyAttributes: { workerTaskQueue, scheduleToStartTimeout: duration(60_000) } };
  }

  /** Scheduled event ids by activity id, of the current run. */
  async #scheduledActivities(slot: SlotState): Promise<Map<string, number>> {
    const execution = { workflowId: slot.names.workflowId, runId: '' };
    const events = await this.#raw(() => readHistory(this.#service, NAMESPACE, execution)).catch(() => []);
    const found = new Map<string, number>();
    for (const event of events) {
      const id = event.activityTaskScheduledEventAttributes?.activityId;
      if (id) found.set(id, Number(event.eventId));
    }
    return found;
  }

  async #failWorkflowTask(step: Extract<Step, { op: 'failWorkflowTask' }>): Promise<Outcome | string> {
    const slot = this.#slot(step.slot);
    const task = step.oddity === 'staleToken' ? slot.staleTask : slot.task;
    if (!task) return 'no task to fail';
    const { WorkflowTaskFailedCause: Cause } = enums;
    return await this.#call(() =>
      this.#service.respondWorkflowTaskFailed({
        namespace: NAMESPACE,
        taskToken: task.taskToken ?? new Uint8Array(),
        identity: 'worker',
        cause:
          step.oddity === 'nondeterminism'
            ? Cause.WORKFLOW_TASK_FAILED_CAUSE_NON_DETERMINISTIC_ERROR
            : step.oddity === 'tooLarge'
              ? Cause.WORKFLOW_TASK_FAILED_CAUSE_GRPC_MESSAGE_TOO_LARGE
              : Cause.WORKFLOW_TASK_FAILED_CAUSE_WORKFLOW_WORKER_UNHANDLED_FAILURE,
        ...(step.oddity === 'noFailure' ? {} : { failure: applicationFailure('task failed') }),
      }),
    );
  }

  async #pollActivityTask(index: number): Promise<Outcome | string> {
    const slot = this.#slot(index);
    const { workflowId, taskQueue } = slot.names;
    const pending = await this.#raw(() => this.#describe(workflowId)).then(
      (described) => described.pendingActivities ?? [],
      () => [],
    );
    // Each activity has its own queue: of two that become ready together, either may come first.
    const [ready] = pending.filter(isReady).sort((a, b) => ((a.activityId ?? '') < (b.activityId ?? '') ? -1 : 1));
    if (!ready) return 'no activity';
    const queue = ready.activityOptions?.taskQueue?.name ?? `${taskQueue}-${ready.activityId}`;
    const outcome = await this.#answered(async () => {
      const request = { namespace: NAMESPACE, taskQueue: { name: queue }, identity: 'worker' };
      const task = await this.#polled(() => this.#service.pollActivityTaskQueue(request));
      slot.staleActivity = slot.activity;
      slot.activity = task;
      return task;
    });
    const timeouts = [slot.activity?.startToCloseTimeout, slot.activity?.heartbeatTimeout];
    if (timeouts.some((timeout) => isShort(timeout))) await pause(BY_ITSELF_MS);
    return outcome;
  }

  async #answerActivity(step: Extract<Step, { op: 'answerActivity' }>): Promise<Outcome | string> {
    const slot = this.#slot(step.slot);
    const task = step.oddity === 'staleToken' ? slot.staleActivity : slot.activity;
    if (!task && step.oddity !== 'garbageToken') return 'no activity to answer';
    const taskToken = step.oddity === 'garbageToken' ? bytesOf('garbage') : (task?.taskToken ?? new Uint8Array());
    const activityId = step.oddity === 'unknownActivity' ? 'nobody' : (task?.activityId ?? '');
    const where = { namespace: NAMESPACE, workflowId: slot.names.workflowId, activityId, identity: 'worker' };
    const token = { namespace: NAMESPACE, taskToken, identity: 'worker' };
    const service = this.#service;
    return await this.#call(() => {
      switch (step.how) {
        case 'complete': {
          const result = payloads('activity result');
          if (step.byId) return service.respondActivityTaskCompletedById({ ...where, result });
          return service.respondActivityTaskCompleted({ ...token, result });
        }
        case 'fail':
        case 'failFatally': {
          const failure = applicationFailure('activity failed', { nonRetryable: step.how === 'failFatally' });
          if (step.byId) return service.respondActivityTaskFailedById({ ...where, failure });
          return service.respondActivityTaskFailed({ ...token, failure });
        }
        case 'cancel': {
          const details = payloads('activity cancelled');
          if (step.byId) return service.respondActivityTaskCanceledById({ ...where, details });
          return service.respondActivityTaskCanceled({ ...token, details });
        }
        case 'heartbeat': {
          const details = payloads('progress');
          if (step.byId) return service.recordActivityTaskHeartbeatById({ ...where, details });
          return service.recordActivityTaskHeartbeat({ ...token, details });
        }
      }
    });
  }

  /** Plays the worker too, when the query can be answered at once. */
  async #query(step: Extract<Step, { op: 'query' }>): Promise<Outcome | string> {
    const slot = this.#slot(step.slot);
    const execution = this.#execution(slot, step.oddity);
    const request = {
      namespace: NAMESPACE,
      execution,
      query: { queryType: step.oddity === 'noType' ? '' : 'a-query', queryArgs: payloads('argument') },
      ...(step.oddity === 'rejectNotOpen' ? { queryRejectCondition: 2 } : {}),
    };
    if (step.oddity === 'buffered') {
      this.#waiting.push({
        name: `query ${step.slot}`,
        outcome: this.#long(() => this.#service.queryWorkflow(request)),
      });
      // Nothing shows that a server has it.
      await pause(QUERY_ARRIVES_MS);
      return 'sent';
    }
    const direct =
      ['noType', 'unknownId'].includes(step.oddity ?? '') || !(await this.#answersQueries(slot, step.oddity));
    if (direct && !['noType', 'unknownId', 'rejectNotOpen'].includes(step.oddity ?? '')) return 'not now';
    const called = this.#call(() => this.#service.queryWorkflow(request));
    if (direct) return await Promise.race([called, pause(1_000).then(() => 'waits')]);
    const task = await this.#raw(() =>
      this.#service.pollWorkflowTaskQueue({
        namespace: NAMESPACE,
        taskQueue: { name: slot.names.taskQueue },
        identity: 'worker',
      }),
    );
    if (task.taskToken.length === 0) return 'no query task';
    const failed = step.oddity === 'failed';
    await this.#raw(() =>
      this.#service.respondQueryTaskCompleted({
        namespace: NAMESPACE,
        taskToken: task.taskToken,
        completedType: failed ? 2 : 1,
        ...(failed ? { errorMessage: 'cannot answer' } : { queryResult: payloads('answer') }),
      }),
    );
    return await called;
  }

  async #answersQueries(slot: SlotState, oddity: string | undefined): Promise<boolean> {
    const described = await this.#raw(() => this.#describe(slot.names.workflowId)).catch(() => undefined);
    if (!described) return false;
    if (!isOpen(described.workflowExecutionInfo?.status)) return oddity !== 'rejectNotOpen';
    const execution = { workflowId: slot.names.workflowId, runId: '' };
    const events = await this.#raw(() => readHistory(this.#service, NAMESPACE, execution));
    const worked = events.some((event) => event.workflowTaskCompletedEventAttributes);
    return worked && !described.pendingWorkflowTask;
  }

  async #update(step: Extract<Step, { op: 'update' }>): Promise<string> {
    const slot = this.#slot(step.slot);
    const stage = { waitAccepted: 2, waitAdmitted: 1 }[step.oddity ?? ''] ?? 3;
    const outcome = this.#long(() =>
      this.#service.updateWorkflowExecution({
        namespace: NAMESPACE,
        workflowExecution: this.#execution(slot, step.oddity),
        request: {
          meta: { updateId: step.oddity === 'longId' ? 'x'.repeat(1_001) : `u${step.id}`, identity: 'updater' },
          input: { name: step.oddity === 'noName' ? '' : 'an-update', args: payloads('argument') },
        },
        waitPolicy: { lifecycleStage: stage },
      }),
    );
    this.#waiting.push({ name: `update ${step.slot}/u${step.id}`, outcome });
    return await this.#admitted(slot, step.id, outcome);
  }

  /** Until the server has taken the update or refused it. */
  async #admitted(slot: SlotState, id: number, outcome: Promise<Outcome | string>): Promise<string> {
    let isSettled = false;
    void outcome.then(() => {
      isSettled = true;
    });
    const updateRef = { workflowExecution: { workflowId: slot.names.workflowId }, updateId: `u${id}` };
    const deadline = Date.now() + SETTLE_DEADLINE_MS;
    while (!isSettled && Date.now() < deadline) {
      const known = await this.#raw(() =>
        this.#connection.workflowService.pollWorkflowExecutionUpdate({ namespace: NAMESPACE, updateRef }),
      ).then(
        () => true,
        () => false,
      );
      if (known) break;
      await pause(SETTLE_INTERVAL_MS);
    }
    return 'sent';
  }

  async #startWithUpdate(step: Extract<Step, { op: 'startWithUpdate' }>): Promise<string> {
    const slot = this.#slot(step.slot);
    const { workflowId } = slot.names;
    const { WorkflowIdConflictPolicy: Conflict } = enums;
    const policy =
      step.oddity === 'terminateExisting'
        ? Conflict.WORKFLOW_ID_CONFLICT_POLICY_TERMINATE_EXISTING
        : step.oddity === 'useExisting'
          ? Conflict.WORKFLOW_ID_CONFLICT_POLICY_USE_EXISTING
          : Conflict.WORKFLOW_ID_CONFLICT_POLICY_FAIL;
    const startWorkflow = {
      ...startRequest(slot.names, undefined, crypto.randomUUID()),
      workflowIdConflictPolicy: policy,
    };
    const updateWorkflow = {
      namespace: NAMESPACE,
      workflowExecution: { workflowId },
      request: {
        meta: { updateId: `u${step.id}`, identity: 'updater' },
        input: { name: step.oddity === 'noName' ? '' : 'an-update', args: payloads('argument') },
      },
      waitPolicy: { lifecycleStage: step.oddity === 'waitAccepted' ? 2 : 3 },
    };
    const operations = [{ startWorkflow }, { updateWorkflow }];
    const outcome = this.#long(() => this.#service.executeMultiOperation({ namespace: NAMESPACE, operations }));
    this.#waiting.push({ name: `start with update ${step.slot}/u${step.id}`, outcome });
    return await this.#admitted(slot, step.id, outcome);
  }

  /** Asks for what is known at once. */
  async #pollUpdate(step: Extract<Step, { op: 'pollUpdate' }>): Promise<Outcome> {
    const workflowExecution = { workflowId: this.#slot(step.slot).names.workflowId };
    return await this.#call(() =>
      this.#service.pollWorkflowExecutionUpdate({
        namespace: NAMESPACE,
        updateRef: { workflowExecution, updateId: `u${step.id}` },
        identity: 'updater',
      }),
    );
  }

  async #workflowOptions(step: Extract<Step, { op: 'workflowOptions' }>): Promise<Outcome> {
    const { oddity } = step;
    const versioningOverride =
      oddity === 'override' ? { pinned: { behavior: 1, version: { deploymentName: 'd', buildId: 'b' } } } : null;
    const changes: Record<string, object> = {
      remove: { workflowExecutionOptions: {}, updateMask: { paths: ['priority'] } },
      override: { workflowExecutionOptions: { versioningOverride }, updateMask: { paths: ['versioning_override'] } },
      unpin: { workflowExecutionOptions: {}, updateMask: { paths: ['versioning_override'] } },
      fairness: {
        workflowExecutionOptions: { priority: { fairnessKey: 'key', fairnessWeight: 3 } },
        updateMask: { paths: ['priority.fairness_key', 'priority.fairness_weight'] },
      },
    };
    const priority = {
      workflowExecutionOptions: { priority: { priorityKey: 2 } },
      updateMask: { paths: ['priority'] },
    };
    return await this.#call(() =>
      this.#service.updateWorkflowExecutionOptions({
        namespace: NAMESPACE,
        workflowExecution: this.#execution(this.#slot(step.slot), oddity),
        ...(changes[oddity ?? ''] ?? priority),
        identity: 'operator',
      }),
    );
  }

  get #services() {
    const { workflowService, operatorService } = this.#connection;
    return {
      workflow: this.#coverage?.watched(workflowService) ?? workflowService,
      operator: this.#coverage?.watched(operatorService) ?? operatorService,
    };
  }

  async #oddCall(step: Extract<Step, { op: 'call' }>): Promise<Outcome> {
    const outcome = await this.#call(() => sendOddCall(this.#services, step.call, this.#slot(step.slot).names));
    // What a list shows of all that a server has is no answer to compare: that it takes the filter is.
    return 'ok' in outcome && /^(list|count|scan) (?!search)/.test(step.call) ? { ok: 'taken' } : outcome;
  }

  async #reset(step: Extract<Step, { op: 'reset' }>): Promise<Outcome> {
    const slot = this.#slot(step.slot);
    return await this.#call(() =>
      this.#service.resetWorkflowExecution({
        namespace: NAMESPACE,
        workflowExecution: this.#execution(slot, step.oddity),
        reason: 'a reset',
        workflowTaskFinishEventId: step.eventId as never,
        requestId: step.oddity === 'noRequestId' ? '' : crypto.randomUUID(),
        identity: 'operator',
        ...(step.oddity === 'noReapply' ? { resetReapplyType: enums.ResetReapplyType.RESET_REAPPLY_TYPE_NONE } : {}),
        ...(step.oddity === 'excludeSignals' ? { resetReapplyExcludeTypes: [1] } : {}),
        ...(step.oddity === 'excludeUpdates' ? { resetReapplyExcludeTypes: [2] } : {}),
        ...(step.oddity === 'all' ? { resetReapplyType: enums.ResetReapplyType.RESET_REAPPLY_TYPE_ALL_ELIGIBLE } : {}),
        ...(step.oddity === 'afterwards' ? { postResetOperations: AFTER_RESET } : {}),
      }),
    );
  }

  async #activityOptions(step: Extract<Step, { op: 'activityOptions' }>): Promise<Outcome> {
    const slot = this.#slot(step.slot);
    const { oddity } = step;
    const target =
      oddity === 'type'
        ? { type: 'some-activity' }
        : oddity === 'all' && step.how !== 'pause'
          ? { [step.how === 'unpause' ? 'unpauseAll' : 'matchAll']: true }
          : { id: slot.activity?.activityId || 'a0' };
    const which = {
      namespace: NAMESPACE,
      execution: { workflowId: slot.names.workflowId },
      ...target,
      identity: 'operator',
    };
    const more: Record<string, object> = {
      keepPaused: { keepPaused: true },
      heartbeat: { resetHeartbeat: true },
      jitter: { jitter: duration(1) },
      restore: step.how === 'reset' ? { restoreOriginalOptions: true } : {},
      retry: { resetAttempts: true },
    };
    return await this.#call(() => {
      switch (step.how) {
        case 'pause':
          return this.#service.pauseActivity({ ...which, reason: 'a pause' });
        case 'unpause':
          return this.#service.unpauseActivity({ ...which, ...more[oddity ?? ''] });
        case 'reset':
          return this.#service.resetActivity({ ...which, ...more[oddity ?? ''] });
        case 'update':
          if (oddity === 'restore') return this.#service.updateActivityOptions({ ...which, restoreOriginal: true });
          return this.#service.updateActivityOptions({ ...which, ...activityChange(oddity, slot.names.taskQueue) });
      }
    });
  }

  /** Lists and counts follow what happens after a moment: until an answer stays the same. */
  async #list(index: number): Promise<Outcome> {
    const { rpc, query } = LISTS[index] ?? { rpc: 'countWorkflowExecutions', query: () => 'Nonsense = 2' };
    const request = { namespace: NAMESPACE, query: query(this.#prefix), pageSize: 100 };
    const send = () => (this.#service[rpc] as (request: object) => Promise<object>)(request);
    const deadline = Date.now() + SETTLE_DEADLINE_MS;
    let last = '';
    for (;;) {
      await pause(VISIBLE_MS);
      const answer = await this.#raw(send).then(
        (response) => JSON.stringify(response),
        () => 'refused',
      );
      if (answer === last || answer === 'refused' || Date.now() > deadline) break;
      last = answer;
    }
    return await this.#call(send);
  }

  async #pauseWorkflow(step: Extract<Step, { op: 'pauseWorkflow' | 'unpauseWorkflow' }>): Promise<Outcome> {
    const slot = this.#slot(step.slot);
    const { oddity } = step;
    const request = {
      namespace: NAMESPACE,
      ...this.#execution(slot, oddity),
      reason: oddity === 'longReason' ? 'x'.repeat(1_001) : 'a reason',
      requestId: oddity === 'longRequest' ? 'x'.repeat(1_001) : this.#requestId(slot, oddity),
      identity: oddity === 'longIdentity' ? 'x'.repeat(1_001) : 'operator',
    };
    if (step.op === 'pauseWorkflow') return await this.#call(() => this.#service.pauseWorkflowExecution(request));
    return await this.#call(() => this.#service.unpauseWorkflowExecution(request));
  }

  /** The current run, and what is left of it goes before the next step. */
  async #delete(index: number): Promise<Outcome> {
    const slot = this.#slot(index);
    const { workflowId } = slot.names;
    const runId = await this.#raw(() => this.#describe(workflowId)).then(
      (described) => described.workflowExecutionInfo?.execution?.runId ?? '',
      () => '',
    );
    const execution = { workflowId, runId };
    const outcome = await this.#call(() =>
      this.#service.deleteWorkflowExecution({ namespace: NAMESPACE, workflowExecution: execution }),
    );
    const deadline = Date.now() + DELETED_MS;
    while (runId !== '' && Date.now() < deadline) {
      const found = await this.#raw(() =>
        this.#service.describeWorkflowExecution({ namespace: NAMESPACE, execution }),
      ).then(
        () => true,
        () => false,
      );
      if (!found) break;
      await pause(VISIBLE_MS);
    }
    return outcome;
  }

  /** The worker that has the workflow in its cache waits for more of it. */
  async #stickyPoll(index: number): Promise<string> {
    const slot = this.#slot(index);
    const { taskQueue } = slot.names;
    const polled = this.#raw(() =>
      this.#service.pollWorkflowTaskQueue({
        namespace: NAMESPACE,
        taskQueue: { name: `${taskQueue}-sticky`, kind: 2, normalName: taskQueue },
        identity: 'worker',
      }),
    ).catch(() => undefined);
    slot.stickyPoll = polled;
    await pause(QUERY_ARRIVES_MS);
    return 'polls';
  }

  async #stickyTask(index: number): Promise<Outcome | string> {
    const slot = this.#slot(index);
    const { workflowId } = slot.names;
    const pending = await this.#raw(() => this.#describe(workflowId)).then(
      (described) => described.pendingWorkflowTask?.state,
      () => undefined,
    );
    const started = enums.PendingWorkflowTaskState.PENDING_WORKFLOW_TASK_STATE_STARTED;
    if (!slot.stickyPoll || pending !== started) return 'no sticky task';
    const task = await Promise.race([slot.stickyPoll, pause(SETTLE_DEADLINE_MS)]);
    slot.stickyPoll = undefined;
    if (!task?.taskToken?.length) return 'no sticky task';
    this.#keepTask(slot, task);
    return { ok: this.#normaliser.message(task) };
  }

  /** A namespace of the program's own. */
  async #namespace(what: string): Promise<Outcome> {
    const outcome = await this.#call(() => sendNamespaceCall(this.#services, what, this.#prefix));
    // Other threads of a server hear of it within a second.
    if ('ok' in outcome) await pause(NAMESPACE_KNOWN_MS);
    return outcome;
  }

  /** Until the server has done what the step leads to. */
  async #wait(step: Step, outcome: Outcome | string): Promise<void> {
    if (typeof outcome !== 'string' && 'error' in outcome && step.op !== 'answerWorkflowTask') return;
    const commands: readonly ProgramCommand[] = step.op === 'answerWorkflowTask' ? step.commands : [];
    const oddities = [('oddity' in step && step.oddity) || '', ...commands.map((command) => command.oddity ?? '')];
    if (oddities.some((oddity) => MOVES_BY_ITSELF.has(oddity))) await pause(BY_ITSELF_MS);
    if (commands.some((command) => CLOSES.has(command.kind)) && this.#isChained(step)) await pause(CHAIN_MS);
    if (commands.some((command) => SENDS.has(command.kind)) && 'slot' in step)
      await this.#delivered(this.#slot(step.slot));
    if (step.op === 'answerActivity' && step.how === 'fail' && this.#retriesSoon(step.slot)) await pause(BY_ITSELF_MS);
    await this.#settle();
  }

  /** The end of the run leads to another one, or may. */
  #isChained(step: Step): boolean {
    if (step.op !== 'answerWorkflowTask') return false;
    if (step.commands.some((command) => command.kind === 'continueAsNew')) return true;
    return this.#slot(step.slot).chains;
  }

  #retriesSoon(index: number): boolean {
    const interval = this.#slot(index).activity?.retryPolicy?.initialInterval;
    return isShort(interval);
  }

  /** A server that takes long to answer also takes long to do what it does in the background. */
  async #settle(): Promise<void> {
    const deadline = Date.now() + SETTLE_DEADLINE_MS;
    let last = '';
    let alike = 0;
    while (alike < SETTLED_LOOKS && Date.now() < deadline) {
      const from = performance.now();
      const look = await this.#look();
      alike = look === last && !look.includes('UNFINISHED') ? alike + 1 : 0;
      last = look;
      if (alike < SETTLED_LOOKS) await pause(Math.max(SETTLE_INTERVAL_MS, 2 * (performance.now() - from)));
    }
  }

  /** What can be seen of the slots in use, in short; UNFINISHED when something is under way. */
  async #look(): Promise<string> {
    const described = await Promise.all(
      this.#slots.map((slot) =>
        slot.inUse
          ? this.#raw(() => this.#describe(slot.names.workflowId)).catch(() => undefined)
          : Promise.resolve(undefined),
      ),
    );
    const closed = new Set(
      described
        .map((one) => one?.workflowExecutionInfo)
        .filter((info) => info && !isOpen(info.status))
        .map((info) => info?.execution?.runId),
    );
    const looks = described.map((one) => {
      if (!one) return 'none';
      const { workflowExecutionInfo: info, pendingWorkflowTask, pendingActivities, pendingChildren } = one;
      const open = !closed.has(info?.execution?.runId);
      // While a worker has a task, what children come to is kept from the history.
      const isWorking =
        pendingWorkflowTask?.state === enums.PendingWorkflowTaskState.PENDING_WORKFLOW_TASK_STATE_STARTED;
      const underWay =
        open && pendingChildren?.some((child) => !child.runId || (!isWorking && closed.has(child.runId)));
      return [
        info?.execution?.runId,
        info?.status,
        info?.historyLength,
        pendingWorkflowTask?.state,
        pendingActivities?.map((activity) => `${activity.state}${activity.attempt}`).join(),
        underWay ? 'UNFINISHED' : '',
      ].join('/');
    });
    return looks.join(' ');
  }

  /** Until each signal and cancellation that a workflow sent has arrived or failed. */
  async #delivered(slot: SlotState): Promise<void> {
    const deadline = Date.now() + SETTLE_DEADLINE_MS;
    const execution = { workflowId: slot.names.workflowId, runId: slot.task?.workflowExecution?.runId ?? '' };
    while (Date.now() < deadline) {
      const events = await this.#raw(() => readHistory(this.#service, NAMESPACE, execution)).catch(() => []);
      const sent = events.filter(({ eventType }) => SENT.has(eventType ?? 0)).length;
      const arrived = events.filter(({ eventType }) => ARRIVED.has(eventType ?? 0)).length;
      const isWorking = events.at(-1)?.eventType === enums.EventType.EVENT_TYPE_WORKFLOW_TASK_STARTED;
      if (arrived >= sent || isWorking) return;
      await pause(SETTLE_INTERVAL_MS);
    }
  }

  /** What is there in the end: every run as lists, describe and history show it, and the answers to calls that waited. */
  async #final(): Promise<TranscriptEntry[]> {
    await this.#settle();
    const { names, runs } = await this.#listRuns();
    const entries: TranscriptEntry[] = [
      { step: 'final list', outcome: runs.map((run) => this.#normaliser.message(run)) },
    ];
    for (const [index, { execution }] of runs.entries()) {
      const { workflowId, runId } = { workflowId: execution?.workflowId ?? '', runId: execution?.runId ?? '' };
      entries.push({
        step: `final describe of ${names[index]}`,
        outcome: await this.#call(() =>
          this.#service.describeWorkflowExecution({ namespace: NAMESPACE, execution: { workflowId, runId } }),
        ),
      });
      const events = await this.#raw(() => readHistory(this.#service, NAMESPACE, { workflowId, runId })).catch(
        () => [],
      );
      for (const { eventType } of events) {
        this.#coverage?.events.add(enums.EventType[eventType ?? 0]?.replace('EVENT_TYPE_', '') ?? '');
      }
      const outcome = events.map((event) => this.#normaliser.message(event as object));
      entries.push({ step: `final history of ${names[index]}`, outcome });
    }
    for (const { name, outcome } of this.#waiting) {
      entries.push({
        step: name,
        outcome: await Promise.race([outcome, pause(SETTLE_INTERVAL_MS).then(() => 'open')]),
      });
    }
    for (const slot of this.#slots) {
      const { workflowId } = slot.names;
      await this.#raw(() =>
        this.#service.terminateWorkflowExecution({ namespace: NAMESPACE, workflowExecution: { workflowId } }),
      ).catch(() => undefined);
    }
    await Promise.all(this.#waiting.map(({ outcome }) => outcome));
    return entries;
  }

  /** By workflow, oldest first. The list follows the runs after a moment. */
  async #listRuns() {
    const query = `WorkflowId STARTS_WITH "${this.#prefix}-"`;
    const list = async () => (await this.#service.listWorkflowExecutions({ namespace: NAMESPACE, query })).executions;
    const shown = (runs: Awaited<ReturnType<typeof list>>) =>
      JSON.stringify(runs.map(({ execution, status: state }) => [execution?.runId, state]));
    const deadline = Date.now() + SETTLE_DEADLINE_MS;
    let runs = await this.#raw(list);
    for (let last = ''; last !== shown(runs) && Date.now() < deadline; ) {
      last = shown(runs);
      await pause(VISIBLE_MS);
      runs = await this.#raw(list);
    }
    const keyOf = ({ execution, startTime }: (typeof runs)[number]) =>
      `${execution?.workflowId} ${String(startTime?.seconds).padStart(12)}.${String(startTime?.nanos ?? 0).padStart(9, '0')}`;
    runs.sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
    const ids = runs.map((run) => run.execution?.workflowId ?? '');
    const names = ids.map((id, index) => `${id} run ${ids.slice(0, index).filter((other) => other === id).length}`);
    return { names, runs };
  }
}

type PendingActivity = NonNullable<
  Awaited<ReturnType<Connection['workflowService']['describeWorkflowExecution']>>['pendingActivities']
>[number];

function attemptBackoffMs(attempt: number): number {
  const backoffs = attempt - ATTEMPTS_WITHOUT_BACKOFF;
  return backoffs <= 0 ? 0 : ATTEMPT_BACKOFF_MS * 2 ** (backoffs - 1);
}

/** Waits for a worker now: between two attempts it does not. */
function isReady({ state, attempt, nextAttemptScheduleTime: next }: PendingActivity): boolean {
  if (state !== enums.PendingActivityState.PENDING_ACTIVITY_STATE_SCHEDULED) return false;
  if ((attempt ?? 1) <= 1) return true;
  return next !== null && next !== undefined && Number(next.seconds) * 1_000 < Date.now() - SHORT_TIMEOUT_MS;
}

/** New options of an activity, and which of them count. */
function activityChange(oddity: string | undefined, taskQueue: string) {
  switch (oddity) {
    case 'retry':
      return {
        activityOptions: { retryPolicy: { initialInterval: duration(400_000), maximumAttempts: 5 } },
        updateMask: { paths: ['retry_policy.initial_interval', 'retryPolicy.maximumAttempts'] },
      };
    case 'queue':
      return {
        activityOptions: { taskQueue: { name: `${taskQueue}-other` } },
        updateMask: { paths: ['task_queue.name'] },
      };
    case 'heartbeat':
      return {
        activityOptions: { heartbeatTimeout: duration(500_000), scheduleToCloseTimeout: duration(900_000) },
        updateMask: { paths: ['heartbeat_timeout', 'schedule_to_close_timeout'] },
      };
    case 'jitter':
      return {
        activityOptions: { priority: { priorityKey: 4 }, startToCloseTimeout: duration(-1_000) },
        updateMask: { paths: ['priority', 'start_to_close_timeout'] },
      };
    default:
      return {
        activityOptions: { startToCloseTimeout: duration(77_000) },
        updateMask: { paths: ['start_to_close_timeout'] },
      };
  }
}

const AFTER_RESET = [
  { signalWorkflow: { signalName: 'after-reset', input: payloads('signal input') } },
  {
    updateWorkflowOptions: {
      workflowExecutionOptions: { priority: { priorityKey: 3 } },
      updateMask: { paths: ['priority'] },
    },
  },
];

function isOpen(state: number | null | undefined): boolean {
  const { WorkflowExecutionStatus: Status } = enums;
  return state === Status.WORKFLOW_EXECUTION_STATUS_RUNNING || state === Status.WORKFLOW_EXECUTION_STATUS_PAUSED;
}

function isShort(timeout: { seconds?: unknown; nanos?: number | null } | null | undefined): boolean {
  if (!timeout) return false;
  const milliseconds = Number(timeout.seconds ?? 0) * 1_000 + (timeout.nanos ?? 0) / 1e6;
  return milliseconds > 0 && milliseconds <= SHORT_TIMEOUT_MS;
}

const STARTS: ReadonlySet<string> = new Set(['start', 'signalWithStart', 'startWithUpdate']);
const CLOSES: ReadonlySet<string> = new Set(['complete', 'fail', 'cancel', 'continueAsNew']);
const SENDS: ReadonlySet<string> = new Set(['signalExternal', 'cancelExternal']);
const { EventType } = enums;
const SENT: ReadonlySet<number> = new Set([
  EventType.EVENT_TYPE_SIGNAL_EXTERNAL_WORKFLOW_EXECUTION_INITIATED,
  EventType.EVENT_TYPE_REQUEST_CANCEL_EXTERNAL_WORKFLOW_EXECUTION_INITIATED,
]);
const ARRIVED: ReadonlySet<number> = new Set([
  EventType.EVENT_TYPE_SIGNAL_EXTERNAL_WORKFLOW_EXECUTION_FAILED,
  EventType.EVENT_TYPE_EXTERNAL_WORKFLOW_EXECUTION_SIGNALED,
  EventType.EVENT_TYPE_REQUEST_CANCEL_EXTERNAL_WORKFLOW_EXECUTION_FAILED,
  EventType.EVENT_TYPE_EXTERNAL_WORKFLOW_EXECUTION_CANCEL_REQUESTED,
]);
