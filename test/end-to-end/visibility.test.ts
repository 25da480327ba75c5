// Listing and counting workflows with the list filter: every operator that Temporal documents, built-in and custom search
// attributes, paging, grouping, bad queries. Raw calls. Each scenario looks only at workflows of its own type.

import assert from 'node:assert/strict';
import { after, describe } from 'node:test';
import { duration, enums, payload, searchAttribute } from './harness/api.ts';
import { completeWorkflow, failWorkflow, upsertSearchAttributes } from './harness/commands.ts';
import { openEnvironment } from './harness/environment.ts';
import { expectFailure } from './harness/failures.ts';
import { CONCURRENCY, type Scenario, scenario } from './harness/scenario.ts';
import { waitUntil } from './harness/wait-until.ts';

const env = await openEnvironment();
after(() => env.stop());

/** A workflow type that no other scenario uses. */
const typeOf = (s: Scenario) => `type-${s.id}`;

/** The short names of the workflows that a filter finds, sorted. */
async function find(s: Scenario, filter: string): Promise<string[]> {
  const response = await s.service.listWorkflowExecutions({
    namespace: s.namespace,
    query: `WorkflowType = '${typeOf(s)}' AND (${filter})`,
  });
  return (response.executions ?? []).map((info) => String(info.execution?.workflowId).slice(s.id.length + 1)).sort();
}

async function count(s: Scenario, filter = `WorkflowType = '${typeOf(s)}'`): Promise<number> {
  return Number((await s.service.countWorkflowExecutions({ namespace: s.namespace, query: filter })).count);
}

async function visible(s: Scenario, expected: number, filter?: string): Promise<void> {
  await waitUntil(async () => (await count(s, filter)) === expected, `${expected} visible workflows`);
}

const DAY_1 = '2020-01-01T00:00:00Z';
const DAY_2 = '2020-01-02T12:30:00.5Z';

/** Three workflows: `one` and `two` with all kinds of attributes, `bare` without. */
async function three(s: Scenario): Promise<void> {
  const attributes = (n: number) => ({
    E2eKeyword: searchAttribute('Keyword', n === 1 ? 'alpha' : 'alpine'),
    E2eText: searchAttribute('Text', n === 1 ? 'the quick brown fox' : 'a lazy dog'),
    E2eInt: searchAttribute('Int', n * 10),
    E2eDouble: searchAttribute('Double', n + 0.5),
    E2eBool: searchAttribute('Bool', n === 1),
    E2eDatetime: searchAttribute('Datetime', n === 1 ? DAY_1 : DAY_2),
    E2eKeywordList: searchAttribute('KeywordList', n === 1 ? ['red', 'green'] : ['blue', 'green']),
  });
  for (const [name, n] of [
    ['one', 1],
    ['two', 2],
    ['bare', 0],
  ] as const) {
    await s.start({
      workflowId: `${s.id}-${name}`,
      workflowType: { name: typeOf(s) },
      ...(n > 0 ? { searchAttributes: { indexedFields: attributes(n) } } : {}),
    });
  }
  await visible(s, 3);
}

const OPERATORS: Record<string, readonly (readonly [filter: string, found: string[]])[]> = {
  'equality and inequality of keywords': [
    [`E2eKeyword = 'alpha'`, ['one']],
    [`E2eKeyword = "alpha"`, ['one']],
    // As in SQL, a workflow without the attribute is not different from a value.
    [`E2eKeyword != 'alpha'`, ['two']],
    [`E2eKeyword = 'Alpha'`, []],
    [`\`E2eKeyword\` = 'alpha'`, ['one']],
  ],
  'IN, NOT IN and STARTS_WITH': [
    [`E2eKeyword IN ('alpha', 'other')`, ['one']],
    [`E2eKeyword in ('alpha', 'alpine')`, ['one', 'two']],
    [`E2eKeyword NOT IN ('alpha')`, ['two']],
    [`E2eKeyword STARTS_WITH 'alp'`, ['one', 'two']],
    [`E2eKeyword STARTS_WITH 'alpi'`, ['two']],
    [`E2eKeyword NOT STARTS_WITH 'alpi'`, ['one']],
  ],
  'IS NULL and IS NOT NULL': [
    ['E2eKeyword IS NULL', ['bare']],
    ['E2eKeyword IS NOT NULL', ['one', 'two']],
    ['E2eInt is null', ['bare']],
    ['CloseTime IS NULL', ['bare', 'one', 'two']],
    ['CloseTime IS NOT NULL', []],
  ],
  'comparison of numbers': [
    ['E2eInt = 10', ['one']],
    ['E2eInt != 10', ['two']],
    ['E2eInt > 10', ['two']],
    ['E2eInt >= 10', ['one', 'two']],
    ['E2eInt < 20', ['one']],
    ['E2eInt <= 20', ['one', 'two']],
    ['E2eInt BETWEEN 5 AND 15', ['one']],
    ['E2eInt NOT BETWEEN 5 AND 15', ['two']],
    ['E2eInt IN (10, 30)', ['one']],
    ['E2eDouble > 2', ['two']],
    ['E2eDouble = 1.5', ['one']],
    ['E2eDouble BETWEEN 1 AND 3', ['one', 'two']],
  ],
  'booleans and times': [
    ['E2eBool = true', ['one']],
    ['E2eBool = false', ['two']],
    [`E2eDatetime > '2020-01-01T06:00:00Z'`, ['two']],
    [`E2eDatetime < '2020-01-01T06:00:00Z'`, ['one']],
    [`E2eDatetime BETWEEN '2019-12-31T00:00:00Z' AND '2020-01-01T12:00:00+01:00'`, ['one']],
    [`StartTime > '2021-01-01T00:00:00Z'`, ['bare', 'one', 'two']],
    [`StartTime < '2021-01-01T00:00:00Z'`, []],
    ['StartTime > 1000', ['bare', 'one', 'two']],
  ],
  'keyword lists hold a value': [
    [`E2eKeywordList = 'green'`, ['one', 'two']],
    [`E2eKeywordList = 'red'`, ['one']],
    [`E2eKeywordList IN ('red', 'blue')`, ['one', 'two']],
    [`E2eKeywordList != 'red'`, ['bare', 'two']],
  ],
  'AND, OR, NOT and parentheses': [
    [`E2eKeyword = 'alpha' AND E2eInt = 10`, ['one']],
    [`E2eKeyword = 'alpha' OR E2eInt = 20`, ['one', 'two']],
    [`NOT E2eKeyword = 'alpha' AND E2eInt IS NOT NULL`, ['two']],
    [`(E2eInt = 10 OR E2eInt = 20) AND E2eBool = false`, ['two']],
    [`E2eInt = 10 OR E2eInt = 20 AND E2eBool = true`, ['one']],
  ],
};

describe('the list filter', { concurrency: CONCURRENCY }, () => {
  for (const [name, cases] of Object.entries(OPERATORS)) {
    scenario(env, name, async (s) => {
      await three(s);
      for (const [filter, found] of cases) assert.deepEqual(await find(s, filter), found, filter);
    });
  }

  scenario(env, 'text is matched by word', async (s) => {
    await three(s);
    assert.deepEqual(await find(s, `E2eText = 'quick'`), ['one']);
    assert.deepEqual(await find(s, `E2eText = 'lazy'`), ['two']);
    assert.deepEqual(await find(s, `E2eText = 'absent'`), []);
  });

  scenario(env, 'built-in attributes', async (s) => {
    const run = await s.start({ workflowId: `${s.id}-x`, workflowType: { name: typeOf(s) } });
    await visible(s, 1);
    for (const filter of [
      `WorkflowId = '${s.id}-x'`,
      `WorkflowId STARTS_WITH '${s.id}'`,
      `RunId = '${run.runId}'`,
      `TaskQueue = '${s.taskQueue}'`,
      `ExecutionStatus = 'Running'`,
      'ExecutionStatus = 1',
      `ExecutionStatus IN ('Running', 'Failed')`,
      `ExecutionStatus != 'Completed'`,
      'ParentWorkflowId IS NULL',
      `RootWorkflowId = '${s.id}-x'`,
      'StateTransitionCount IS NULL',
      'HistoryLength IS NULL',
      `TemporalNamespaceDivision IS NULL`,
    ]) {
      assert.deepEqual(await find(s, filter), ['x'], filter);
    }
    await s.next(completeWorkflow());
    await visible(s, 1, `WorkflowType = '${typeOf(s)}' AND ExecutionStatus = 'Completed'`);
    for (const filter of [
      'CloseTime IS NOT NULL',
      'HistoryLength = 5',
      'HistorySizeBytes > 10',
      'StateTransitionCount > 0',
      `ExecutionDuration >= 0`,
      `ExecutionDuration < '1h'`,
      `ExecutionDuration < '01:00:00'`,
      `CloseTime > '2020-01-01T00:00:00Z'`,
    ]) {
      assert.deepEqual(await find(s, filter), ['x'], filter);
    }
  });

  scenario(env, 'each status by name', async (s) => {
    const start = (name: string, more = {}) =>
      s.start({ workflowId: `${s.id}-${name}`, workflowType: { name: typeOf(s) }, ...more });
    await start('completed');
    await s.next(completeWorkflow());
    await start('failed');
    await s.next(failWorkflow({ message: 'x', applicationFailureInfo: {} }));
    await s.terminate(await start('terminated'));
    await start('timedout', { workflowRunTimeout: duration(1_000) });
    await start('running', { taskQueue: { name: `${s.taskQueue}-other` } });
    await visible(s, 1, `WorkflowType = '${typeOf(s)}' AND ExecutionStatus = 'TimedOut'`);
    for (const [status, found] of [
      ['Completed', 'completed'],
      ['Failed', 'failed'],
      ['Terminated', 'terminated'],
      ['TimedOut', 'timedout'],
      ['Running', 'running'],
    ] as const) {
      assert.deepEqual(await find(s, `ExecutionStatus = '${status}'`), [found], status);
    }
    const grouped = await s.service.countWorkflowExecutions({
      namespace: s.namespace,
      query: `WorkflowType = '${typeOf(s)}' GROUP BY ExecutionStatus`,
    });
    assert.equal(Number(grouped.count), 5);
    assert.equal(grouped.groups?.length, 5);
    assert.ok(grouped.groups?.every((group) => Number(group.count) === 1 && group.groupValues?.length === 1));
  });

  scenario(env, 'an upsert changes what is found', async (s) => {
    const run = await s.start({
      workflowId: `${s.id}-x`,
      workflowType: { name: typeOf(s) },
      searchAttributes: { indexedFields: { E2eKeyword: searchAttribute('Keyword', 'before') } },
    });
    await visible(s, 1);
    assert.deepEqual(await find(s, `E2eKeyword = 'before'`), ['x']);
    await s.next(upsertSearchAttributes({ E2eKeyword: searchAttribute('Keyword', 'after') }));
    await visible(s, 1, `WorkflowType = '${typeOf(s)}' AND E2eKeyword = 'after'`);
    assert.deepEqual(await find(s, `E2eKeyword = 'before'`), []);
    await s.terminate(run);
  });

  scenario(env, 'a list entry shows memo, search attributes, times and lengths', async (s) => {
    const run = await s.start({
      workflowId: `${s.id}-x`,
      workflowType: { name: typeOf(s) },
      memo: { fields: { note: payload('m') } },
      searchAttributes: { indexedFields: { E2eInt: searchAttribute('Int', 4) } },
    });
    await s.next(completeWorkflow());
    await visible(s, 1, `WorkflowType = '${typeOf(s)}' AND ExecutionStatus = 'Completed'`);
    const list = await s.service.listWorkflowExecutions({ namespace: s.namespace, query: `WorkflowId = '${s.id}-x'` });
    const info = list.executions?.[0];
    assert.equal(info?.execution?.runId, run.runId);
    assert.equal(info?.type?.name, typeOf(s));
    assert.equal(info?.taskQueue, s.taskQueue);
    assert.equal(info?.status, enums.WorkflowExecutionStatus.WORKFLOW_EXECUTION_STATUS_COMPLETED);
    assert.deepEqual(Object.keys(info?.memo?.fields ?? {}), ['note']);
    const indexed = info?.searchAttributes?.indexedFields?.E2eInt;
    assert.equal(Buffer.from(indexed?.data ?? []).toString(), '4');
    assert.equal(Buffer.from(indexed?.metadata?.type ?? []).toString(), 'Int');
    assert.equal(Number(info?.historyLength), 5);
    assert.ok(info?.startTime && info.executionTime && info.closeTime);
  });

  scenario(env, 'pages come in order, newest first, each workflow once', async (s) => {
    for (let index = 0; index < 7; index += 1) {
      await s.start({ workflowId: `${s.id}-${index}`, workflowType: { name: typeOf(s) } });
    }
    await visible(s, 7);
    const seen: string[] = [];
    let nextPageToken: Uint8Array = new Uint8Array();
    let pages = 0;
    do {
      const page = await s.service.listWorkflowExecutions({
        namespace: s.namespace,
        query: `WorkflowType = '${typeOf(s)}'`,
        pageSize: 3,
        nextPageToken,
      });
      pages += 1;
      assert.ok((page.executions ?? []).length <= 3);
      seen.push(...(page.executions ?? []).map((info) => String(info.execution?.workflowId).slice(-1)));
      nextPageToken = page.nextPageToken ?? new Uint8Array();
    } while (nextPageToken.length > 0);
    assert.deepEqual(seen, ['6', '5', '4', '3', '2', '1', '0']);
    assert.ok(pages >= 3);
  });

  scenario(env, 'an empty filter finds everything, scan does as list', async (s) => {
    await s.start({ workflowType: { name: typeOf(s) } });
    await visible(s, 1);
    const all = await s.service.listWorkflowExecutions({ namespace: s.namespace, query: '', pageSize: 5 });
    assert.ok((all.executions ?? []).length > 0);
    const scanned = await s.service.scanWorkflowExecutions({
      namespace: s.namespace,
      query: `WorkflowType = '${typeOf(s)}'`,
    });
    assert.equal(scanned.executions?.length, 1);
  });

  scenario(env, 'open and closed workflows by the older calls', async (s) => {
    await s.start({ workflowId: `${s.id}-open`, workflowType: { name: typeOf(s) } });
    const closed = await s.start({ workflowId: `${s.id}-closed`, workflowType: { name: typeOf(s) } });
    await s.terminate(closed);
    await visible(s, 1, `WorkflowType = '${typeOf(s)}' AND ExecutionStatus = 'Terminated'`);
    // A timestamp has the fields of a duration.
    const startTimeFilter = { earliestTime: duration(0), latestTime: duration(4e12) };
    const open = await s.service.listOpenWorkflowExecutions({
      namespace: s.namespace,
      startTimeFilter,
      typeFilter: { name: typeOf(s) },
    });
    assert.deepEqual(
      open.executions?.map((info) => info.execution?.workflowId),
      [`${s.id}-open`],
    );
    const byId = await s.service.listClosedWorkflowExecutions({
      namespace: s.namespace,
      startTimeFilter,
      executionFilter: { workflowId: `${s.id}-closed` },
    });
    assert.equal(byId.executions?.length, 1);
    const byStatus = await s.service.listClosedWorkflowExecutions({
      namespace: s.namespace,
      startTimeFilter,
      statusFilter: { status: enums.WorkflowExecutionStatus.WORKFLOW_EXECUTION_STATUS_TERMINATED },
      maximumPageSize: 100,
    });
    assert.ok(byStatus.executions?.some((info) => info.execution?.workflowId === `${s.id}-closed`));
  });
});

const BAD_FILTERS: readonly (readonly [filter: string, message: string | RegExp])[] = [
  ['Nonsense = 1', "invalid query: invalid expression: column name 'Nonsense' is not a valid search attribute"],
  ['WorkflowId = ', /^invalid query: malformed SQL query: /],
  ['WorkflowId', 'invalid query: invalid expression: incomplete expression'],
  ["StartTime > 'yesterday'", "invalid query: invalid expression: unable to parse datetime 'yesterday'"],
  ["ExecutionStatus = 'Sleeping'", "invalid query: invalid expression: invalid ExecutionStatus value 'Sleeping'"],
  ["WorkflowId LIKE 'a%'", "invalid query: invalid expression: invalid operator 'like' in `WorkflowId like 'a%'`"],
  [
    'E2eInt = 1 GROUP BY WorkflowId',
    "invalid query: operation is not supported: 'GROUP BY' clause is only supported for ExecutionStatus",
  ],
  ["WorkflowId = 'a' LIMIT 3", "invalid query: operation is not supported: 'LIMIT' clause"],
  ["WorkflowId = 'a' ORDER BY StartTime", "invalid query: operation is not supported: 'ORDER BY' clause"],
  ["WorkflowId = 'a'; DROP TABLE executions", /^invalid query: malformed SQL query: /],
  [
    "E2eText STARTS_WITH 'a'",
    "invalid query: invalid expression: operator 'starts_with' not supported for Text type search attribute in `E2eText starts_with 'a'`",
  ],
  [
    'E2eKeyword = E2eText',
    "invalid query: operation is not supported: column name on the right side of comparison expression (did you forget to quote 'E2eText'?)",
  ],
  [
    "E2eKeywordList > 'a'",
    "invalid query: invalid expression: operator '>' not supported for KeywordList type search attribute in `E2eKeywordList > 'a'`",
  ],
  [
    "ExecutionDuration > 'long'",
    'invalid query: invalid value for search attribute ExecutionDuration: long (invalid duration)',
  ],
];

describe('filters that are refused', { concurrency: CONCURRENCY }, () => {
  for (const [filter, message] of BAD_FILTERS) {
    scenario(env, filter, async (s) => {
      await expectFailure(s.service.listWorkflowExecutions({ namespace: s.namespace, query: filter }), {
        code: 'INVALID_ARGUMENT',
        message,
      });
    });
  }

  scenario(env, 'unknown search attributes, and values of a wrong type, in a start', async (s) => {
    await expectFailure(
      s.start({ searchAttributes: { indexedFields: { Nonsense: searchAttribute('Keyword', 'x') } } }),
      {
        code: 'INVALID_ARGUMENT',
        message: /Nonsense/,
      },
    );
    await expectFailure(s.start({ searchAttributes: { indexedFields: { E2eInt: searchAttribute('Keyword', 'x') } } }), {
      code: 'INVALID_ARGUMENT',
      message: /E2eInt/,
    });
    await expectFailure(s.start({ searchAttributes: { indexedFields: { RunId: searchAttribute('Keyword', 'x') } } }), {
      code: 'INVALID_ARGUMENT',
      message: /RunId/,
    });
  });
});
