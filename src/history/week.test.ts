// The whole core under virtual time: a week of a cron workflow, of timers and of an activity's retries, without a sleep. What
// decides, writes, loads, queues and fires is what runs in production; only the clock is another one.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CommandType, EventType } from '#proto/temporal/api/enums/v1';
import { Failure } from '#proto/temporal/api/failure/v1';
import type { HistoryEvent } from '#proto/temporal/api/history/v1';
import { History } from '#proto/temporal/api/history/v1';
import {
  type PollWorkflowTaskQueueResponse,
  RespondActivityTaskFailedRequest,
  RespondActivityTaskFailedResponse,
} from '#proto/temporal/api/workflowservice/v1';
import { MemoryStoreFactory } from '../persistence/memory/factory.ts';
import { type HistoryFixture, historyFixture } from './testing/history-fixture.ts';

const SECOND_MS = 1_000;
const HOUR_MS = 3_600_000;
const WEEK_MS = 168 * HOUR_MS;
/** What a due time may be rounded up by. */
const LATENESS_MS = SECOND_MS;

const FAIL = [RespondActivityTaskFailedRequest, RespondActivityTaskFailedResponse] as const;

/** The events of the task's page that are of `type`. */
function eventsOf(task: PollWorkflowTaskQueueResponse, type: EventType): HistoryEvent[] {
  return History.decode(task.history ?? Buffer.alloc(0)).events.filter(({ eventType }) => eventType === type);
}

class Week {
  readonly #fixture: HistoryFixture;
  /** Start of each run of the cron workflow. */
  readonly runsAtMs: number[] = [];
  /** Start of each attempt of the activity. */
  readonly attemptsAtMs: number[] = [];
  readonly #startMs: number;

  constructor(fixture: HistoryFixture) {
    this.#fixture = fixture;
    this.#startMs = fixture.clock.nowMs();
  }

  async begin(): Promise<void> {
    await this.#fixture.start({ workflowId: 'cron', cronSchedule: '0 * * * *' });
    await this.#fixture.start({ workflowId: 'timers' });
    await this.#fixture.start({ workflowId: 'retries' });
  }

  /** From one timer to the next; a worker takes what each has brought. */
  async play(): Promise<void> {
    const { clock } = this.#fixture;
    const endMs = this.#startMs + WEEK_MS;
    await this.#work();
    for (let next = clock.nextDueMs(); next !== undefined && next <= endMs; next = clock.nextDueMs()) {
      await clock.advanceTo(next);
      await this.#work();
    }
  }

  async #work(): Promise<void> {
    const { workflowTasks, activityTasks } = this.#fixture;
    while (workflowTasks.length + activityTasks.length > 0) {
      if (activityTasks.length > 0) await this.#failActivity();
      else await this.#decide(await this.#fixture.pollWorkflowTask());
    }
  }

  async #failActivity(): Promise<void> {
    const { taskToken, attempt } = await this.#fixture.pollActivityTask();
    this.attemptsAtMs.push(this.#fixture.clock.nowMs());
    assert.equal(attempt, this.attemptsAtMs.length);
    await this.#fixture.rpc('RespondActivityTaskFailed', FAIL, {
      taskToken,
      failure: Failure.encode({ message: 'not yet', applicationFailureInfo: { type: 'NotYet' } }),
    });
  }

  async #decide(task: PollWorkflowTaskQueueResponse): Promise<void> {
    const commands = this.#commands(task);
    await this.#fixture.complete({ taskToken: task.taskToken, commands });
  }

  #commands(task: PollWorkflowTaskQueueResponse) {
    switch (task.workflowExecution?.workflowId) {
      case 'cron':
        this.runsAtMs.push(this.#fixture.clock.nowMs());
        return [
          {
            commandType: CommandType.COMPLETE_WORKFLOW_EXECUTION,
            completeWorkflowExecutionCommandAttributes: {},
          },
        ];
      case 'timers':
        return [
          {
            commandType: CommandType.START_TIMER,
            startTimerCommandAttributes: {
              timerId: `timer-${task.startedEventId}`,
              startToFireTimeout: HOUR_MS,
            },
          },
        ];
      default:
        if (eventsOf(task, EventType.ACTIVITY_TASK_SCHEDULED).length > 0) return [];
        return [
          {
            commandType: CommandType.SCHEDULE_ACTIVITY_TASK,
            scheduleActivityTaskCommandAttributes: {
              activityId: 'a',
              activityType: { name: 'never-succeeds' },
              taskQueue: { name: 'test-queue' },
              startToCloseTimeout: 60 * SECOND_MS,
              retryPolicy: { initialInterval: SECOND_MS, backoffCoefficient: 2, maximumInterval: HOUR_MS },
            },
          },
        ];
    }
  }
}

test('a week of cron, timers and retries, none early and none left out', async () => {
  const fixture = await historyFixture(await new MemoryStoreFactory().openExecutionStore(0));
  const startMs = fixture.clock.nowMs();
  const week = new Week(fixture);
  await week.begin();
  await week.play();

  // The clock begins at a full hour: the first run is at the next one.
  assert.equal(week.runsAtMs.length, 168);
  for (const [index, atMs] of week.runsAtMs.entries()) {
    assertDue(atMs, startMs + (index + 1) * HOUR_MS, `run ${index + 1}`);
  }

  const timers = await fixture.events('timers');
  const started = timers.filter(({ eventType }) => eventType === EventType.TIMER_STARTED);
  const fired = timers.filter(({ eventType }) => eventType === EventType.TIMER_FIRED);
  assert.ok(fired.length >= 167, `${fired.length} timers fired`);
  for (const [index, event] of fired.entries()) {
    assertDue(event.eventTime ?? 0, (started[index]?.eventTime ?? Number.NaN) + HOUR_MS, `timer ${index + 1}`);
  }

  // 1, 2, 4, ... 2048 s, then every hour.
  let dueMs = startMs;
  for (const [index, atMs] of week.attemptsAtMs.entries()) {
    assertDue(atMs, dueMs, `attempt ${index + 1}`);
    dueMs = atMs + Math.min(2 ** index * SECOND_MS, HOUR_MS);
  }
  assert.ok(week.attemptsAtMs.length > 12 + 160, `${week.attemptsAtMs.length} attempts`);
  await fixture.stop();
});

function assertDue(atMs: number, dueMs: number, what: string): void {
  assert.ok(atMs >= dueMs, `${what} came ${dueMs - atMs} ms early`);
  assert.ok(atMs <= dueMs + LATENESS_MS, `${what} came ${atMs - dueMs} ms late`);
}
