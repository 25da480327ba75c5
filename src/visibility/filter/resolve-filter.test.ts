import assert from 'node:assert/strict';
import { test } from 'node:test';
import { IndexedValueType } from '#proto/temporal/api/enums/v1';
import { GrpcCode, ServiceError } from '../../base/service-error.ts';
import { CONTRACT_NAMESPACE } from '../testing/store-contract.ts';
import { COUNT_ANSWERS, LIST_ANSWERS } from '../testing/temporal-answers.ts';
import { ACTIVITIES } from './execution-kind.ts';
import { resolveCountFilter, resolveListFilter } from './resolve-filter.ts';

function answer(run: () => unknown): string {
  try {
    run();
    return 'OK';
  } catch (error) {
    assert.ok(error instanceof ServiceError, String(error));
    assert.equal(error.code, GrpcCode.INVALID_ARGUMENT);
    return error.message;
  }
}

test("list filters get the answer of Temporal's own converter", () => {
  for (const [query, expected] of LIST_ANSWERS) {
    assert.equal(
      answer(() => resolveListFilter(query, CONTRACT_NAMESPACE)),
      expected,
      query,
    );
  }
});

test("count filters get the answer of Temporal's own converter", () => {
  for (const [query, expected] of COUNT_ANSWERS) {
    assert.equal(
      answer(() => resolveCountFilter(query, CONTRACT_NAMESPACE)),
      expected,
      query,
    );
  }
});

test('only a filter with GROUP BY counts by status', () => {
  assert.equal(resolveCountFilter('', CONTRACT_NAMESPACE).groupByStatus, false);
  assert.equal(resolveCountFilter('GROUP BY ExecutionStatus', CONTRACT_NAMESPACE).groupByStatus, true);
});

test('activities have names of their own for columns, and are looked for in their division', () => {
  const division = {
    kind: 'compare',
    column: columnOf('TemporalNamespaceDivision'),
    operator: '=',
    value: '3332429922',
  };
  assert.deepEqual(resolveListFilter('', CONTRACT_NAMESPACE, ACTIVITIES), division);
  assert.deepEqual(resolveListFilter("ActivityId = 'a' AND ActivityType = 't'", CONTRACT_NAMESPACE, ACTIVITIES), {
    kind: 'and',
    operands: [
      {
        kind: 'and',
        operands: [
          { kind: 'compare', column: columnOf('WorkflowId', 'ActivityId'), operator: '=', value: 'a' },
          { kind: 'compare', column: columnOf('WorkflowType', 'ActivityType'), operator: '=', value: 't' },
        ],
      },
      division,
    ],
  });
  assert.match(
    answer(() => resolveListFilter("ActivityId = 'a'", CONTRACT_NAMESPACE)),
    /column name 'ActivityId' is not a valid search attribute$/,
  );
});

function columnOf(field: string, alias = field) {
  return { alias, field, type: IndexedValueType.KEYWORD };
}

test('nesting ends at the depth where Temporal ends it, and no filter is too deep for the stack', () => {
  const nested = (depth: number): string => `${'('.repeat(depth)}WorkflowId = 'a'${')'.repeat(depth)}`;
  assert.equal(
    answer(() => resolveListFilter(nested(199), CONTRACT_NAMESPACE)),
    'OK',
  );
  assert.equal(
    answer(() => resolveListFilter(nested(200), CONTRACT_NAMESPACE)),
    'invalid query: malformed SQL query: max nesting level reached at position 228',
  );
  for (const query of [
    `${'NOT '.repeat(100_000)}WorkflowId = 'a'`,
    Array(20_000).fill("WorkflowId = 'a'").join(' OR '),
    `WorkflowId = ${'1 + '.repeat(50_000)}1`,
    `WorkflowId = ${'- '.repeat(100_000)}1`,
    `WorkflowId = 'a'${' IS NULL'.repeat(50_000)}`,
    `WorkflowId IN (${Array(50_000).fill("'a'").join(', ')})`,
  ]) {
    assert.match(
      answer(() => resolveListFilter(query, CONTRACT_NAMESPACE)),
      /^(OK|invalid query: .*)$/s,
    );
  }
});
