// Rings, doorbells, router and supervision together, on real threads.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { isDeepStrictEqual } from 'node:util';
import { GrpcCode, ServiceError } from '../base/service-error.ts';
import { silentLogger } from '../metrics/logger.ts';
import { Cancellation } from './cancellation.ts';
import { type EchoThreads, startEchoThreads } from './testing/threads.ts';

let threads: EchoThreads;
before(async () => {
  threads = await startEchoThreads();
});
after(() => threads.stop());

const bytes = (text: string) => Buffer.from(text);
const code = (expected: number) => (error: unknown) => error instanceof ServiceError && error.code === expected;

async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  const deadlineMs = performance.now() + 5_000;
  while (!(await condition())) {
    assert.ok(performance.now() < deadlineMs, 'the condition did not come true in 5 s');
    await new Promise((resolve) => setImmediate(resolve));
  }
}

test('a call reaches the owner of its shard and comes back', async () => {
  for (let shardId = 1; shardId <= 4; shardId++) {
    const response = await threads.router.callHistory(shardId, 'GetShard', bytes('hello'));
    assert.equal(Buffer.from(response).toString(), 'hello');
  }
  await assert.rejects(threads.router.callHistory(5, 'GetShard', bytes('hello')), code(GrpcCode.INVALID_ARGUMENT));
});

test('ten thousand calls at once are all answered, each with its own bytes', async () => {
  const calls = Array.from({ length: 10_000 }, (_, i) => {
    const request = bytes(`echo ${i} ${'x'.repeat(i % 1_000)}`);
    return threads.router.callHistory((i % 4) + 1, 'GetShard', request).then((response) => {
      assert.equal(Buffer.compare(response, request), 0);
    });
  });
  await Promise.all(calls);
});

test('a message of 128 MiB passes between small ones, in order', { timeout: 60_000 }, async () => {
  const order: number[] = [];
  const large = Buffer.alloc(128 * 1024 * 1024, 7);
  large[0] = 0;
  const send = (number: number, request: Uint8Array) =>
    threads.router.callWorker('GetClusterInfo', request).then((response) => {
      order.push(number);
      return response;
    });
  const [, response] = await Promise.all([send(1, bytes('\0a')), send(2, large), send(3, bytes('\0b'))]);
  assert.deepEqual(order, [1, 2, 3]);
  assert.equal(Buffer.compare(response!, large), 0);
});

test('an error keeps its code, message and details', async () => {
  await assert.rejects(threads.router.callWorker('GetClusterInfo', bytes('fail')), (error: unknown) => {
    assert.ok(error instanceof ServiceError);
    assert.equal(error.code, GrpcCode.NOT_FOUND);
    assert.equal(error.message, 'no such thing');
    assert.ok(error.is('some.Detail'));
    assert.equal(Buffer.from(error.details[0]!.value).toString(), 'detail');
    return true;
  });
});

test('a bug in a handler is INTERNAL for the caller and a line in the log', async () => {
  await assert.rejects(threads.router.callWorker('GetClusterInfo', bytes('bug')), code(GrpcCode.INTERNAL));
  await until(() => threads.lines.some((line) => line.includes('a handler failed') && line.includes('a bug')));
});

test('cancelling a call cancels the handler on the other thread', async () => {
  const cancellation = new Cancellation();
  const call = threads.router.callWorker('GetClusterInfo', bytes('wait'), { cancellation });
  cancellation.cancel();
  await assert.rejects(call, code(GrpcCode.CANCELLED));
  await until(async () => (await threads.router.callWorker('GetClusterInfo', bytes('cancelled'))).toString() === '1');
});

test('a deadline that passes ends the call and cancels its handler', async () => {
  const call = threads.router.callMatching('', 'DescribeTaskQueue', bytes('wait'), {
    deadlineMs: threads.clock.nowMs() + 20,
  });
  await assert.rejects(call, code(GrpcCode.DEADLINE_EXCEEDED));
  await until(
    async () => (await threads.router.callMatching('', 'DescribeTaskQueue', bytes('cancelled'))).toString() === '1',
  );
});

test('a sealed answer waits for its sealer, whoever sent it and whichever of the two comes first', async () => {
  const sealed = (id: number) => threads.router.callMatching('', 'DescribeTaskQueue', bytes(`seal ${id}`));
  const tell = (what: string) => threads.router.callHistory(1, 'GetShard', bytes(what));
  const answered: string[] = [];
  const noted = async (call: Promise<Uint8Array>) => answered.push(Buffer.from(await call).toString());
  const calls = [noted(sealed(1)), noted(sealed(2))];
  await threads.router.callMatching('', 'DescribeTaskQueue', bytes('echo')); // which comes behind both answers
  assert.deepEqual(answered, []);
  await tell('break 2');
  assert.deepEqual(answered, ['']);
  await tell('open 1');
  assert.deepEqual(answered, ['', 'seal 1']);
  await Promise.all(calls);
  await tell('open 3');
  await tell('break 4');
  assert.equal(Buffer.from(await sealed(3)).toString(), 'seal 3');
  assert.equal((await sealed(4)).length, 0);
});

test('threads call each other', async () => {
  const response = await threads.router.callHistory(1, 'GetShard', bytes('other'));
  assert.equal(Buffer.from(response).toString(), 'echo');
});

test('a fact reaches every thread, also the one that tells it', async () => {
  const heard: string[] = [];
  threads.facts.subscribe('NamespacesChanged', (body) => heard.push(Buffer.from(body).toString()));
  threads.facts.publish('NamespacesChanged', bytes('main'));
  await threads.router.callWorker('GetClusterInfo', bytes('publish'));
  await until(() => heard.length === 2);
  assert.deepEqual(heard, ['main', 'worker']);
});

test('a log line of a thread arrives as one JSON object with its error', async () => {
  await threads.router.callHistory(1, 'GetShard', bytes('log'));
  await until(() => threads.lines.some((line) => line.includes('a line')));
  const line = JSON.parse(threads.lines.find((candidate) => candidate.includes('a line'))!);
  assert.equal(line.level, 40);
  assert.equal(line.thread, 'history-1');
  assert.equal(line.err.message, 'inner');
});

test('metrics of all threads are collected', async () => {
  const snapshots = await threads.supervisor.collectMetrics(() => undefined);
  assert.deepEqual(snapshots.map((snapshot) => snapshot.thread).sort(), [
    'history-1',
    'history-2',
    'matching',
    'worker',
  ]);
  for (const { thread, added, values } of snapshots) {
    const frames = added.findIndex(({ definition }) => definition.name === 'ostinato_ring_frames');
    assert.ok(frames >= 0 && added.slice(0, frames).every(({ definition }) => definition.kind !== 'histogram'), thread);
    assert.ok(values[frames]! > 0, thread);
  }
  const first = new Map(snapshots.map((snapshot) => [snapshot.thread, snapshot]));
  const later = await threads.supervisor.collectMetrics((thread) => {
    const { life, added } = first.get(thread)!;
    return { life, count: added.length };
  });
  for (const { thread, known, added, values } of later) {
    const { added: told, values: numbers } = first.get(thread)!;
    assert.equal(known, told.length, thread);
    for (const each of added) assert.ok(!told.some((one) => isDeepStrictEqual(one, each)), `${thread} repeats itself`);
    assert.ok(values.length >= numbers.length, thread);
  }
});

test('a thread that dies fails its callers with UNAVAILABLE, comes back, and the others go on', async () => {
  const parked = threads.router.callHistory(2, 'GetShard', bytes('wait'));
  const fatal = threads.router.callHistory(2, 'GetShard', bytes('die'));
  await assert.rejects(fatal, code(GrpcCode.UNAVAILABLE));
  await assert.rejects(parked, code(GrpcCode.UNAVAILABLE));
  assert.equal((await threads.router.callHistory(1, 'GetShard', bytes('echo'))).toString(), 'echo');
  await until(async () => {
    try {
      return (await threads.router.callHistory(2, 'GetShard', bytes('other'))).toString() === 'echo';
    } catch (error) {
      assert.ok(code(GrpcCode.UNAVAILABLE)(error));
      return false;
    }
  });
  // Its first answer may overtake the message that it is ready.
  await until(() => threads.supervisor.readyThreads().includes('history-2'));
});

test('the end of a thread breaks its seals', async () => {
  const sealed = threads.router.callMatching('', 'DescribeTaskQueue', bytes('seal 5'));
  const opened = threads.router.callMatching('', 'DescribeTaskQueue', bytes('seal 6'));
  await threads.router.callMatching('', 'DescribeTaskQueue', bytes('echo'));
  await threads.router.callHistory(1, 'GetShard', bytes('open 6'));
  await assert.rejects(threads.router.callHistory(1, 'GetShard', bytes('die')), code(GrpcCode.UNAVAILABLE));
  assert.equal((await sealed).length, 0);
  assert.equal(Buffer.from(await opened).toString(), 'seal 6');
  await until(() => threads.supervisor.readyThreads().includes('history-1'));
});

test('a thread that does not read makes its callers wait, then refuses them, and loses nothing', async () => {
  const blocked = threads.router.callWorker('GetClusterInfo', bytes('block'));
  // The first request goes out with the turn, so that the thread is busy when the flood comes.
  await new Promise((resolve) => setImmediate(resolve));
  const request = Buffer.alloc(64 * 1024, 1);
  const calls = Array.from({ length: 1_000 }, () => threads.router.callWorker('GetClusterInfo', request));
  const settled = await Promise.allSettled(calls);
  await blocked;
  const refused = settled.filter((result) => result.status === 'rejected');
  for (const { reason } of refused) assert.ok(code(GrpcCode.RESOURCE_EXHAUSTED)(reason), String(reason));
  // 62 MiB were asked, the ring and its backlog hold 33.
  assert.ok(refused.length > 300 && refused.length < 700, `${refused.length} were refused`);
  for (const result of settled) {
    if (result.status === 'fulfilled') assert.equal(Buffer.compare(result.value, request), 0);
  }
  assert.equal((await threads.router.callWorker('GetClusterInfo', bytes('echo'))).toString(), 'echo');
});

test('a thread that keeps dying is restarted at once, then ever more slowly', { timeout: 30_000 }, async () => {
  const delays: number[] = [];
  const logger = {
    ...silentLogger,
    error: (fields: object) => {
      if ('restartInMs' in fields) delays.push(fields.restartInMs as number);
    },
  };
  const dying = await startEchoThreads({}, logger);
  try {
    for (let round = 1; round <= 3; round++) {
      await until(async () => {
        await dying.router.callMatching('', 'DescribeTaskQueue', bytes('die')).catch(() => {});
        return delays.length >= round;
      });
      await until(() => dying.supervisor.readyThreads().includes('matching'));
    }
    assert.deepEqual(delays.slice(0, 3), [0, 200, 400]);
  } finally {
    await dying.stop();
  }
});

test('a thread that cannot start says why', async () => {
  await assert.rejects(startEchoThreads({ failOn: 'matching' }), /cannot start/);
});
