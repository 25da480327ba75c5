// Activities without a workflow while the server is killed under them: none is lost, no attempt is handed out twice, an answer that was
// acknowledged stands, and delays, retries and timeouts go on after the restart.

import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { type ServiceError, status } from '@grpc/grpc-js';
import { Connection } from '@temporalio/client';
import { applicationFailure, decodePayloads, duration, payloads } from '../end-to-end/harness/api.ts';
import { OstinatoServer } from '../end-to-end/harness/server.ts';
import { waitUntil } from '../end-to-end/harness/wait-until.ts';

const ACTIVITIES = 60;
const WORKERS = 4;
const namespace = 'default';
const taskQueue = 'killed';
/** An attempt whose worker never learnt of it is repeated after this. */
const START_TO_CLOSE_MS = 1_500;
const GONE: ReadonlySet<number> = new Set([status.UNAVAILABLE, status.DEADLINE_EXCEEDED, status.CANCELLED]);
/** The client repeats calls by itself, polls too, with what is left of their time. */
const isGone = ({ code, details }: ServiceError): boolean =>
  GONE.has(code) || details === 'Context timeout is too short.';

test('activities without a workflow survive kills', { timeout: 120_000 }, async () => {
  const folder = await mkdtemp(join(tmpdir(), 'ostinato-killed-'));
  const dataFile = join(folder, 'data.db');
  let server = await OstinatoServer.start({ dataFile });
  const { port, address } = server;
  const connection = Connection.lazy({ address });
  const { workflowService: service } = connection;

  /** Until the server has answered. */
  async function insist<T>(call: () => Promise<T>, timeoutMs = 5_000): Promise<T> {
    for (;;) {
      try {
        return await connection.withDeadline(Date.now() + timeoutMs, call);
      } catch (error) {
        if (!isGone(error as ServiceError)) throw error;
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    }
  }

  const attempts = new Set<string>();
  const violations: string[] = [];
  /** What the server has acknowledged, by activity. */
  const acknowledged = new Map<string, string>();
  const outcomes = new Map<string, unknown>();

  async function start(index: number): Promise<void> {
    const activityId = `activity-${index}`;
    await insist(() =>
      service.startActivityExecution({
        namespace,
        activityId,
        requestId: activityId,
        activityType: { name: 'type' },
        taskQueue: { name: taskQueue },
        startToCloseTimeout: duration(START_TO_CLOSE_MS),
        retryPolicy: { initialInterval: duration(50), backoffCoefficient: 1 },
        ...(index % 4 === 3 ? { startDelay: duration(700) } : {}),
      }),
    );
    for (;;) {
      const { outcome } = await insist(() => service.pollActivityExecution({ namespace, activityId }), 30_000);
      if (!outcome) continue;
      outcomes.set(activityId, decodePayloads(outcome.result)[0]);
      return;
    }
  }

  async function work(isDone: () => boolean): Promise<void> {
    while (!isDone()) {
      const task = await insist(() =>
        service.pollActivityTaskQueue({ namespace, taskQueue: { name: taskQueue }, identity: 'worker' }),
      );
      const { taskToken, activityId = '', attempt = 0 } = task;
      if (!taskToken || taskToken.length === 0) continue;
      const name = `${activityId}/${attempt}`;
      if (attempts.has(name)) violations.push(`${name} was handed out twice`);
      attempts.add(name);
      const index = Number(activityId?.split('-')[1]);
      try {
        if (index % 4 === 1 && (attempt ?? 0) < 3) {
          const failure = applicationFailure('again');
          await insist(() => service.respondActivityTaskFailed({ namespace, taskToken, failure }));
          continue;
        }
        if (index % 4 === 2) {
          await insist(() => service.recordActivityTaskHeartbeat({ namespace, taskToken, details: payloads(name) }));
        }
        await insist(() => service.respondActivityTaskCompleted({ namespace, taskToken, result: payloads(name) }));
        acknowledged.set(activityId ?? '', name);
      } catch (error) {
        // The attempt is over: it timed out, or an answer that seemed lost had arrived.
        if ((error as ServiceError).code !== status.NOT_FOUND) throw error;
      }
    }
  }

  try {
    const isDone = () => outcomes.size === ACTIVITIES;
    const started = Promise.all(Array.from({ length: ACTIVITIES }, (_, index) => start(index)));
    const workers = Array.from({ length: WORKERS }, () => work(isDone));
    for (const share of [0.1, 0.4, 0.7]) {
      await waitUntil(() => outcomes.size >= ACTIVITIES * share, `${share} of the activities are done`, 60_000);
      await server.kill();
      server = await OstinatoServer.start({ dataFile, port });
    }
    await started;
    await Promise.all(workers);
    assert.deepEqual(violations, []);
    for (const [activityId, result] of acknowledged) assert.equal(outcomes.get(activityId), result);
    for (const result of outcomes.values()) assert.ok(attempts.has(String(result)), String(result));
    const count = async (query: string) =>
      Number((await insist(() => service.countActivityExecutions({ namespace, query }))).count);
    await waitUntil(
      async () => (await count("ExecutionStatus = 'Completed'")) === ACTIVITIES && (await count('')) === ACTIVITIES,
      'lists have them all',
    );
  } finally {
    await connection.close();
    await server.stop();
    await rm(folder, { recursive: true, force: true });
  }
});
