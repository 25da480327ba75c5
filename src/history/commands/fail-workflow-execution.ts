import { EventType } from '#proto/temporal/api/enums/v1';
import { Failure } from '#proto/temporal/api/failure/v1';
import { closeRun } from '../workflow/close.ts';
import { nextRunOf, repeatRun } from '../workflow/successor.ts';
import type { CommandHandler } from './command.ts';
import { refuseUnhandled } from './refuse-unhandled.ts';
import { validateFailWorkflowExecution } from './validate/index.ts';

export const failWorkflowExecution: CommandHandler = (completion, command) => {
  const { workflow } = completion;
  refuseUnhandled(completion);
  const { attributes } = validateFailWorkflowExecution(
    command.failWorkflowExecutionCommandAttributes,
    completion.context,
  );
  if (!workflow.isRunning) return;
  const failure = attributes.failure ?? Failure.encode({});
  const { next, retryState } = nextRunOf(workflow, { kind: 'failed', failure });
  const newExecutionRunId = next === undefined ? '' : workflow.environment.newId();
  closeRun(workflow, EventType.WORKFLOW_EXECUTION_FAILED, {
    workflowExecutionFailedEventAttributes: {
      failure: attributes.failure,
      retryState,
      workflowTaskCompletedEventId: completion.completedEventId,
      newExecutionRunId,
    },
    userMetadata: command.userMetadata,
  });
  if (next !== undefined) repeatRun(workflow, newExecutionRunId, next);
};
