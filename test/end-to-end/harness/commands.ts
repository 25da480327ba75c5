// Workflow commands as a worker would send them, with the fewest fields that are valid. Scenarios override the rest.

import type { temporal } from '@temporalio/proto';
import { type Command, duration, enums, type Failure, payload, payloads } from './api.ts';

const { CommandType } = enums;

type Attributes = temporal.api.command.v1.ICommand;
type Of<K extends keyof Attributes> = NonNullable<Attributes[K]>;

export function completeWorkflow(...result: unknown[]): Command {
  return {
    commandType: CommandType.COMMAND_TYPE_COMPLETE_WORKFLOW_EXECUTION,
    completeWorkflowExecutionCommandAttributes: result.length === 0 ? {} : { result: payloads(...result) },
  };
}

export function failWorkflow(failure: Failure): Command {
  return {
    commandType: CommandType.COMMAND_TYPE_FAIL_WORKFLOW_EXECUTION,
    failWorkflowExecutionCommandAttributes: { failure },
  };
}

export function cancelWorkflow(...details: unknown[]): Command {
  return {
    commandType: CommandType.COMMAND_TYPE_CANCEL_WORKFLOW_EXECUTION,
    cancelWorkflowExecutionCommandAttributes: details.length === 0 ? {} : { details: payloads(...details) },
  };
}

export function continueAsNew(attributes: Of<'continueAsNewWorkflowExecutionCommandAttributes'>): Command {
  return {
    commandType: CommandType.COMMAND_TYPE_CONTINUE_AS_NEW_WORKFLOW_EXECUTION,
    continueAsNewWorkflowExecutionCommandAttributes: attributes,
  };
}

export function scheduleActivity(
  taskQueue: string,
  attributes: Of<'scheduleActivityTaskCommandAttributes'> = {},
): Command {
  return {
    commandType: CommandType.COMMAND_TYPE_SCHEDULE_ACTIVITY_TASK,
    scheduleActivityTaskCommandAttributes: {
      activityId: 'activity-1',
      activityType: { name: 'some-activity' },
      taskQueue: { name: taskQueue },
      startToCloseTimeout: duration(10_000),
      ...attributes,
    },
  };
}

export function cancelActivity(scheduledEventId: number): Command {
  return {
    commandType: CommandType.COMMAND_TYPE_REQUEST_CANCEL_ACTIVITY_TASK,
    requestCancelActivityTaskCommandAttributes: { scheduledEventId: scheduledEventId as never },
  };
}

export function startTimer(timerId: string, milliseconds: number): Command {
  return {
    commandType: CommandType.COMMAND_TYPE_START_TIMER,
    startTimerCommandAttributes: { timerId, startToFireTimeout: duration(milliseconds) },
  };
}

export function cancelTimer(timerId: string): Command {
  return { commandType: CommandType.COMMAND_TYPE_CANCEL_TIMER, cancelTimerCommandAttributes: { timerId } };
}

export function recordMarker(markerName: string, details: Record<string, unknown> = {}): Command {
  return {
    commandType: CommandType.COMMAND_TYPE_RECORD_MARKER,
    recordMarkerCommandAttributes: {
      markerName,
      details: Object.fromEntries(Object.entries(details).map(([key, value]) => [key, payloads(value)])),
    },
  };
}

export function startChild(
  workflowId: string,
  taskQueue: string,
  attributes: Of<'startChildWorkflowExecutionCommandAttributes'> = {},
): Command {
  return {
    commandType: CommandType.COMMAND_TYPE_START_CHILD_WORKFLOW_EXECUTION,
    startChildWorkflowExecutionCommandAttributes: {
      workflowId,
      workflowType: { name: 'child-workflow' },
      taskQueue: { name: taskQueue },
      ...attributes,
    },
  };
}

export function signalExternal(
  workflowId: string,
  signalName: string,
  attributes: Of<'signalExternalWorkflowExecutionCommandAttributes'> = {},
): Command {
  return {
    commandType: CommandType.COMMAND_TYPE_SIGNAL_EXTERNAL_WORKFLOW_EXECUTION,
    signalExternalWorkflowExecutionCommandAttributes: { execution: { workflowId }, signalName, ...attributes },
  };
}

export function cancelExternal(
  workflowId: string,
  attributes: Of<'requestCancelExternalWorkflowExecutionCommandAttributes'> = {},
): Command {
  return {
    commandType: CommandType.COMMAND_TYPE_REQUEST_CANCEL_EXTERNAL_WORKFLOW_EXECUTION,
    requestCancelExternalWorkflowExecutionCommandAttributes: { workflowId, ...attributes },
  };
}

export function upsertSearchAttributes(indexedFields: Record<string, ReturnType<typeof payload>>): Command {
  return {
    commandType: CommandType.COMMAND_TYPE_UPSERT_WORKFLOW_SEARCH_ATTRIBUTES,
    upsertWorkflowSearchAttributesCommandAttributes: { searchAttributes: { indexedFields } },
  };
}

export function modifyProperties(memo: Record<string, unknown>): Command {
  return {
    commandType: CommandType.COMMAND_TYPE_MODIFY_WORKFLOW_PROPERTIES,
    modifyWorkflowPropertiesCommandAttributes: {
      upsertedMemo: { fields: Object.fromEntries(Object.entries(memo).map(([key, value]) => [key, payload(value)])) },
    },
  };
}

/** Sends the message of this id (an update's acceptance, rejection or completion) at this place among the commands. */
export function protocolMessage(messageId: string): Command {
  return {
    commandType: CommandType.COMMAND_TYPE_PROTOCOL_MESSAGE,
    protocolMessageCommandAttributes: { messageId },
  };
}
