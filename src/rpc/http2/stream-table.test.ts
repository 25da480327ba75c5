import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { StreamTable } from './stream-table.ts';

interface Entry {
  readonly id: number;
  nextInTable: Entry | undefined;
}

const entry = (id: number): Entry => ({ id, nextInTable: undefined });

describe('the table of streams', () => {
  it('behaves as a map through thousands of openings and closings', () => {
    const table = new StreamTable<Entry>();
    const expected = new Map<number, Entry>();
    let random = 42;
    const next = (below: number): number => {
      random = (Math.imul(random, 1103515245) + 12345) >>> 0;
      return (random >>> 8) % below;
    };
    let id = 1;
    for (let i = 0; i < 50_000; i++) {
      if (next(100) < 50 + (i % 20_000 < 10_000 ? 8 : -8)) {
        const added = entry(id);
        id += 2;
        table.add(added);
        expected.set(added.id, added);
      } else if (expected.size > 0) {
        const ids = next(2) === 0 ? expected.keys().next().value! : id - 2;
        const removed = expected.get(ids);
        if (removed !== undefined) {
          table.delete(removed);
          expected.delete(ids);
        }
      }
      const asked = 1 + 2 * next(id >> 1);
      assert.equal(table.get(asked), expected.get(asked));
      assert.equal(table.size, expected.size);
    }
    assert.deepEqual(new Set(table.all()), new Set(expected.values()));
  });

  it('gives up a large table once it is empty, and takes a deletion twice', () => {
    const table = new StreamTable<Entry>();
    const entries = Array.from({ length: 3000 }, (_, i) => entry(2 * i + 1));
    for (const one of entries) table.add(one);
    for (const one of entries) table.delete(one);
    table.delete(entries[0]!);
    assert.equal(table.size, 0);
    assert.equal(table.get(1), undefined);
    table.add(entry(7));
    assert.equal(table.get(7)?.id, 7);
  });
});
