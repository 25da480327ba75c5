import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RateLimitSource } from '#proto/temporal/api/enums/v1';
import { UpdateTaskQueueConfigRequest, UpdateTaskQueueConfigResponse } from '#proto/temporal/api/workflowservice/v1';
import { RateLimiter } from './rate-limiter.ts';
import { RateTracker } from './rate-tracker.ts';
import { MatchingLab } from './testing/matching-lab.ts';
import { TestCall } from './testing/test-call.ts';

const ACTIVITY = 2;

function limitedPoll(lab: MatchingLab, perSecond: number) {
  return lab.pollActivity(new TestCall(), { taskQueueMetadata: { maxTasksPerSecond: { value: perSecond } } });
}

/** How many tasks workers at this rate get within the time. */
async function dispatched(lab: MatchingLab, perSecond: number, durationMs: number): Promise<number> {
  let count = 0;
  const endMs = lab.clock.nowMs() + durationMs;
  const worker = async (): Promise<void> => {
    while (lab.clock.nowMs() < endMs) {
      const { activityId } = await limitedPoll(lab, perSecond);
      if (activityId !== '' && lab.clock.nowMs() <= endMs) count++;
      if (activityId === '') return;
    }
  };
  for (let i = 0; i < 3; i++) void worker();
  while (lab.clock.nowMs() < endMs) await lab.clock.advance(10);
  return count;
}

test("tasks are dispatched at the worker's rate", async () => {
  const lab = new MatchingLab();
  await Promise.all(Array.from({ length: 200 }, (_, i) => lab.addActivityTask(`w${i}`)));
  const count = await dispatched(lab, 10, 10_000);
  assert.ok(count >= 95 && count <= 115, `${count} tasks in 10 s at 10 per second and a burst of one second`);
});

test('a rate of zero dispatches nothing, and a higher one later everything', async () => {
  const lab = new MatchingLab();
  await lab.addActivityTask('w1');
  const stopped = limitedPoll(lab, 0);
  await lab.clock.advance(5_000);
  assert.equal(lab.history.requests.length, 0);
  const going = limitedPoll(lab, 1_000);
  await lab.clock.advance(10);
  assert.equal((await stopped).activityId, '5');
  await lab.addActivityTask('w2');
  assert.equal((await going).activityId, '5');
});

test('a task over the limit waits in the backlog, durable', async () => {
  const lab = new MatchingLab();
  const polls = [limitedPoll(lab, 1), limitedPoll(lab, 1)];
  await lab.clock.settle();
  assert.equal((await lab.addActivityTask('w1')).syncMatched, true);
  assert.equal((await lab.addActivityTask('w2')).syncMatched, true);
  void polls;
  void limitedPoll(lab, 1);
  await lab.clock.settle();
  assert.equal((await lab.addActivityTask('w3')).syncMatched, false);
  await lab.clock.advance(1_000);
  assert.equal(lab.history.started.size, 3);
});

test('the limit of the API goes before that of the worker, and can be taken away', async () => {
  const lab = new MatchingLab();
  const update = async (requestsPerSecond: number | undefined) => {
    const request = UpdateTaskQueueConfigRequest.encode({
      identity: 'admin',
      taskQueue: 'queue',
      taskQueueType: ACTIVITY,
      updateQueueRateLimit: {
        reason: 'test',
        rateLimit: requestsPerSecond === undefined ? undefined : { requestsPerSecond },
      },
    });
    return UpdateTaskQueueConfigResponse.decode(
      await lab.call('UpdateTaskQueueConfig', lab.apiRequest(request, ACTIVITY)),
    );
  };
  const limit = async () => (await lab.describe({}, ACTIVITY)).effectiveRateLimit!;
  void limitedPoll(lab, 50);
  await lab.clock.settle();
  assert.deepEqual(await limit(), { requestsPerSecond: 50, rateLimitSource: RateLimitSource.WORKER });
  assert.equal((await lab.describe({ reportConfig: true }, ACTIVITY)).config, undefined);
  const { config } = await update(7);
  assert.equal(config?.queueRateLimit?.rateLimit?.requestsPerSecond, 7);
  assert.equal(config?.queueRateLimit?.metadata?.updateIdentity, 'admin');
  assert.deepEqual(await limit(), { requestsPerSecond: 7, rateLimitSource: RateLimitSource.API });
  await lab.restart();
  assert.deepEqual(await limit(), { requestsPerSecond: 7, rateLimitSource: RateLimitSource.API });
  assert.equal((await lab.describe({ reportConfig: true }, ACTIVITY)).config?.queueRateLimit?.metadata?.reason, 'test');
  await update(undefined);
  assert.equal((await limit()).rateLimitSource, RateLimitSource.SYSTEM);
});

test('fairness weights are kept, changed and bounded', async () => {
  const lab = new MatchingLab();
  lab.settings.set('matching.maxFairnessKeyWeightOverrides', 2);
  const update = async (set: readonly (readonly [string, number])[], unset: readonly string[] = []) => {
    const request = UpdateTaskQueueConfigRequest.encode({
      setFairnessWeightOverrides: new Map(set),
      unsetFairnessWeightOverrides: unset,
    });
    const response = await lab.call('UpdateTaskQueueConfig', lab.apiRequest(request, ACTIVITY));
    return [...(UpdateTaskQueueConfigResponse.decode(response).config?.fairnessWeightOverrides ?? [])];
  };
  assert.deepEqual(
    await update([
      ['a', 2],
      ['b', 3],
    ]),
    [
      ['a', 2],
      ['b', 3],
    ],
  );
  await assert.rejects(update([['c', 1]]), { message: /exceeding maximum key size/ });
  assert.deepEqual(await update([['c', 1]], ['a']), [
    ['b', 3],
    ['c', 1],
  ]);
});

test('a limiter lets a second of its rate go at once and then one after the other', () => {
  const limiter = new RateLimiter(4, 1);
  let gone = 0;
  while (limiter.delayMs(10_000) <= 0) {
    limiter.consume(10_000);
    gone++;
  }
  assert.equal(gone, 5);
  assert.equal(limiter.delayMs(10_000), 250);
  limiter.refund(10_000);
  assert.ok(limiter.delayMs(10_000) <= 0);
});

test('the rate of the last thirty seconds is told, and forgets what is older', () => {
  const tracker = new RateTracker(0);
  tracker.add(0, 10);
  assert.equal(tracker.perSecond(5_000), 2);
  tracker.add(9_000, 10);
  assert.equal(tracker.perSecond(10_000), 2);
  assert.ok(tracker.perSecond(36_000) > 0);
  assert.equal(tracker.perSecond(60_000), 0);
});
