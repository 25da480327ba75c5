import { ChildExecutionInfo } from '#proto/ostinato/persistence/v1';
import { EventType, ParentClosePolicy } from '#proto/temporal/api/enums/v1';
import { StartChildWorkflowExecutionInitiatedEventAttributes } from '#proto/temporal/api/history/v1';
import { TaskCategory } from '../../persistence/index.ts';
import { withoutNullMemoFields, withoutNullSearchAttributes } from '../events/index.ts';
import { TaskType } from '../queues/task-type.ts';
import { childRequestId } from '../workflow/child.ts';
import type { CommandHandler } from './command.ts';
import { validateStartChildWorkflowExecution } from './validate/index.ts';

const EMPTY = ChildExecutionInfo.decode(Buffer.alloc(0));

export const startChildWorkflowExecution: CommandHandler = (completion, command) => {
  const { workflow } = completion;
  const { attributes, target } = validateStartChildWorkflowExecution(
    command.startChildWorkflowExecutionCommandAttributes,
    completion.context,
  );
  const parentClosePolicy = attributes.parentClosePolicy || ParentClosePolicy.TERMINATE;
  const initiated = {
    namespace: target.name,
    namespaceId: target.id,
    workflowId: attributes.workflowId,
    workflowType: attributes.workflowType,
    taskQueue: attributes.taskQueue,
    input: attributes.input,
    workflowExecutionTimeout: attributes.workflowExecutionTimeout,
    workflowRunTimeout: attributes.workflowRunTimeout,
    workflowTaskTimeout: attributes.workflowTaskTimeout,
    parentClosePolicy,
    control: attributes.control,
    workflowTaskCompletedEventId: completion.completedEventId,
    workflowIdReusePolicy: attributes.workflowIdReusePolicy,
    retryPolicy: attributes.retryPolicy,
    cronSchedule: attributes.cronSchedule,
    header: attributes.header,
    memo: withoutNullMemoFields(attributes.memo),
    searchAttributes: withoutNullSearchAttributes(attributes.searchAttributes),
    inheritBuildId: attributes.inheritBuildId,
    priority: attributes.priority,
  };
  const { eventId } = workflow.events.add(EventType.START_CHILD_WORKFLOW_EXECUTION_INITIATED, {
    startChildWorkflowExecutionInitiatedEventAttributes: initiated,
    userMetadata: command.userMetadata,
  });
  workflow.children.put(eventId, {
    ...EMPTY,
    version: workflow.version,
    initiatedEventBatchId: completion.completedEventId,
    initiatedEventId: eventId,
    startedWorkflowId: attributes.workflowId,
    createRequestId: childRequestId(workflow, eventId),
    namespace: target.name,
    namespaceId: target.id,
    workflowType: attributes.workflowType.name,
    parentClosePolicy,
    initiated: StartChildWorkflowExecutionInitiatedEventAttributes.encode(initiated),
    userMetadata: command.userMetadata,
  });
  completion.startedChildren.add(attributes.workflowId);
  workflow.state.childExecutionCount++;
  workflow.addTask(TaskCategory.TRANSFER, {
    type: TaskType.START_CHILD_EXECUTION,
    eventId,
    version: workflow.version,
    targetNamespaceId: target.id,
    targetWorkflowId: attributes.workflowId,
  });
};
