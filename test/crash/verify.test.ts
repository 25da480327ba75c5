// The crash suite's own oracle: each fault that it looks for is found when it is there.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { duration, type HistoryEvent, payloads } from '../end-to-end/harness/api.ts';
import { Ledger, type LedgerEntry } from './ledger.ts';
import { historyProblems } from './verify.ts';

const at = (milliseconds: number) => duration(1_700_000_000_000 + milliseconds);

function sound(): { entry: LedgerEntry; events: HistoryEvent[] } {
  const entry = new Ledger().open('w', { steps: [[{ kind: 'timer', milliseconds: 100 }]], signals: 1, updates: 0 });
  entry.signals.add('s0');
  entry.activities.add('0.1/1');
  entry.answers.push({ startedEventId: 3, ids: ['0.0', '0.1'] });
  const attributes: Omit<HistoryEvent, 'eventId'>[] = [
    { workflowExecutionStartedEventAttributes: {} },
    { workflowTaskScheduledEventAttributes: {} },
    { workflowTaskStartedEventAttributes: {} },
    { workflowTaskCompletedEventAttributes: { startedEventId: 3 as never } },
    {
      eventTime: at(0),
      timerStartedEventAttributes: {
        timerId: '0.0',
        startToFireTimeout: duration(100),
        workflowTaskCompletedEventId: 4 as never,
      },
    },
    { activityTaskScheduledEventAttributes: { activityId: '0.1', workflowTaskCompletedEventId: 4 as never } },
    { workflowExecutionSignaledEventAttributes: { signalName: 's0' } },
    { eventTime: at(100), timerFiredEventAttributes: { timerId: '0.0', startedEventId: 5 as never } },
    { activityTaskCompletedEventAttributes: { result: payloads('0.1/1') } },
    { workflowExecutionCompletedEventAttributes: {} },
  ];
  return { entry, events: attributes.map((event, index) => ({ ...event, eventId: (index + 1) as never })) };
}

/** The problems after a change to a sound history. */
function problemsAfter(change: (events: HistoryEvent[], entry: LedgerEntry) => void): string[] {
  const { entry, events } = sound();
  change(events, entry);
  return historyProblems(entry, events);
}

describe('the oracle of the crash suite', () => {
  it('finds nothing in a sound history', () =>
    assert.deepEqual(
      problemsAfter(() => undefined),
      [],
    ));

  it('finds a lost signal', () => {
    const problems = problemsAfter((_, entry) => entry.signals.add('s1'));
    assert.deepEqual(problems, ['w: signal s1 was acknowledged and is lost']);
  });

  it('finds a signal that is there twice', () => {
    const problems = problemsAfter((events) => {
      events.splice(7, 0, { ...events[6] });
      for (const [index, event] of events.entries()) event.eventId = (index + 1) as never;
    });
    assert.ok(problems.includes('w: signal s0 is there 2 times'));
  });

  it('finds a lost activity result', () => {
    assert.match(problemsAfter((_, entry) => entry.activities.add('0.1/2')).join(), /activity result 0.1\/2 .* lost/);
  });

  it('finds a lost answer to a workflow task, and a lost command', () => {
    const lost = problemsAfter((_, entry) => entry.answers.push({ startedEventId: 9, ids: [] }));
    assert.match(lost.join(), /started by event 9 is lost/);
    const command = problemsAfter((_, entry) => entry.answers.push({ startedEventId: 3, ids: ['0.9'] }));
    assert.deepEqual(command, ['w: command 0.9 was acknowledged and is lost']);
  });

  it('finds a timer that fired early', () => {
    const problems = problemsAfter((events) => Object.assign(events[7] ?? {}, { eventTime: at(60) }));
    assert.deepEqual(problems, ['w: timer 0.0 of 100 ms fired after 60 ms']);
  });

  it('finds a gap in the event ids, and a workflow that did not end', () => {
    assert.match(problemsAfter((events) => events.splice(6, 1)).join(), /stands at place/);
    assert.match(problemsAfter((events) => events.pop()).join(), /0 completed events/);
  });
});
