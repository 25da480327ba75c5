// What every visibility backend must do, run by each backend's test. The memory store is the oracle of the queries: the others must
// find the same rows in the same order.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { VisibilityRecord, type VisibilityRecordInit } from '#proto/ostinato/worker/v1';
import { SearchAttributes } from '#proto/temporal/api/common/v1';
import { IndexedValueType } from '#proto/temporal/api/enums/v1';
import { resolveListFilter } from '../filter/resolve-filter.ts';
import { MemoryVisibilityStore } from '../memory/memory-visibility-store.ts';
import type { NamespaceAliases } from '../search-attributes/alias.ts';
import { encodeValue, type SearchAttributeValue } from '../search-attributes/value.ts';
import { rowFromRecord, type SearchableRow } from '../visibility-row.ts';
import { positionOf, type RowWrite, type VisibilityStore } from '../visibility-store.ts';
import { CONTRACT_QUERIES, RECORDED_QUERIES } from './contract-queries.ts';

const NAMESPACE_ID = 'a1a0b0c0-0000-4000-8000-000000000001';
const OTHER_NAMESPACE_ID = 'a1a0b0c0-0000-4000-8000-000000000002';
const START_MS = Date.UTC(2024, 0, 1);

export const CONTRACT_NAMESPACE: NamespaceAliases = {
  name: 'shop',
  customSearchAttributeAliases: new Map([
    ['Bool01', 'IsVip'],
    ['Datetime01', 'Due'],
    ['Double01', 'Total'],
    ['Int01', 'Items'],
    ['Keyword01', 'CustomerId'],
    ['KeywordList01', 'Tags'],
    ['Text01', 'Note'],
  ]),
};

const { BOOL, DATETIME, DOUBLE, INT, KEYWORD, KEYWORD_LIST, TEXT } = IndexedValueType;

function attributes(values: Record<string, readonly [SearchAttributeValue, IndexedValueType]>) {
  const indexedFields = new Map(
    Object.entries(values).map(([name, [value, type]]) => [name, encodeValue(value, type)]),
  );
  return SearchAttributes.encode({ indexedFields });
}

export function contractRow(index: number, init: VisibilityRecordInit = {}): SearchableRow {
  const record = VisibilityRecord.decode(
    VisibilityRecord.encode({
      namespaceId: NAMESPACE_ID,
      workflowId: `workflow-${index}`,
      runId: `run-${String(index).padStart(3, '0')}`,
      workflowType: 'Order',
      startTime: START_MS + index * 1000,
      executionTime: START_MS + index * 1000,
      status: 1,
      taskQueue: 'orders',
      version: 1,
      rootWorkflowId: `workflow-${index}`,
      rootRunId: `run-${String(index).padStart(3, '0')}`,
      ...init,
    }),
  );
  return rowFromRecord(record, CONTRACT_NAMESPACE, (name) => assert.fail(`skipped ${name}`));
}

/** Rows that differ in everything a filter can ask for. */
export function contractRows(): readonly SearchableRow[] {
  const closed = (index: number, status: number, more: VisibilityRecordInit = {}): VisibilityRecordInit => ({
    status,
    closeTime: START_MS + 3_600_000 + index * 1000,
    executionDuration: 3_600_000 - index,
    historyLength: 10 + index,
    historySizeBytes: 1000 * index,
    stateTransitionCount: index,
    ...more,
  });
  return [
    contractRow(1),
    contractRow(2, { workflowType: 'Refund', taskQueue: "it's quoted" }),
    contractRow(3, closed(3, 2)),
    contractRow(4, closed(4, 3, { parentWorkflowId: 'parent', parentRunId: 'parent-run' })),
    contractRow(5, closed(5, 4, { workflowId: '100%_sure!', rootWorkflowId: 'parent' })),
    contractRow(6, closed(6, 5, { closeTime: START_MS + 3_603_000, startTime: START_MS + 3000 })),
    contractRow(7, {
      searchAttributes: attributes({
        CustomerId: ['ann', KEYWORD],
        IsVip: [true, BOOL],
        Due: [{ micros: (START_MS + 86_400_000) * 1000 + 123, nanos: 123_000, offsetMinutes: 0 }, DATETIME],
        Total: [19.99, DOUBLE],
        Items: [3, INT],
        Tags: [['red', 'big one'], KEYWORD_LIST],
        Note: ['Please ring the Café bell', TEXT],
      }),
    }),
    contractRow(8, {
      searchAttributes: attributes({
        CustomerId: ['bob', KEYWORD],
        IsVip: [false, BOOL],
        Total: [-5, DOUBLE],
        Items: [9223372036854775807n, INT],
        Tags: [['blue'], KEYWORD_LIST],
        Note: ['bell-ringer wanted', TEXT],
        BuildIds: [['unversioned', 'versioned:1.0'], KEYWORD_LIST],
      }),
    }),
    contractRow(9, closed(9, 7, { searchAttributes: attributes({ CustomerId: ['an\u{1f600}', KEYWORD] }) })),
    contractRow(10, closed(10, 6, { searchAttributes: attributes({ CustomerId: ['an\uffee', KEYWORD] }) })),
    contractRow(11, { searchAttributes: attributes({ TemporalNamespaceDivision: ['TemporalScheduler', KEYWORD] }) }),
    contractRow(12, { workflowId: 'temporal-sys-scheduler:nightly' }),
  ];
}

const upserts = (rows: readonly SearchableRow[]): readonly RowWrite[] => rows.map((row) => ({ kind: 'upsert', row }));
const everything = (query = ''): ReturnType<typeof resolveListFilter> => resolveListFilter(query, CONTRACT_NAMESPACE);
const ANY_DIVISION = 'TemporalNamespaceDivision IS NULL OR TemporalNamespaceDivision IS NOT NULL';

/** `open` makes an empty store. */
export function describeVisibilityStore(name: string, open: () => Promise<VisibilityStore>): void {
  describe(`visibility on ${name}`, () => {
    let store: VisibilityStore;
    const ids = async (query: string): Promise<readonly string[]> => {
      const request = { namespaceId: NAMESPACE_ID, predicate: everything(query), limit: 1000, after: undefined };
      return (await store.list(request)).map((row) => row.runId);
    };
    const reset = async (rows: readonly SearchableRow[]): Promise<void> => {
      for (const namespaceId of [NAMESPACE_ID, OTHER_NAMESPACE_ID]) await store.deleteNamespace(namespaceId);
      await store.record(upserts(rows));
    };
    before(async () => {
      store = await open();
      await store.prepareSchema({ upgrade: false });
    });
    after(() => store.close());

    test('rows come back as they were written', async () => {
      const rows = contractRows();
      await reset(rows);
      const request = { namespaceId: NAMESPACE_ID, predicate: everything(ANY_DIVISION), limit: 1000, after: undefined };
      const stored = new Map((await store.list(request)).map((row) => [row.runId, row]));
      assert.equal(stored.size, rows.length);
      for (const { attributes: _searched, ...row } of rows) {
        const found = stored.get(row.runId)!;
        const bytes = (value: Uint8Array | null): string | null =>
          value === null ? null : Buffer.from(value).toString('hex');
        assert.deepEqual(
          { ...found, attributes: undefined, memo: bytes(found.memo), searchAttributes: bytes(found.searchAttributes) },
          { ...row, attributes: undefined, memo: bytes(row.memo), searchAttributes: bytes(row.searchAttributes) },
        );
      }
    });

    test('every filter finds the rows that the oracle finds, in its order', async () => {
      const rows = contractRows();
      await reset(rows);
      const oracle = new MemoryVisibilityStore();
      oracle.record(upserts(rows));
      for (const [query, expected] of [...CONTRACT_QUERIES, ...RECORDED_QUERIES]) {
        const predicate = everything(query);
        const request = { namespaceId: NAMESPACE_ID, predicate, limit: 1000, after: undefined };
        const found = await ids(query);
        assert.deepEqual(
          found,
          oracle.list(request).map((row) => row.runId),
          `order of ${query}`,
        );
        assert.deepEqual(
          found.map((id) => Number(id.slice(4))).sort((a, b) => a - b),
          expected,
          query,
        );
        assert.equal(await store.count(NAMESPACE_ID, predicate), expected.length, `count of ${query}`);
      }
    });

    test('open executions come before closed ones, newest first', async () => {
      await reset(contractRows());
      assert.deepEqual(await ids(''), [
        'run-012',
        'run-008',
        'run-007',
        'run-002',
        'run-001',
        'run-010',
        'run-009',
        'run-005',
        'run-004',
        'run-003',
        'run-006',
      ]);
    });

    test('pages cover every row once, whatever their size', async () => {
      await reset(contractRows());
      const all = await ids('');
      for (const limit of [1, 2, 3, 5, 11]) {
        const paged: string[] = [];
        for (let after = undefined as ReturnType<typeof positionOf> | undefined; ; ) {
          const page = await store.list({ namespaceId: NAMESPACE_ID, predicate: everything(), limit, after });
          assert.ok(page.length <= limit);
          if (page.length === 0) break;
          paged.push(...page.map((row) => row.runId));
          after = positionOf(page.at(-1)!);
        }
        assert.deepEqual(paged, all, `pages of ${limit}`);
      }
    });

    test('counts by status leave out statuses without a row', async () => {
      await reset(contractRows());
      assert.deepEqual(await store.countByStatus(NAMESPACE_ID, everything()), [
        { status: 1, count: 5 },
        { status: 2, count: 1 },
        { status: 3, count: 1 },
        { status: 4, count: 1 },
        { status: 5, count: 1 },
        { status: 6, count: 1 },
        { status: 7, count: 1 },
      ]);
      assert.deepEqual(await store.countByStatus(NAMESPACE_ID, everything("WorkflowId = 'nobody'")), []);
    });

    test('a lower version never replaces a higher one, in a batch or across batches', async () => {
      await reset([]);
      const version = (number: number): RowWrite => ({
        kind: 'upsert',
        row: contractRow(1, { version: number, workflowType: `Type${number}` }),
      });
      const stored = async (): Promise<string | undefined> => {
        const request = { namespaceId: NAMESPACE_ID, predicate: everything(), limit: 10, after: undefined };
        return (await store.list(request)).map((row) => row.workflowType).join();
      };
      await store.record([version(5), version(4)]);
      assert.equal(await stored(), 'Type5');
      await store.record([version(3)]);
      assert.equal(await stored(), 'Type5');
      await store.record([version(7), version(6)]);
      assert.equal(await stored(), 'Type7');
    });

    test('an update removes attributes that the new row lacks', async () => {
      const rich = contractRows()[6]!;
      await reset([rich]);
      assert.deepEqual(await ids("CustomerId = 'ann'"), ['run-007']);
      await store.record(upserts([contractRow(7, { version: 2 })]));
      assert.deepEqual(await ids("CustomerId = 'ann'"), []);
      assert.deepEqual(await ids('CustomerId IS NULL AND Tags IS NULL AND Note IS NULL'), ['run-007']);
    });

    test('a delete removes the row, an older one does not', async () => {
      await reset([contractRow(1, { version: 5 })]);
      const deletion = (version: number): RowWrite => ({
        kind: 'delete',
        namespaceId: NAMESPACE_ID,
        runId: 'run-001',
        version,
      });
      await store.record([deletion(4)]);
      assert.deepEqual(await ids(''), ['run-001']);
      await store.record([deletion(6)]);
      assert.deepEqual(await ids(''), []);
      await store.record([{ kind: 'upsert', row: contractRow(1, { version: 7 }) }, deletion(8)]);
      assert.deepEqual(await ids(''), []);
    });

    test('namespaces do not see each other, and are deleted apart', async () => {
      await reset([contractRow(1), contractRow(2, { namespaceId: OTHER_NAMESPACE_ID })]);
      assert.deepEqual(await ids(''), ['run-001']);
      assert.equal(await store.count(OTHER_NAMESPACE_ID, everything()), 1);
      await store.deleteNamespace(OTHER_NAMESPACE_ID);
      assert.equal(await store.count(OTHER_NAMESPACE_ID, everything()), 0);
      assert.deepEqual(await ids(''), ['run-001']);
    });

    test('a filter of a thousand terms works', async () => {
      await reset(contractRows());
      const terms = Array.from({ length: 1000 }, (_, index) => `WorkflowId = 'workflow-${index + 3}'`);
      assert.deepEqual((await ids(terms.join(' OR '))).length, 7);
      assert.deepEqual(await ids(terms.map((term) => `NOT ${term}`).join(' AND ')), [
        'run-012',
        'run-002',
        'run-001',
        'run-005',
      ]);
    });

    test('ids, words and keywords may hold any character', async () => {
      const odd = 'a"b\\c\'d{e},f\u0000g\u0001h\ni\u{1f600}';
      const row = contractRow(1, {
        workflowId: odd,
        searchAttributes: attributes({
          CustomerId: [odd, KEYWORD],
          Tags: [[odd, 'x'], KEYWORD_LIST],
          Note: [odd, TEXT],
        }),
      });
      await reset([row]);
      const column = { alias: 'CustomerId', field: 'Keyword01', type: KEYWORD };
      const list = { alias: 'Tags', field: 'KeywordList01', type: KEYWORD_LIST };
      for (const predicate of [
        { kind: 'compare', column, operator: '=', value: odd },
        { kind: 'startsWith', column, prefix: odd.slice(0, 12), negated: false },
        { kind: 'listHolds', column: list, values: [odd], negated: false },
      ] as const) {
        const [found] = await store.list({ namespaceId: NAMESPACE_ID, predicate, limit: 1, after: undefined });
        assert.equal(found?.workflowId, odd, predicate.kind);
      }
    });

    test('quotes and other text of filters are only text', async () => {
      await reset(contractRows());
      assert.deepEqual(await ids(`TaskQueue = "it's quoted"`), ['run-002']);
      assert.deepEqual(await ids(`TaskQueue = 'x'' OR 1=1 --'`), []);
      assert.deepEqual(await ids(`Tags = '"red"]'`), []);
    });
  });
}
