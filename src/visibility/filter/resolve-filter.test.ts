import assert from 'node:assert/strict';
import { test } from 'node:test';
import { GrpcCode, ServiceError } from '../../base/service-error.ts';
import { CONTRACT_NAMESPACE } from '../testing/store-contract.ts';
import { COUNT_ANSWERS, LIST_ANSWERS } from '../testing/temporal-answers.ts';
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
