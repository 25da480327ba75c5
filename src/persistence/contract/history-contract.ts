// The contract of history branches as tests, run by every backend: paging over ancestors in both directions, and who keeps which
// nodes when branches are deleted.

import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import type { BranchRow, ExecutionStore, HistoryNode, ReadHistory } from '../execution-store.ts';
import { bytes, type ContractBackend, text } from './contract-backend.ts';
import { branch, mutation, node, shardCommit } from './sample-mutation.ts';
import { openStoreFor } from './store-under-test.ts';

const END = Number.MAX_SAFE_INTEGER;

export function describeHistory(backend: ContractBackend): void {
  describe(`history branches on ${backend.name}`, () => {
    let store: ExecutionStore;
    const { newShard } = openStoreFor(backend, (opened) => {
      store = opened;
    });
    let shardId: number;
    let rangeId: number;
    before(async () => {
      ({ shardId, rangeId } = await newShard());
    });

    let runs = 0;
    async function write(changes: {
      nodes?: HistoryNode[];
      newBranches?: BranchRow[];
      deletedBranches?: BranchRow[];
    }): Promise<void> {
      runs += 1;
      const key = { shardId, namespaceId: 'n', workflowId: 'w', runId: `run-${runs}` };
      const change = mutation('create', key, '', {
        historyNodes: changes.nodes ?? [],
        newBranches: changes.newBranches ?? [],
        deletedBranches: changes.deletedBranches ?? [],
      });
      await store.commit([shardCommit(shardId, rangeId, [change])]);
    }

    const readRequest = (treeId: string, segments: ReadHistory['segments']): ReadHistory => ({
      shardId,
      treeId,
      segments,
      minNodeId: 1,
      endNodeId: END,
      limit: 100,
      reverse: false,
    });
    const whole = (branchId: string) => ({ branchId, minNodeId: 1, endNodeId: END });
    const read = async (request: ReadHistory) => {
      const page = await store.readHistory(request);
      return { nodes: page.nodes.map((found) => text(found.data)), hasMore: page.hasMore };
    };
    const nodesOf = async (treeId: string, branchId: string) =>
      (await read(readRequest(treeId, [whole(branchId)]))).nodes;

    test('a branch that does not exist is empty', async () => {
      assert.deepEqual(await read(readRequest('absent', [whole('absent')])), { nodes: [], hasMore: false });
      assert.deepEqual(await read(readRequest('absent', [])), { nodes: [], hasMore: false });
      assert.deepEqual(await store.listBranches(shardId, 'absent'), []);
    });

    test('nodes come in order, with their ids, forward and in reverse', async () => {
      const ids = [1, 4, 9, 2 ** 40];
      await write({ nodes: [...ids].reverse().map((id) => node('order', 'a', id)) });
      const page = await store.readHistory(readRequest('order', [whole('a')]));
      assert.deepEqual(
        page.nodes.map((found) => found.nodeId),
        ids,
      );
      assert.ok(page.nodes.every((found) => found.treeId === 'order' && found.branchId === 'a'));
      const reverse = await store.readHistory({ ...readRequest('order', [whole('a')]), reverse: true });
      assert.deepEqual(
        reverse.nodes.map((found) => found.nodeId),
        [...ids].reverse(),
      );
    });

    test('a node written again replaces the old one', async () => {
      await write({ nodes: [node('again', 'a', 1, 'old')] });
      await write({ nodes: [node('again', 'a', 1, 'new')] });
      assert.deepEqual(await nodesOf('again', 'a'), ['new']);
      await write({ nodes: [node('again', 'a', 1, 'newer'), node('again', 'a', 1, 'newest')] });
      assert.deepEqual(await nodesOf('again', 'a'), ['newest']);
    });

    test('a branch written again has what was written last', async () => {
      const written = (data: string) => ({ ...branch('branch again', 'a'), data: bytes(data) });
      await write({ newBranches: [written('old')] });
      await write({ newBranches: [written('new')] });
      const found = await store.listBranches(shardId, 'branch again');
      assert.deepEqual(
        found.map((row) => text(row.data)),
        ['new'],
      );
    });

    test('branches and trees do not mix', async () => {
      await write({ nodes: [node('mix-1', 'a', 1), node('mix-1', 'b', 1), node('mix-2', 'a', 1, 'other tree')] });
      assert.deepEqual(await nodesOf('mix-1', 'a'), ['a:1']);
      assert.deepEqual(await nodesOf('mix-1', 'b'), ['b:1']);
      assert.deepEqual(await nodesOf('mix-2', 'a'), ['other tree']);
    });

    test('the range includes its first and excludes its last node', async () => {
      await write({ nodes: [1, 2, 3, 4, 5].map((id) => node('range', 'a', id)) });
      const page = await read({ ...readRequest('range', [whole('a')]), minNodeId: 2, endNodeId: 4 });
      assert.deepEqual(page, { nodes: ['a:2', 'a:3'], hasMore: false });
    });

    test('the limit cuts a page and tells that there is more, in both directions', async () => {
      await write({ nodes: [1, 2, 3, 4].map((id) => node('limit', 'a', id)) });
      const request = readRequest('limit', [whole('a')]);
      assert.deepEqual(await read({ ...request, limit: 3 }), { nodes: ['a:1', 'a:2', 'a:3'], hasMore: true });
      assert.deepEqual(await read({ ...request, limit: 4 }), { nodes: ['a:1', 'a:2', 'a:3', 'a:4'], hasMore: false });
      assert.deepEqual(await read({ ...request, limit: 3, reverse: true }), {
        nodes: ['a:4', 'a:3', 'a:2'],
        hasMore: true,
      });
      assert.deepEqual(await read({ ...request, limit: 2, minNodeId: 3 }), { nodes: ['a:3', 'a:4'], hasMore: false });
    });

    test('ancestors are read up to their fork points, forward and in reverse, across pages', async () => {
      await write({
        nodes: [
          ...[1, 2, 3, 4, 5].map((id) => node('fork', 'a', id)),
          ...[3, 5, 7, 9].map((id) => node('fork', 'b', id)),
          ...[7, 8].map((id) => node('fork', 'c', id)),
        ],
      });
      const segments = [
        { branchId: 'a', minNodeId: 1, endNodeId: 3 },
        { branchId: 'b', minNodeId: 3, endNodeId: 7 },
        { branchId: 'c', minNodeId: 7, endNodeId: END },
      ];
      const expected = ['a:1', 'a:2', 'b:3', 'b:5', 'c:7', 'c:8'];
      const request = readRequest('fork', segments);
      assert.deepEqual(await read(request), { nodes: expected, hasMore: false });
      assert.deepEqual(await read({ ...request, reverse: true }), { nodes: expected.toReversed(), hasMore: false });
      assert.deepEqual(await read({ ...request, limit: 3 }), { nodes: expected.slice(0, 3), hasMore: true });
      assert.deepEqual(await read({ ...request, limit: 2 }), { nodes: expected.slice(0, 2), hasMore: true });
      assert.deepEqual(await read({ ...request, limit: 6 }), { nodes: expected, hasMore: false });
      assert.deepEqual(await read({ ...request, limit: 4, reverse: true }), {
        nodes: expected.toReversed().slice(0, 4),
        hasMore: true,
      });
      assert.deepEqual(await read({ ...request, minNodeId: 4, endNodeId: 8, limit: 1 }), {
        nodes: ['b:5'],
        hasMore: true,
      });
    });

    test('a long history is paged from where the last page ended', async () => {
      await write({ nodes: Array.from({ length: 1000 }, (_, index) => node('long', 'a', index + 1)) });
      let next = 1;
      let pages = 0;
      for (let hasMore = true; hasMore; pages++) {
        const page = await store.readHistory({ ...readRequest('long', [whole('a')]), minNodeId: next, limit: 300 });
        for (const found of page.nodes) assert.equal(found.nodeId, next++);
        ({ hasMore } = page);
      }
      assert.equal(next, 1001);
      assert.equal(pages, 4);
    });

    test('registered branches are listed with their data', async () => {
      const rows = [branch('listed', 'a'), branch('listed', 'b', [{ branchId: 'a', beginNodeId: 1, endNodeId: 3 }])];
      await write({ newBranches: rows });
      const listed = [...(await store.listBranches(shardId, 'listed'))].sort((x, y) =>
        x.branchId < y.branchId ? -1 : 1,
      );
      assert.deepEqual(
        listed.map((row) => [row.treeId, row.branchId, text(row.data)]),
        rows.map((row) => [row.treeId, row.branchId, text(row.data)]),
      );
    });

    test('a deleted branch takes its nodes with it', async () => {
      await write({ newBranches: [branch('gone', 'a')], nodes: [node('gone', 'a', 1), node('gone', 'a', 5)] });
      await write({ deletedBranches: [branch('gone', 'a')] });
      assert.deepEqual(await nodesOf('gone', 'a'), []);
      assert.deepEqual(await store.listBranches(shardId, 'gone'), []);
    });

    const forkOfA = (treeId: string, branchId: string, endNodeId: number) =>
      branch(treeId, branchId, [{ branchId: 'a', beginNodeId: 1, endNodeId }]);

    test('nodes that another branch reads stay until that branch is deleted', async () => {
      const tree = 'shared';
      await write({
        newBranches: [branch(tree, 'a'), forkOfA(tree, 'b', 3), forkOfA(tree, 'c', 5)],
        nodes: [...[1, 2, 3, 4, 5, 6].map((id) => node(tree, 'a', id)), node(tree, 'b', 3), node(tree, 'c', 5)],
      });
      await write({ deletedBranches: [branch(tree, 'a')] });
      assert.deepEqual(await nodesOf(tree, 'a'), ['a:1', 'a:2', 'a:3', 'a:4']);
      await write({ deletedBranches: [forkOfA(tree, 'c', 5)] });
      assert.deepEqual(await nodesOf(tree, 'c'), []);
      assert.deepEqual(await nodesOf(tree, 'a'), ['a:1', 'a:2']);
      assert.deepEqual(await nodesOf(tree, 'b'), ['b:3']);
      await write({ deletedBranches: [forkOfA(tree, 'b', 3)] });
      assert.deepEqual(await nodesOf(tree, 'a'), []);
      assert.deepEqual(await nodesOf(tree, 'b'), []);
    });

    test('deleting a fork leaves its registered ancestor whole', async () => {
      const tree = 'ancestor';
      await write({
        newBranches: [branch(tree, 'a'), forkOfA(tree, 'b', 2)],
        nodes: [node(tree, 'a', 1), node(tree, 'a', 2), node(tree, 'b', 2)],
      });
      await write({ deletedBranches: [forkOfA(tree, 'b', 2)] });
      assert.deepEqual(await nodesOf(tree, 'a'), ['a:1', 'a:2']);
      assert.deepEqual(await nodesOf(tree, 'b'), []);
    });

    test('all branches of a tree deleted in one commit leave nothing', async () => {
      const tree = 'together';
      const rows = [branch(tree, 'a'), forkOfA(tree, 'b', 2)];
      await write({ newBranches: rows, nodes: [node(tree, 'a', 1), node(tree, 'a', 2), node(tree, 'b', 2)] });
      await write({ deletedBranches: rows });
      assert.deepEqual([...(await nodesOf(tree, 'a')), ...(await nodesOf(tree, 'b'))], []);
    });

    test('a fork registered in the commit that deletes its ancestor keeps the nodes it reads', async () => {
      const tree = 'same-commit';
      await write({ newBranches: [branch(tree, 'a')], nodes: [node(tree, 'a', 1), node(tree, 'a', 2)] });
      await write({
        newBranches: [forkOfA(tree, 'b', 2)],
        nodes: [node(tree, 'b', 2)],
        deletedBranches: [branch(tree, 'a')],
      });
      assert.deepEqual(await nodesOf(tree, 'a'), ['a:1']);
      assert.deepEqual(await nodesOf(tree, 'b'), ['b:2']);
    });

    test('deleting a branch that is not registered removes its nodes and is no error', async () => {
      await write({ nodes: [node('unregistered', 'a', 1)] });
      await write({ deletedBranches: [branch('unregistered', 'a')] });
      assert.deepEqual(await nodesOf('unregistered', 'a'), []);
    });
  });
}
