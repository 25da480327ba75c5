import { SignalInfo } from '#proto/ostinato/persistence/v1';
import { EventType } from '#proto/temporal/api/enums/v1';
import { SignalExternalWorkflowExecutionInitiatedEventAttributes } from '#proto/temporal/api/history/v1';
import { TaskCategory } from '../../persistence/index.ts';
import { TaskType } from '../queues/task-type.ts';
import type { CommandHandler } from './command.ts';
import { validateSignalExternalWorkflowExecution } from './validate/index.ts';

const EMPTY = SignalInfo.decode(Buffer.alloc(0));

export const signalExternalWorkflowExecution: CommandHandler = (completion, command) => {
  const { workflow } = completion;
  const { attributes, target } = validateSignalExternalWorkflowExecution(
    command.signalExternalWorkflowExecutionCommandAttributes,
    completion.context,
  );
  const initiated = {
    workflowTaskCompletedEventId: completion.completedEventId,
    namespace: attributes.namespace,
    namespaceId: target.id,
    workflowExecution: attributes.execution,
    signalName: attributes.signalName,
    input: attributes.input,
    control: attributes.control,
    childWorkflowOnly: attributes.childWorkflowOnly,
    header: attributes.header,
  };
  const { eventId } = workflow.events.add(EventType.SIGNAL_EXTERNAL_WORKFLOW_EXECUTION_INITIATED, {
    signalExternalWorkflowExecutionInitiatedEventAttributes: initiated,
    userMetadata: command.userMetadata,
  });
  workflow.signals.put(eventId, {
    ...EMPTY,
    version: workflow.version,
    initiatedEventId: eventId,
    requestId: workflow.environment.newId(),
    initiated: SignalExternalWorkflowExecutionInitiatedEventAttributes.encode(initiated),
  });
  workflow.state.signalExternalCount++;
  workflow.addTask(TaskCategory.TRANSFER, {
    type: TaskType.SIGNAL_EXECUTION,
    eventId,
    version: workflow.version,
    targetNamespaceId: target.id,
    targetWorkflowId: attributes.execution.workflowId,
    targetRunId: attributes.execution.runId,
    childWorkflowOnly: attributes.childWorkflowOnly,
  });
};
