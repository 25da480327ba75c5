// What a command handler gets: the workflow inside the decision that completes its task, and the command. One file per command
// type beside this one; see index.ts. A handler validates (validate/), adds its event, and notes what follows from it.

import type { Command } from '#proto/temporal/api/command/v1';
import type { RespondWorkflowTaskCompletedRequest } from '#proto/temporal/api/workflowservice/v1';
import type { HistoryEngine } from '../engine.ts';
import type { Shard } from '../shard/shard.ts';
import type { Workflow } from '../workflow/workflow.ts';
import type { CommandContext } from './validate/index.ts';

/** The completion of one workflow task, while its commands are handled. */
export interface TaskCompletion {
  readonly engine: HistoryEngine;
  readonly shard: Shard;
  readonly workflow: Workflow;
  readonly request: RespondWorkflowTaskCompletedRequest;
  /** Id of the WorkflowTaskCompleted event: commands' events name it. */
  readonly completedEventId: number;
  readonly context: CommandContext;
  /** Events came while the worker had the task: a command that closes the run fails it with UNHANDLED_COMMAND. */
  hasBufferedEvents: boolean;
  /** Workflow ids of children started by earlier commands of this task. */
  readonly startedChildren: Set<string>;
  /** An activity was cancelled before it started: the worker must hear of it in a new task. */
  activityCancelledUnstarted: boolean;
  /** Handles the update message of this id in the command's place. */
  handleMessage(messageId: string): void;
  /** Activities that the worker takes along with the answer (eager execution), by scheduled event id. */
  readonly eagerActivities: number[];
  /** All others that it scheduled. */
  readonly scheduledActivities: number[];
}

/** Throws CommandError to fail the workflow task, ServiceError to refuse the call; either way nothing of the decision stands. */
export type CommandHandler = (completion: TaskCompletion, command: Command) => void;
