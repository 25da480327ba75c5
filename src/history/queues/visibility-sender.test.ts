// Records of a moment go together, a failure is told to those it concerns.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { RecordVisibilityRequest } from '#proto/ostinato/worker/v1';
import { QuietMoments } from '../../runtime/quiet-moments.ts';
import type { Router } from '../../runtime/router.ts';
import { VirtualClock } from '../../runtime/virtual-clock.ts';
import { WRITE_REST_MS } from '../../visibility/visibility-store.ts';
import { GATHER_MS, PATIENCE_MS, VisibilitySender } from './visibility-sender.ts';

describe('visibility records', () => {
  /** The workflow ids of each message. */
  function sender(answer: (message: number) => Promise<Uint8Array>) {
    const messages: string[][] = [];
    const clock = new VirtualClock();
    const callWorker = (_method: string, request: Uint8Array) => {
      messages.push(RecordVisibilityRequest.decode(request).records.map(({ workflowId }) => workflowId));
      return answer(messages.length);
    };
    const moments = new QuietMoments(clock);
    const visibility = new VisibilitySender({ callWorker } as unknown as Router, clock, moments);
    return { messages, clock, moments, sender: visibility };
  }
  const written = () => Promise.resolve(new Uint8Array());

  test('of a moment are one message, and those after it the next', async () => {
    const s = sender(written);
    const first = [s.sender.record({ workflowId: 'a' }), s.sender.record({ workflowId: 'b' })];
    await s.clock.advance(GATHER_MS - 1);
    const alsoFirst = s.sender.record({ workflowId: 'c' });
    assert.deepEqual(s.messages, []);
    await s.clock.advance(1);
    await Promise.all([...first, alsoFirst]);
    const second = s.sender.record({ workflowId: 'd' });
    await s.clock.advance(WRITE_REST_MS - 1);
    assert.equal(s.messages.length, 1, 'the writer would rest');
    await s.clock.advance(1);
    await second;
    assert.deepEqual(s.messages, [['a', 'b', 'c'], ['d']]);
  });

  test('wait for a quiet moment, but not for long', async () => {
    const s = sender(written);
    const record = s.sender.record({ workflowId: 'a' });
    for (let ms = 0; ms < GATHER_MS + PATIENCE_MS - 1; ms++) {
      s.moments.stir(s.clock.nowMs());
      await s.clock.advance(1);
    }
    assert.deepEqual(s.messages, []);
    s.moments.stir(s.clock.nowMs());
    await s.clock.advance(1);
    await record;
  });

  test('of many bytes leave before the moment is over, and none is sent twice', async () => {
    const s = sender(written);
    const memo = new Uint8Array(40 * 1024);
    const all = ['a', 'b', 'c'].map((workflowId) => s.sender.record({ workflowId, memo }));
    assert.deepEqual(s.messages, [['a'], ['b']]);
    await Promise.all(all.slice(0, 2));
    await s.clock.advance(GATHER_MS);
    await Promise.all(all);
    assert.deepEqual(s.messages, [['a'], ['b'], ['c']]);
  });

  test('that could not be written fail together; the next ones are not concerned', async () => {
    const s = sender((message) => (message === 1 ? Promise.reject(new Error('store is away')) : written()));
    const failing = [s.sender.record({ workflowId: 'a' }), s.sender.record({ workflowId: 'b' })];
    const failed = Promise.allSettled(failing);
    await s.clock.advance(GATHER_MS);
    assert.deepEqual(
      (await failed).map(({ status }) => status),
      ['rejected', 'rejected'],
    );
    const next = s.sender.record({ workflowId: 'c' });
    await s.clock.advance(WRITE_REST_MS);
    await next;
  });
});
