import assert from 'node:assert/strict';
import { test } from 'node:test';
import { farmFingerprint32 } from '../base/farm-fingerprint32.ts';
import { shardIdOf } from './shard-id.ts';

const NAMESPACE_ID = '32049b68-7872-4094-8e63-d0dd59896a83';

test('a workflow has the shard that Temporal gives it', () => {
  // go-farm: Fingerprint32("32049b68-7872-4094-8e63-d0dd59896a83_order-1") = 2494920717
  for (const shardCount of [1, 4, 512, 16384]) {
    assert.equal(shardIdOf(NAMESPACE_ID, 'order-1', shardCount), (2494920717 % shardCount) + 1);
  }
});

test('ids of any length and script are hashed as UTF-8', () => {
  for (const id of ['', 'é', '注文'.repeat(400), 'x'.repeat(5000)]) {
    const hash = farmFingerprint32(Buffer.from(`${NAMESPACE_ID}_${id}`));
    assert.equal(shardIdOf(NAMESPACE_ID, id, 1000), (hash % 1000) + 1);
  }
});
