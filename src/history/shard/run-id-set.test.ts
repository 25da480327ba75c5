import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import { RunIdSet } from './run-id-set.ts';

test('remembers the latest ids, all of them, and forgets those before twice as many', () => {
  const most = 10_000;
  const set = new RunIdSet(most);
  const ids = Array.from({ length: 3 * most }, () => randomUUID());
  for (const [i, id] of ids.entries()) {
    assert.equal(set.has(id), false);
    set.add(id);
    set.add(id);
    assert.equal(set.has(id), true);
    assert.equal(set.has(ids[Math.max(0, i - most + 1)]!), true, `the id before the ${most} latest`);
  }
  assert.equal(set.has(ids[0]!), false);
  assert.equal(ids.filter((id) => set.has(id)).length <= 2 * most, true);
  set.clear();
  assert.equal(set.has(ids.at(-1)!), false);
});

test('ids that differ in any of their digits are different', () => {
  const id = '9a0b1c2d-3e4f-4a5b-8c6d-7e8f90a1b2c3';
  const set = new RunIdSet(100);
  set.add(id);
  for (const [at, digit] of [...id].entries()) {
    if (digit === '-') continue;
    const other = `${id.slice(0, at)}${digit === '1' ? '2' : '1'}${id.slice(at + 1)}`;
    assert.equal(set.has(other), other === id, other);
  }
});

test('what is no UUID is not remembered', () => {
  const set = new RunIdSet(100);
  for (const id of ['', 'run-1', '00000000-0000-0000-0000-000000000000', '9A0B1C2D-3E4F-4A5B-8C6D-7E8F90A1B2C3']) {
    set.add(id);
    assert.equal(set.has(id), false, id);
  }
});
