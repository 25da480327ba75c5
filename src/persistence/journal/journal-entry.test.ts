// Which commits an entry can hold, and that it gives back what went in.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { bytes, text } from '../contract/contract-backend.ts';
import { branch, mutation, node, shardCommit } from '../contract/sample-mutation.ts';
import { FIRST, LAST, run } from '../contract/store-under-test.ts';
import { type ExecutionMutation, PartKind, TaskCategory } from '../execution-store.ts';
import { contentsOf, decodeEntry, type EntryContent, encodeEntry } from './journal-entry.ts';

const EVERYTHING: ExecutionMutation = {
  namespaceId: 'namespace\u0000',
  workflowId: '\u0000',
  runId: 'naïve ☃ 🎼',
  kind: 'create',
  state: bytes('state'),
  parts: [
    { kind: PartKind.ACTIVITY, key: '5', data: bytes('activity') },
    { kind: PartKind.TIMER, key: '', data: null },
    { kind: PartKind.SIGNAL_REQUESTED, key: 'a\u0000b', data: new Uint8Array(0) },
  ],
  historyNodes: [node('tree', 'a', 1), node('tree\u0000', 'a', 2 ** 40, '')],
  newBranches: [branch('tree', 'a'), branch('tree', 'b', [{ branchId: 'a', beginNodeId: 1, endNodeId: 4 }])],
  deletedBranches: [],
  current: { expectedRunId: 'earlier', row: { runId: 'naïve ☃ 🎼', data: bytes('current') } },
  tasks: [
    { category: TaskCategory.TRANSFER, fireTimeMs: 0, taskId: 2 ** 45 + 1, data: bytes('task') },
    { category: TaskCategory.ARCHIVAL, fireTimeMs: Number.MAX_SAFE_INTEGER, taskId: 0, data: new Uint8Array(0) },
  ],
};
const NOTHING = {
  ...mutation('update', { shardId: 1, namespaceId: '', workflowId: '', runId: '' }, ''),
  current: undefined,
};

/** Bytes of any class as the same one. */
function plain(value: unknown): unknown {
  if (value instanceof Uint8Array) return { bytes: Buffer.from(value).toString('hex') };
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, field]) => [name, plain(field)]));
}

const entryOf = (content: Partial<EntryContent>): EntryContent => ({
  ...{ change: undefined, shardInfo: undefined, taskDeletes: [] },
  ...content,
});
const deletes = [
  { category: TaskCategory.TIMER, from: FIRST, to: LAST },
  { category: TaskCategory.TRANSFER, from: { fireTimeMs: 0, taskId: 3 }, to: { fireTimeMs: 0, taskId: 2 ** 45 } },
];

describe('an entry gives back', () => {
  const contents: Readonly<Record<string, EntryContent>> = {
    'every field': { change: EVERYTHING, shardInfo: bytes('info'), taskDeletes: deletes },
    'a change without anything': entryOf({ change: NOTHING }),
    'an update': entryOf({ change: { ...EVERYTHING, kind: 'update' } }),
    'a change that leaves the current run as it is': entryOf({ change: { ...EVERYTHING, current: undefined } }),
    'the first current run, without data': entryOf({
      change: { ...EVERYTHING, current: { expectedRunId: '', row: { runId: 'r', data: bytes('') } } },
    }),
    'shard info alone': entryOf({ shardInfo: bytes('info') }),
    'acknowledged tasks alone': entryOf({ taskDeletes: deletes }),
  };
  for (const [name, content] of Object.entries(contents)) {
    test(name, () => assert.deepEqual(plain(decodeEntry(encodeEntry(content))), plain(content)));
  }

  test('the bytes that were there when it was encoded', () => {
    const receiveBuffer = Buffer.from('..state..');
    const state = receiveBuffer.subarray(2, 7);
    const entry = encodeEntry(entryOf({ change: { ...NOTHING, state }, shardInfo: state }));
    receiveBuffer.fill(0);
    const { change, shardInfo } = decodeEntry(entry);
    assert.deepEqual([text(change?.state), text(shardInfo)], ['state', 'state']);
  });

  test('no task whose fire time has a fraction: it is refused', () => {
    const tasks = [{ category: TaskCategory.TIMER, fireTimeMs: 1.5, taskId: 1, data: bytes('') }];
    assert.throws(() => encodeEntry(entryOf({ change: { ...EVERYTHING, tasks } })), /whole number of milliseconds/);
  });
});

describe("a commit's entries", () => {
  const update = mutation('update', run(1), 's');
  const others = [mutation('update', run(1, 'run-2'), 's'), EVERYTHING];

  test('hold a change each', () => {
    const contents = contentsOf(shardCommit(1, 1, [update, ...others]));
    assert.deepEqual(
      contents,
      [update, ...others].map((change) => entryOf({ change })),
    );
  });

  test('hold changes that take parts away', () => {
    const change = { ...update, parts: [{ kind: PartKind.TIMER, key: '1', data: null }] };
    assert.deepEqual(contentsOf(shardCommit(1, 1, [change])), [entryOf({ change })]);
  });

  test('are first one of its own for shard info and acknowledged tasks', () => {
    const extras = { shardInfo: bytes('info'), taskDeletes: deletes };
    const contents = contentsOf(shardCommit(1, 1, [update, ...others], extras));
    assert.deepEqual(contents, [entryOf(extras), ...[update, ...others].map((change) => entryOf({ change }))]);
  });

  test('are one without a change if only the shard has something to say, none if it has not', () => {
    assert.deepEqual(contentsOf(shardCommit(1, 1, [], { shardInfo: bytes('info') })), [
      entryOf({ shardInfo: bytes('info') }),
    ]);
    assert.deepEqual(contentsOf(shardCommit(1, 1, [], { taskDeletes: deletes })), [entryOf({ taskDeletes: deletes })]);
    assert.deepEqual(contentsOf(shardCommit(1, 1, [])), []);
  });

  const deleting: Readonly<Record<string, ExecutionMutation>> = {
    'a run': mutation('delete', run(1), ''),
    'a branch': { ...update, deletedBranches: [branch('tree', 'a')] },
    'a current run': { ...update, current: { expectedRunId: 'r', row: null } },
  };
  for (const [what, change] of Object.entries(deleting)) {
    test(`are not for what deletes ${what}`, () => {
      assert.equal(contentsOf(shardCommit(1, 1, [update, change])), undefined);
    });
  }
});
