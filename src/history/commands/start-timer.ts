import { TimerInfo } from '#proto/ostinato/persistence/v1';
import { EventType, WorkflowTaskFailedCause } from '#proto/temporal/api/enums/v1';
import { TaskCategory } from '../../persistence/index.ts';
import { TaskType } from '../queues/task-type.ts';
import type { Workflow } from '../workflow/workflow.ts';
import type { CommandHandler } from './command.ts';
import { CommandError, validateStartTimer } from './validate/index.ts';

const EMPTY = TimerInfo.decode(Buffer.alloc(0));

export const startTimer: CommandHandler = (completion, command) => {
  const { workflow } = completion;
  const { attributes } = validateStartTimer(command.startTimerCommandAttributes, completion.context);
  if (workflow.timers.has(attributes.timerId)) {
    throw new CommandError(
      WorkflowTaskFailedCause.START_TIMER_DUPLICATE_ID,
      `invalid history builder state for action: add-timer-started-event, TimerID: ${attributes.timerId}`,
    );
  }
  const event = workflow.events.add(EventType.TIMER_STARTED, {
    timerStartedEventAttributes: {
      timerId: attributes.timerId,
      startToFireTimeout: attributes.startToFireTimeout,
      workflowTaskCompletedEventId: completion.completedEventId,
    },
    userMetadata: command.userMetadata,
  });
  const expiryTime = (event.eventTime ?? workflow.nowMs) + (attributes.startToFireTimeout ?? 0);
  applyTimerStarted(workflow, attributes.timerId, event.eventId, expiryTime);
  workflow.state.userTimerCount++;
};

/** A pending timer and its queue task; also when a run is rebuilt. */
export function applyTimerStarted(
  workflow: Workflow,
  timerId: string,
  startedEventId: number,
  expiryTime: number,
): void {
  workflow.timers.put(timerId, {
    ...EMPTY,
    version: workflow.version,
    timerId,
    startedEventId,
    expiryTime,
    taskCreated: true,
  });
  workflow.addTask(
    TaskCategory.TIMER,
    { type: TaskType.USER_TIMER, timerId, eventId: startedEventId, version: workflow.version },
    expiryTime,
  );
}
