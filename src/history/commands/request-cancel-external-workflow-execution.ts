import { RequestCancelInfo } from '#proto/ostinato/persistence/v1';
import { EventType } from '#proto/temporal/api/enums/v1';
import { RequestCancelExternalWorkflowExecutionInitiatedEventAttributes } from '#proto/temporal/api/history/v1';
import { TaskCategory } from '../../persistence/index.ts';
import { TaskType } from '../queues/task-type.ts';
import type { CommandHandler } from './command.ts';
import { validateRequestCancelExternalWorkflowExecution } from './validate/index.ts';

const EMPTY = RequestCancelInfo.decode(Buffer.alloc(0));

export const requestCancelExternalWorkflowExecution: CommandHandler = (completion, command) => {
  const { workflow } = completion;
  const { attributes, target } = validateRequestCancelExternalWorkflowExecution(
    command.requestCancelExternalWorkflowExecutionCommandAttributes,
    completion.context,
  );
  const initiated = {
    workflowTaskCompletedEventId: completion.completedEventId,
    namespace: attributes.namespace,
    namespaceId: target.id,
    workflowExecution: { workflowId: attributes.workflowId, runId: attributes.runId },
    control: attributes.control,
    childWorkflowOnly: attributes.childWorkflowOnly,
    reason: attributes.reason,
  };
  const { eventId } = workflow.events.add(EventType.REQUEST_CANCEL_EXTERNAL_WORKFLOW_EXECUTION_INITIATED, {
    requestCancelExternalWorkflowExecutionInitiatedEventAttributes: initiated,
    userMetadata: command.userMetadata,
  });
  workflow.requestCancels.put(eventId, {
    ...EMPTY,
    version: workflow.version,
    initiatedEventId: eventId,
    cancelRequestId: workflow.environment.newId(),
    initiated: RequestCancelExternalWorkflowExecutionInitiatedEventAttributes.encode(initiated),
  });
  workflow.state.requestCancelExternalCount++;
  workflow.addTask(TaskCategory.TRANSFER, {
    type: TaskType.CANCEL_EXECUTION,
    eventId,
    version: workflow.version,
    targetNamespaceId: target.id,
    targetWorkflowId: attributes.workflowId,
    targetRunId: attributes.runId,
    childWorkflowOnly: attributes.childWorkflowOnly,
  });
};
