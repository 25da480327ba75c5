// The oracle of every scenario: reads a run's whole history and compares it, event by event, with what is expected. What
// holds for every history (numbering, order of time, references backwards) is checked each time.

import assert from 'node:assert/strict';
import type { Execution, HistoryEvent, WorkflowService } from './api.ts';
import { type Plain, type PlainEvent, plainEvent } from './plain.ts';

/** An event type, or an event type with attributes that must be there (compared deeply, others may exist). */
export type ExpectedEvent = string | readonly [type: string, attributes: Plain];

/** All events of a run, oldest first, page by page. */
export async function readHistory(
  service: WorkflowService,
  namespace: string,
  execution: Execution,
  pageSize = 1000,
): Promise<HistoryEvent[]> {
  const events: HistoryEvent[] = [];
  let nextPageToken: Uint8Array | undefined;
  do {
    const page = await service.getWorkflowExecutionHistory({
      namespace,
      execution,
      maximumPageSize: pageSize,
      ...(nextPageToken ? { nextPageToken } : {}),
    });
    events.push(...(page.history?.events ?? []));
    nextPageToken = page.nextPageToken && page.nextPageToken.length > 0 ? page.nextPageToken : undefined;
  } while (nextPageToken);
  return events;
}

export function compareEvents(actual: readonly HistoryEvent[], expected: readonly ExpectedEvent[]): PlainEvent[] {
  const events = actual.map(plainEvent);
  const expectedTypes = expected.map((item) => (typeof item === 'string' ? item : item[0]));
  assert.deepEqual(
    events.map((event) => event.type),
    expectedTypes,
  );
  checkGrammar(events);
  expected.forEach((item, index) => {
    if (typeof item === 'string') return;
    const event = events[index];
    assert.ok(event);
    assertContains({ ...event.rest, ...event.attributes }, item[1], `${event.id} ${event.type}`);
  });
  return events;
}

/** Every key of `expected` is in `actual` with an equal value; objects are compared the same way, all else strictly. */
export function assertContains(actual: unknown, expected: unknown, path: string): void {
  if (expected instanceof RegExp) {
    assert.match(String(actual), expected, path);
    return;
  }
  if (typeof expected === 'function') {
    assert.ok((expected as (value: unknown) => unknown)(actual), `${path}: ${JSON.stringify(actual)} was refused`);
    return;
  }
  if (isRecord(expected)) {
    assert.ok(isRecord(actual), `${path}: ${JSON.stringify(actual)} is no object`);
    for (const [key, value] of Object.entries(expected)) assertContains(actual[key], value, `${path}.${key}`);
    return;
  }
  assert.deepEqual(actual, expected, path);
}

function isRecord(value: unknown): value is Plain {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Uint8Array);
}

const BACK_REFERENCES = ['workflowTaskCompletedEventId', 'scheduledEventId', 'startedEventId', 'initiatedEventId'];

function checkGrammar(events: readonly PlainEvent[]): void {
  // Only these: an event that was buffered behind a workflow task keeps the time at which it came.
  const unbuffered = events.filter((event) => event.type.startsWith('WorkflowTask'));
  unbuffered.forEach((event, index) => {
    const previous = unbuffered[index - 1];
    if (previous) assert.ok(event.timeMs >= previous.timeMs, `event ${event.id} is older than event ${previous.id}`);
  });
  events.forEach((event, index) => {
    assert.equal(event.id, index + 1, 'event ids count up from 1');
    for (const key of BACK_REFERENCES) {
      const reference = event.attributes[key];
      if (typeof reference === 'number') {
        assert.ok(reference < event.id, `event ${event.id} ${event.type}: ${key} ${reference} points backwards`);
      }
    }
  });
}
