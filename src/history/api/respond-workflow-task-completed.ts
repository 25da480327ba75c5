// A worker completes its workflow task: its commands and messages become events in one decision, and the next task is scheduled,
// perhaps already started for the same worker. If a command is invalid nothing of it stands; instead the task is failed.
// Order and conditions follow Temporal's respondworkflowtaskcompleted (v1.31).

import type { ApiRequest } from '#proto/ostinato/history/v1';
import {
  CommandType,
  VersioningBehavior,
  WorkerVersioningMode,
  WorkflowTaskFailedCause,
} from '#proto/temporal/api/enums/v1';
import { Failure } from '#proto/temporal/api/failure/v1';
import {
  RespondWorkflowTaskCompletedRequest,
  RespondWorkflowTaskCompletedResponse,
} from '#proto/temporal/api/workflowservice/v1';
import { failedPrecondition, invalidArgument, notFound } from '../../proto/service-errors.ts';
import { decodeRequest } from '../../proto/unreadable-request.ts';
import type { TaskCompletion } from '../commands/command.ts';
import { completionContext } from '../commands/completion-context.ts';
import { COMMAND_HANDLERS } from '../commands/index.ts';
import { CommandError, validateCommandSequence } from '../commands/validate/index.ts';
import type { ApiHandler, HistoryEngine } from '../engine.ts';
import { WORKFLOW_TASK_HEARTBEAT_TIMEOUT } from '../limits.ts';
import { armVolatileStartToClose } from '../queues/volatile-timeouts.ts';
import type { Shard } from '../shard/shard.ts';
import { loadStartedEvent, mayBeFollowed } from '../started-event.ts';
import { HISTORY_SERVICE, terminateRun } from '../workflow/close.ts';
import type { Workflow } from '../workflow/workflow.ts';
import {
  clearStickyTaskQueue,
  completeWorkflowTask,
  ensureWorkflowTask,
  failWorkflowTask,
  isSpeculative,
  scheduleWorkflowTask,
  setStickyTaskQueue,
  startWorkflowTask,
  timeoutStartedWorkflowTask,
} from '../workflow/workflow-task.ts';
import { composeWorkflowTask } from './compose-workflow-task.ts';
import { checkCurrentTask, decodeTaskToken } from './current-workflow-task.ts';
import { ActivityDispatch } from './dispatch-activities.ts';
import { startEagerActivities } from './eager-activities.ts';
import { UpdateCompletion } from './update-completion.ts';

/** Commands whose run may be followed by a retry or cron run, which repeats the started event. */
const CLOSES_WITH_FOLLOWER: ReadonlySet<number> = new Set([
  CommandType.COMPLETE_WORKFLOW_EXECUTION,
  CommandType.FAIL_WORKFLOW_EXECUTION,
]);
/** Request id of a task that starts with the completion of the one before it. */
const INLINE_REQUEST_ID = 'request-from-RespondWorkflowTaskCompleted';

export const respondWorkflowTaskCompleted: ApiHandler = async (engine, shard, api: ApiRequest) => {
  const request = decodeRequest(RespondWorkflowTaskCompletedRequest, api.request);
  const token = decodeTaskToken(request.taskToken);
  const workflow = await shard.workflow(api.namespaceId, token.workflowId, token.runId);
  checkCurrentTask(workflow, token);
  if (workflow.state.paused && request.forceCreateNewWorkflowTask) {
    throw failedPrecondition('Workflow is paused and force create new workflow task is not allowed.');
  }
  if (
    request.versioningBehavior !== VersioningBehavior.UNSPECIFIED &&
    request.deployment === undefined &&
    request.deploymentOptions?.workerVersioningMode !== WorkerVersioningMode.VERSIONED
  ) {
    throw invalidArgument(
      'versioning behavior cannot be specified without deployment options being set with versioned mode',
    );
  }
  try {
    validateCommandSequence(request.commands);
  } catch (error) {
    // The worker still holds the task; it has thrown away what came with it.
    workflow.updateRegistry?.workflowTaskFailed();
    throw error;
  }

  if (needsStartedEvent(workflow, request.commands)) {
    await loadStartedEvent(shard, workflow);
    checkCurrentTask(workflow, token);
  }
  const outcome = complete(engine, shard, workflow, request);
  outcome.activities.handOver();
  const durable = shard.hasUnsettled(workflow) ? shard.barrier() : undefined;
  try {
    const [workflowTask] = await Promise.all([outcome.nextTask, durable]);
    outcome.updates.apply();
    outcome.updates.answerQueries(outcome.hasNextTask);
    if (outcome.error !== undefined) throw outcome.error;
    return RespondWorkflowTaskCompletedResponse.encode({
      workflowTask,
      activityTasks: outcome.eager,
      resetHistoryEventId: outcome.discarded ? workflow.state.lastCompletedWorkflowTaskStartedEventId : 0,
    });
  } catch (error) {
    outcome.updates.cancel();
    throw error;
  }
};

interface Outcome {
  readonly nextTask: Promise<Uint8Array> | undefined;
  /** Encoded PollActivityTaskQueueResponses that the worker takes along. */
  readonly eager: readonly Uint8Array[];
  /** The other activities that it scheduled. */
  readonly activities: ActivityDispatch;
  /** The task was speculative and left no trace: the worker goes back to the task before it. */
  readonly discarded: boolean;
  readonly updates: UpdateCompletion;
  /** Another workflow task follows: unanswered queries ride on it. */
  readonly hasNextTask: boolean;
  /** Answered after the decision is durable. */
  readonly error: Error | undefined;
}

function complete(
  engine: HistoryEngine,
  shard: Shard,
  workflow: Workflow,
  request: RespondWorkflowTaskCompletedRequest,
): Outcome {
  const updates = new UpdateCompletion(workflow, request);
  const activities = new ActivityDispatch(engine, shard, workflow);
  const attempt = workflow.state.workflowTaskAttempt;
  try {
    return decideCompletion(engine, shard, workflow, request, updates, activities);
  } catch (error) {
    activities.giveBack();
    if (!(error instanceof CommandError)) {
      updates.cancel();
      workflow.updateRegistry?.workflowTaskFailed();
      clearStickyAfterSpeculative(shard, workflow);
      throw error;
    }
    const refusal = invalidArgument(error.failureMessage);
    // A task that keeps failing is left to time out: no event for each attempt.
    if (attempt > 1 && error.cause !== WorkflowTaskFailedCause.UNHANDLED_COMMAND) {
      updates.refused();
      throw refusal;
    }
    return decideFailure(shard, workflow, request, updates, activities, error);
  }
}

function decideCompletion(
  engine: HistoryEngine,
  shard: Shard,
  workflow: Workflow,
  request: RespondWorkflowTaskCompletedRequest,
  updates: UpdateCompletion,
  activities: ActivityDispatch,
): Outcome {
  const state = workflow.state;
  const heartbeatOnly =
    request.forceCreateNewWorkflowTask && request.commands.length === 0 && request.messages.length === 0;
  const originalScheduledTimeMs = state.workflowTaskOriginalScheduledTime;
  const heartbeatMs = engine.config.get(WORKFLOW_TASK_HEARTBEAT_TIMEOUT, { namespace: workflow.namespace.name });
  const heartbeatTimedOut =
    heartbeatOnly && originalScheduledTimeMs !== undefined && workflow.nowMs > originalScheduledTimeMs + heartbeatMs;
  let writes = true;
  let eager: readonly Uint8Array[] = [];
  let traced = true;
  let newTask: 'none' | 'started' | 'scheduled' = 'none';
  const bypass = request.returnNewWorkflowTask;
  const startedChildren = new Set<string>();
  const eagerActivities: number[] = [];
  const scheduledActivities: number[] = [];

  shard.decide(
    workflow,
    () => {
      let completedEventId: number;
      if (heartbeatTimedOut) {
        completedEventId = timeoutStartedWorkflowTask(workflow);
        clearStickyTaskQueue(workflow);
      } else {
        completedEventId = completeWorkflowTask(workflow, request);
        const sticky = request.stickyAttributes;
        if (sticky?.workerTaskQueue === undefined || sticky.workerTaskQueue.name === '') clearStickyTaskQueue(workflow);
        else setStickyTaskQueue(workflow, sticky.workerTaskQueue.name, sticky.scheduleToStartTimeout);
      }
      const completion: TaskCompletion = {
        engine,
        shard,
        workflow,
        request,
        completedEventId,
        context: completionContext(engine, workflow, startedChildren),
        hasBufferedEvents: workflow.events.hasBuffered,
        startedChildren,
        activityCancelledUnstarted: false,
        eagerActivities,
        scheduledActivities,
        handleMessage: (messageId) => updates.handleNamed(messageId),
      };
      if (!heartbeatTimedOut) {
        for (const command of request.commands) {
          const handler = COMMAND_HANDLERS.get(command.commandType);
          if (handler === undefined) throw invalidArgument(`Unknown command type: ${command.commandType}`);
          handler(completion, command);
        }
        updates.handleRemaining();
        updates.rejectUnprocessed();
      }
      eager = startEagerActivities(workflow, eagerActivities, request.identity);
      activities.decide(scheduledActivities);
      if (!workflow.isRunning) {
        updates.abortRemaining();
      } else if (!state.paused) {
        // Differs: v1.31 gives a paused run's worker the next task if something waited for the end of this one.
        const needsTask =
          request.forceCreateNewWorkflowTask ||
          workflow.events.hasBuffered ||
          completion.hasBufferedEvents ||
          completion.activityCancelledUnstarted;
        if (needsTask) {
          scheduleWorkflowTask(workflow, {
            bypassTask: bypass,
            originalScheduledTimeMs: heartbeatOnly && !heartbeatTimedOut ? originalScheduledTimeMs : undefined,
          });
          newTask = 'scheduled';
        } else if (updates.hasOutgoing && !bypass) {
          scheduleWorkflowTask(workflow);
          newTask = 'scheduled';
        }
        if (newTask === 'scheduled' && bypass) {
          startInline(workflow, request.identity);
          newTask = 'started';
        }
      }
      traced = completedEventId !== 0 || heartbeatTimedOut;
      writes = completedEventId !== 0 || newTask !== 'none';
    },
    () => (writes ? 'persist' : 'memory'),
  );
  if (newTask === 'none' && workflow.isRunning && !state.paused && bypass && updates.hasOutgoing) {
    // Both this task and the next may be speculative: the new one exists in memory only.
    shard.decide(
      workflow,
      () => {
        scheduleWorkflowTask(workflow, { speculative: true });
        startInline(workflow, request.identity);
      },
      () => 'memory',
    );
    armVolatileStartToClose(shard, workflow);
    newTask = 'started';
  }
  const nextTask =
    (newTask as string) === 'started'
      ? Promise.try(composeWorkflowTask, shard, workflow, {
          forceSticky: true,
          isHeartbeat: request.forceCreateNewWorkflowTask,
        })
      : undefined;
  return {
    nextTask,
    eager,
    activities,
    updates,
    hasNextTask: newTask !== 'none',
    discarded: !traced,
    error: heartbeatTimedOut ? notFound('workflow task heartbeat timeout') : undefined,
  };
}

/** The worker that completed the last task starts the next one with the same answer. */
function startInline(workflow: Workflow, identity: string): void {
  startWorkflowTask(workflow, {
    requestId: INLINE_REQUEST_ID,
    identity,
    tooManyUpdates: workflow.updateRegistry?.suggestContinueAsNew === true,
  });
  // Written at once, with its timeout: no queued task would lead back to it after a crash.
  workflow.volatileStart = !isSpeculative(workflow);
}

function decideFailure(
  shard: Shard,
  workflow: Workflow,
  request: RespondWorkflowTaskCompletedRequest,
  updates: UpdateCompletion,
  activities: ActivityDispatch,
  failed: CommandError,
): Outcome {
  updates.refused();
  shard.decide(workflow, () => {
    failWorkflowTask(workflow, {
      cause: failed.cause,
      failure: Failure.encode({ message: failed.failureMessage, serverFailureInfo: {} }),
      identity: request.identity,
      binaryChecksum: request.binaryChecksum,
    });
    if (failed.terminatesWorkflow) {
      workflow.events.flushBuffered();
      terminateRun(workflow, { reason: failed.failureMessage, identity: HISTORY_SERVICE });
    } else {
      ensureWorkflowTask(workflow);
    }
  });
  if (failed.terminatesWorkflow) updates.closed();
  return {
    nextTask: undefined,
    eager: [],
    activities,
    discarded: false,
    hasNextTask: !failed.terminatesWorkflow,
    updates,
    error: invalidArgument(failed.failureMessage),
  };
}

/** The worker drops its cached run when a completion is refused; its next task must bring the whole history. */
function clearStickyAfterSpeculative(shard: Shard, workflow: Workflow): void {
  if (!isSpeculative(workflow) || !workflow.isStickyEnabled || shard.isLost) return;
  shard.decide(
    workflow,
    () => clearStickyTaskQueue(workflow),
    () => 'memory',
  );
}

/** A run that is followed hands parts of its start on. */
function needsStartedEvent(workflow: Workflow, commands: readonly { readonly commandType: CommandType }[]): boolean {
  return commands.some(
    ({ commandType }) =>
      commandType === CommandType.CONTINUE_AS_NEW_WORKFLOW_EXECUTION ||
      (mayBeFollowed(workflow) && CLOSES_WITH_FOLLOWER.has(commandType)),
  );
}
