// The grammar finds what is wrong with a history, and nothing in a sound one.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EventType, TimeoutType } from '#proto/temporal/api/enums/v1';
import { HistoryEvent, type HistoryEventInit } from '#proto/temporal/api/history/v1';
import { grammarProblems } from './event-grammar.ts';

const START_MS = 1_767_225_600_000;

/** Start, a workflow task that schedules an activity and a timer, their ends, and a task that completes the run. */
const SOUND: readonly HistoryEventInit[] = [
  { eventType: EventType.WORKFLOW_EXECUTION_STARTED, workflowExecutionStartedEventAttributes: {} },
  {
    eventType: EventType.WORKFLOW_TASK_SCHEDULED,
    workflowTaskScheduledEventAttributes: { startToCloseTimeout: 10_000 },
  },
  { eventType: EventType.WORKFLOW_TASK_STARTED, workflowTaskStartedEventAttributes: { scheduledEventId: 2 } },
  {
    eventType: EventType.WORKFLOW_TASK_COMPLETED,
    workflowTaskCompletedEventAttributes: { scheduledEventId: 2, startedEventId: 3 },
  },
  {
    eventType: EventType.ACTIVITY_TASK_SCHEDULED,
    activityTaskScheduledEventAttributes: {
      activityId: 'a',
      workflowTaskCompletedEventId: 4,
      startToCloseTimeout: 500,
    },
  },
  {
    eventType: EventType.TIMER_STARTED,
    timerStartedEventAttributes: { timerId: 't', startToFireTimeout: 50, workflowTaskCompletedEventId: 4 },
  },
  {
    eventType: EventType.WORKFLOW_EXECUTION_SIGNALED,
    workflowExecutionSignaledEventAttributes: { signalName: 's', requestId: 'r' },
  },
  { eventType: EventType.TIMER_FIRED, timerFiredEventAttributes: { timerId: 't', startedEventId: 6 } },
  {
    eventType: EventType.ACTIVITY_TASK_STARTED,
    activityTaskStartedEventAttributes: { scheduledEventId: 5, attempt: 1 },
  },
  {
    eventType: EventType.ACTIVITY_TASK_COMPLETED,
    activityTaskCompletedEventAttributes: { scheduledEventId: 5, startedEventId: 9 },
  },
  { eventType: EventType.WORKFLOW_TASK_SCHEDULED, workflowTaskScheduledEventAttributes: {} },
  { eventType: EventType.WORKFLOW_TASK_STARTED, workflowTaskStartedEventAttributes: { scheduledEventId: 11 } },
  {
    eventType: EventType.WORKFLOW_TASK_COMPLETED,
    workflowTaskCompletedEventAttributes: { scheduledEventId: 11, startedEventId: 12 },
  },
  {
    eventType: EventType.WORKFLOW_EXECUTION_COMPLETED,
    workflowExecutionCompletedEventAttributes: { workflowTaskCompletedEventId: 13 },
  },
];

/** Ids in order and 100 ms between events, unless the change says otherwise. */
function history(change: (events: HistoryEventInit[]) => void = () => {}): HistoryEvent[] {
  const events = SOUND.map((event, index) => ({ ...event, eventId: index + 1, eventTime: START_MS + index * 100 }));
  change(events);
  return events.map((event) => HistoryEvent.decode(HistoryEvent.encode(event)));
}

const problemsAfter = (change: (events: HistoryEventInit[]) => void): string =>
  grammarProblems(history(change)).join('\n');

test('a sound history has no problems', () => {
  assert.deepEqual(grammarProblems(history()), []);
});

test('a gap in the event ids is found', () => {
  assert.match(
    problemsAfter((events) => events.splice(6, 1)),
    /stands at place 7/,
  );
});

test('a timer that fires early, or twice, or is unknown is found', () => {
  assert.match(
    problemsAfter((events) => Object.assign(events[7]!, { eventTime: START_MS + 540 })),
    /fires before its time/,
  );
  const unknown = { timerFiredEventAttributes: { timerId: 'x', startedEventId: 6 } };
  assert.match(
    problemsAfter((events) => Object.assign(events[7]!, unknown)),
    /timer x of 6 does not run/,
  );
});

test('an activity that closes without its start, or with another one, is found', () => {
  const attributes = { activityTaskCompletedEventAttributes: { scheduledEventId: 5, startedEventId: 8 } };
  assert.match(
    problemsAfter((events) => Object.assign(events[9]!, attributes)),
    /was started by 8, it was by 9/,
  );
  const other = { activityTaskCompletedEventAttributes: { scheduledEventId: 6, startedEventId: 9 } };
  assert.match(
    problemsAfter((events) => Object.assign(events[9]!, other)),
    /closes activity 6, which is not open/,
  );
});

test('an attempt that times out early is found', () => {
  const timedOut = {
    eventType: EventType.ACTIVITY_TASK_TIMED_OUT,
    activityTaskCompletedEventAttributes: undefined,
    activityTaskTimedOutEventAttributes: { scheduledEventId: 5, startedEventId: 9 },
  };
  assert.match(
    problemsAfter((events) => Object.assign(events[9]!, timedOut)),
    /timed out before its time/,
  );
});

test('an event between the start and the end of a workflow task is found', () => {
  const problems = problemsAfter((events) => {
    const [signal] = events.splice(6, 1);
    events.splice(11, 0, signal as HistoryEventInit);
  });
  assert.match(problems, /stands between the start and the end of a workflow task/);
});

test('a second workflow task, and one that ends unstarted, are found', () => {
  const second = { eventType: EventType.WORKFLOW_TASK_SCHEDULED, workflowTaskScheduledEventAttributes: {} };
  assert.match(
    problemsAfter((events) => Object.assign(events[11]!, second)),
    /pending already/,
  );
  const timedOut = {
    eventType: EventType.WORKFLOW_TASK_TIMED_OUT,
    workflowTaskTimedOutEventAttributes: {
      scheduledEventId: 2,
      startedEventId: 3,
      timeoutType: TimeoutType.START_TO_CLOSE,
    },
  };
  assert.match(
    problemsAfter((events) => Object.assign(events[3]!, timedOut)),
    /workflow task timed out before its time/,
  );
});

test('what follows the end, a repeated signal and a wrong link are found', () => {
  assert.match(
    problemsAfter((events) => {
      events.push({ ...events[6], eventId: 15, eventTime: START_MS + 2_000 });
    }),
    /comes after the end[\s\S]*signal request r is there twice/,
  );
  const wrongLink = {
    timerStartedEventAttributes: { timerId: 't', startToFireTimeout: 50, workflowTaskCompletedEventId: 3 },
  };
  assert.match(
    problemsAfter((events) => Object.assign(events[5]!, wrongLink)),
    /refers to workflow task completion 3/,
  );
});
