import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { NamespaceRecord } from '#proto/ostinato/worker/v1';
import { retentionEndMs } from './retention.ts';
import type { WorkflowEnvironment } from './workflow/environment.ts';

const DAY_MS = 86_400_000;
const MINUTE_MS = 60_000;
const CLOSED_MS = Date.UTC(2026, 10, 21, 12);

const environment = { config: { get: () => 30 * MINUTE_MS } } as unknown as WorkflowEnvironment;
const namespace = { retention: 3 * DAY_MS } as NamespaceRecord;

/** How long after retention a run is deleted that closed this long after noon. */
const jitterMs = (afterMs: number) =>
  retentionEndMs(environment, namespace, CLOSED_MS + afterMs) - (CLOSED_MS + afterMs) - 3 * DAY_MS;

test('what a minute closes is deleted over the whole jitter', () => {
  const jitters = Array.from({ length: 1000 }, (_, i) => jitterMs(i * 64));
  assert.ok(jitters.every((jitter) => jitter >= 0 && jitter < 30 * MINUTE_MS));
  for (let part = 0; part < 10; part++) {
    const inPart = jitters.filter((jitter) => Math.floor(jitter / (3 * MINUTE_MS)) === part).length;
    assert.ok(inPart > 80 && inPart < 120, `${inPart} of 1000 in part ${part}`);
  }
});

test('what a commit closes is deleted together', () => {
  assert.equal(jitterMs(7), jitterMs(0));
  assert.notEqual(jitterMs(64), jitterMs(0));
});

test('a namespace without retention keeps runs for a day', () => {
  const endMs = retentionEndMs(environment, {} as NamespaceRecord, CLOSED_MS);
  assert.equal(endMs - jitterMs(0), CLOSED_MS + DAY_MS);
});
