// Activities without a workflow over crashes: each process reads what the one before it has written.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ActivityExecutionStatus, ActivityIdReusePolicy } from '#proto/temporal/api/enums/v1';
import { Failure } from '#proto/temporal/api/failure/v1';
import type { PollActivityTaskQueueResponse } from '#proto/temporal/api/workflowservice/v1';
import { GrpcCode, type ServiceError } from '../../base/service-error.ts';
import { type ExecutionStore, MemoryStoreFactory } from '../../persistence/index.ts';
import { VirtualClock } from '../../runtime/virtual-clock.ts';
import {
  bytes,
  DAY_MS,
  DELETE,
  failureOf,
  ID,
  MINUTE_MS,
  notThere,
  refused,
  Scenario,
  SECOND_MS,
  text,
} from './testing/scenario.ts';

describe('after a crash', () => {
  /** A process: from its crash on the store does not hear of it any more. */
  interface Process {
    readonly scenario: Scenario;
    crash(): void;
  }
  const data = () => new MemoryStoreFactory().openExecutionStore(0);
  async function boot(store: ExecutionStore, clock: VirtualClock): Promise<Process> {
    let crashed = false;
    const connection = new Proxy(store, {
      get: (target, name) => {
        const method = Reflect.get(target, name);
        if (typeof method !== 'function') return method;
        return (...args: unknown[]) => (crashed ? new Promise(() => {}) : method.apply(target, args));
      },
    });
    const scenario = await Scenario.open(connection, clock);
    await clock.advance(0);
    return { scenario, crash: () => (crashed = true) };
  }

  /** Runs the steps one after the other, each in a process of its own, with a crash after each. */
  async function inLives(...lives: ((s: Scenario) => Promise<void>)[]): Promise<void> {
    const store = await data();
    const clock = new VirtualClock();
    for (const life of lives) {
      const { scenario, crash } = await boot(store, clock);
      await life(scenario);
      crash();
    }
  }

  test('an attempt that no worker has goes to matching again, and starts once', async () => {
    await inLives(
      async (s) => {
        await s.start();
      },
      async (s) => {
        assert.ok(s.dispatched >= 1);
        const task = await s.task();
        while (s.dispatched > 0) await assert.rejects(s.task(), /invalid transition from Started/);
        await s.complete(task);
        assert.equal((await s.describe()).attempt, 1);
      },
    );
  });

  test('a worker completes with the token that it had before', async () => {
    let task: PollActivityTaskQueueResponse;
    await inLives(
      async (s) => {
        await s.start();
        task = await s.task();
        await s.heartbeat(task, text('half'));
      },
      async (s) => {
        assert.deepEqual(bytes((await s.describe()).heartbeatDetails), bytes(text('half')));
        await s.complete(task);
        assert.deepEqual(bytes((await s.outcome()).result), bytes(text('out')));
        await assert.rejects(s.complete(task), notThere);
      },
    );
  });

  test('delays, retries and deadlines come when they were due', async () => {
    await inLives(
      async (s) => {
        await s.start({ scheduleToCloseTimeout: 60 * MINUTE_MS, startDelay: MINUTE_MS });
      },
      async (s) => {
        await s.advance(MINUTE_MS - 1);
        assert.equal(s.dispatched, 0);
        await s.advance(1);
        await s.fail(await s.task(), failureOf('boom', { nextRetryDelay: MINUTE_MS }));
      },
      async (s) => {
        await s.advance(MINUTE_MS);
        assert.equal((await s.task()).attempt, 2);
      },
      async (s) => {
        await s.advance(10 * MINUTE_MS); // start-to-close
        const info = await s.describe();
        assert.equal(info.attempt, 3);
        assert.equal(Failure.decode(info.lastFailure as Uint8Array).message, 'activity StartToClose timeout');
      },
      async (s) => {
        await s.advance(60 * MINUTE_MS);
        assert.equal((await s.outcome()).failure?.message, 'activity ScheduleToClose timeout');
      },
      async (s) => {
        assert.equal((await s.describe()).status, ActivityExecutionStatus.TIMED_OUT);
        await s.advance(3 * DAY_MS);
        await assert.rejects(s.describe(), notThere);
      },
    );
  });

  test('requests are remembered, and a policy still knows what was there', async () => {
    let runId: string;
    await inLives(
      async (s) => {
        runId = (await s.start()).runId;
        await s.terminate();
      },
      async (s) => {
        const again = await s.start();
        assert.deepEqual([again.runId, again.started], [runId, false]);
        await s.terminate();
        await assert.rejects(
          s.start({ requestId: 'x', idReusePolicy: ActivityIdReusePolicy.REJECT_DUPLICATE }),
          refused(GrpcCode.ALREADY_EXISTS, 'activity execution already started'),
        );
      },
    );
  });

  test('a deletion that was asked for happens', async () => {
    await inLives(
      async (s) => {
        await s.start();
        await s.fixture.rpc('DeleteActivityExecution', DELETE, ID);
      },
      async (s) => {
        await s.advance(SECOND_MS);
        await assert.rejects(s.describe(), notThere);
      },
    );
  });

  test('the process that was replaced answers nothing any more', async () => {
    const store = await data();
    const clock = new VirtualClock();
    const before = await Scenario.open(store, clock);
    await before.start();
    const task = await before.task();
    const after = await Scenario.open(store, clock);
    const late = before.complete(task);
    await assert.rejects(late, (error: unknown) => {
      assert.equal((error as ServiceError).code, GrpcCode.UNAVAILABLE);
      return true;
    });
    assert.equal(after.dispatched, 0);
  });
});
