// The worker's part of workflow tasks: polls, answers with commands and messages, failures, and its sticky queue.

import {
  applicationFailure,
  bytesOf,
  duration,
  enums,
  type ProtocolMessage,
  payloads,
  type WorkflowTask,
} from '../../end-to-end/harness/api.ts';
import { protocolMessage } from '../../end-to-end/harness/commands.ts';
import { readHistory } from '../../end-to-end/harness/history.ts';
import { pause } from '../../end-to-end/harness/wait-until.ts';
import type { Step } from '../program.ts';
import { commandOf, oddMessages, updateMessages } from '../requests/index.ts';
import { polled } from './polled.ts';
import { closesRun, isChained } from './settle.ts';
import { keepTask, type Slot } from './slot.ts';
import { NAMESPACE, type Stage, type StepOutcome } from './stage.ts';
import { ARRIVES_MS, BY_ITSELF_MS, SETTLE_DEADLINE_MS, SHORT_TIMEOUT_MS } from './waits.ts';

/** From the fourth attempt on, Temporal adds this to a workflow task's timeout, doubled with each attempt, less up to a fifth. */
const ATTEMPT_BACKOFF_MS = 5_000;
const ATTEMPTS_WITHOUT_BACKOFF = 3;
/** Attempts of tasks that time out: the next would take 20 s more. */
const MOST_TIMED_OUT_ATTEMPTS = 5;

/** Polls only when a task is there: a poll that finds nothing would wait. */
export async function pollWorkflowTask(stage: Stage, index: number): Promise<StepOutcome> {
  const slot = stage.slot(index);
  const { workflowId, taskQueue } = slot.names;
  const pending = await stage
    .raw(() => stage.describe(workflowId))
    .then(
      (described) => described.pendingWorkflowTask,
      () => undefined,
    );
  if (pending?.state !== enums.PendingWorkflowTaskState.PENDING_WORKFLOW_TASK_STATE_SCHEDULED) return 'no task';
  const attempt = pending.attempt ?? 1;
  if (slot.timesOut && attempt > MOST_TIMED_OUT_ATTEMPTS) return 'no task that times out in time';
  return await stage
    .answered(async () => {
      const request = { namespace: NAMESPACE, taskQueue: { name: taskQueue }, identity: 'worker' };
      const task = await polled(stage, () => stage.service.pollWorkflowTaskQueue(request));
      if (task.taskToken.length > 0) keepTask(slot, task);
      return task;
    })
    .then(async (outcome) => {
      // The task times out, before anything else happens.
      if (slot.timesOut) await pause(BY_ITSELF_MS + attemptBackoffMs(attempt));
      return outcome;
    });
}

export async function answerWorkflowTask(
  stage: Stage,
  step: Extract<Step, { op: 'answerWorkflowTask' }>,
): Promise<StepOutcome> {
  const slot = stage.slot(step.slot);
  const task = step.oddity === 'staleToken' ? slot.staleTask : slot.task;
  const garbage = { garbageToken: bytesOf('garbage'), emptyToken: new Uint8Array() }[step.oddity ?? ''];
  if (!task && !garbage) return 'no task to answer';
  const how = step.updates ?? 'ignore';
  const messages = answersToUpdates(slot, task, how);
  // A run that is followed within its first second has its successor wait: on a slower server it would not.
  if (closesRun(step.commands) && isChained(stage, step)) await pause(SHORT_TIMEOUT_MS);
  const scheduled = await scheduledActivities(stage, slot);
  const messageCommands = [
    ...messages
      .filter((message) => !message.id?.endsWith('/reject'))
      .map((message) => protocolMessage(message.id ?? '')),
  ];
  for (const { kind } of step.commands) stage.coverage?.commands.add(kind);
  if (messageCommands.length > 0) stage.coverage?.commands.add('message');
  const commands = [
    ...messageCommands,
    ...step.commands.map((command) => commandOf(command, slot.names, scheduled.get(`a${command.id}`) ?? 6_666)),
  ];
  return await stage.call(async () => {
    const response = await stage.service.respondWorkflowTaskCompleted({
      namespace: NAMESPACE,
      taskToken: garbage ?? task?.taskToken ?? new Uint8Array(),
      identity: 'worker',
      commands,
      messages: [...messages, ...oddMessages(step.oddity, task)],
      queryResults: Object.fromEntries(
        Object.keys(task?.queries ?? {}).map((id) => [id, { resultType: 1, answer: payloads('answer') }]),
      ),
      ...oddAnswer(slot, step.oddity),
    });
    if (response.workflowTask) keepTask(slot, response.workflowTask);
    if (response.activityTasks?.[0]) slot.activity = response.activityTasks[0];
    return response;
  });
}

/** Scheduled event ids by activity id, of the current run. */
async function scheduledActivities(stage: Stage, slot: Slot): Promise<Map<string, number>> {
  const execution = { workflowId: slot.names.workflowId, runId: '' };
  const events = await stage.raw(() => readHistory(stage.service, NAMESPACE, execution)).catch(() => []);
  const found = new Map<string, number>();
  for (const event of events) {
    const id = event.activityTaskScheduledEventAttributes?.activityId;
    if (id) found.set(id, Number(event.eventId));
  }
  return found;
}

export async function failWorkflowTask(
  stage: Stage,
  step: Extract<Step, { op: 'failWorkflowTask' }>,
): Promise<StepOutcome> {
  const slot = stage.slot(step.slot);
  const task = step.oddity === 'staleToken' ? slot.staleTask : slot.task;
  if (!task) return 'no task to fail';
  const { WorkflowTaskFailedCause: Cause } = enums;
  return await stage.call(() =>
    stage.service.respondWorkflowTaskFailed({
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

/** The worker that has the workflow in its cache waits for more of it. */
export async function stickyPoll(stage: Stage, index: number): Promise<string> {
  const slot = stage.slot(index);
  const { taskQueue } = slot.names;
  slot.stickyPoll = stage
    .raw(() =>
      stage.service.pollWorkflowTaskQueue({
        namespace: NAMESPACE,
        taskQueue: { name: `${taskQueue}-sticky`, kind: 2, normalName: taskQueue },
        identity: 'worker',
      }),
    )
    .catch(() => undefined);
  await pause(ARRIVES_MS);
  return 'polls';
}

export async function stickyTask(stage: Stage, index: number): Promise<StepOutcome> {
  const slot = stage.slot(index);
  const { workflowId } = slot.names;
  const pending = await stage
    .raw(() => stage.describe(workflowId))
    .then(
      (described) => described.pendingWorkflowTask?.state,
      () => undefined,
    );
  const started = enums.PendingWorkflowTaskState.PENDING_WORKFLOW_TASK_STATE_STARTED;
  if (!slot.stickyPoll || pending !== started) return 'no sticky task';
  const task = await Promise.race([slot.stickyPoll, pause(SETTLE_DEADLINE_MS)]);
  slot.stickyPoll = undefined;
  if (!task?.taskToken?.length) return 'no sticky task';
  keepTask(slot, task);
  return { ok: stage.normaliser.message(task) };
}

function attemptBackoffMs(attempt: number): number {
  const backoffs = attempt - ATTEMPTS_WITHOUT_BACKOFF;
  return backoffs <= 0 ? 0 : ATTEMPT_BACKOFF_MS * 2 ** (backoffs - 1);
}

/** What the worker says about updates; `finish` completes those that it accepted before. */
function answersToUpdates(slot: Slot, task: WorkflowTask | undefined, how: string): ProtocolMessage[] {
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

function oddAnswer(slot: Slot, oddity: string | undefined): object {
  if (oddity === 'newTask') return { forceCreateNewWorkflowTask: true };
  if (oddity === 'returnTask') return { forceCreateNewWorkflowTask: true, returnNewWorkflowTask: true };
  if (oddity === 'behavior') return { versioningBehavior: 1 };
  if (oddity === 'metadata') return { sdkMetadata: { coreUsedFlags: [1], sdkName: 'x' }, binaryChecksum: 'checksum' };
  if (oddity !== 'sticky') return {};
  const workerTaskQueue = { name: `${slot.names.taskQueue}-sticky`, kind: 2, normalName: slot.names.taskQueue };
  return { stickyAttributes: { workerTaskQueue, scheduleToStartTimeout: duration(60_000) } };
}
