import assert from 'node:assert/strict';
import { test } from 'node:test';
import { NamespaceRecord, VisibilityRecord, type VisibilityRecordInit } from '#proto/ostinato/worker/v1';
import { SearchAttributes } from '#proto/temporal/api/common/v1';
import { IndexedValueType, WorkflowExecutionStatus } from '#proto/temporal/api/enums/v1';
import { encodeValue } from './search-attributes/value.ts';
import { executionInfo, rowFromRecord } from './visibility-row.ts';

const namespace = NamespaceRecord.decode(
  NamespaceRecord.encode({
    name: 'shop',
    customSearchAttributeAliases: new Map([
      ['Keyword01', 'CustomerId'],
      ['Int01', 'Items'],
    ]),
  }),
);

function row(init: VisibilityRecordInit) {
  const skipped: string[] = [];
  const record = VisibilityRecord.decode(VisibilityRecord.encode({ runId: 'r', workflowId: 'w', ...init }));
  return { row: rowFromRecord(record, namespace, (name) => skipped.push(name)), skipped };
}

test('times keep their microsecond', () => {
  for (let micros = 1_795_222_637_652_000; micros < 1_795_222_637_652_500; micros++) {
    const { row: stored } = row({ startTime: micros / 1000 });
    assert.equal(stored.startMicros, micros);
    assert.equal(Math.round((executionInfo(stored, namespace).startTime ?? 0) * 1000), micros);
  }
});

test('an execution time of nothing is the start time', () => {
  assert.equal(row({ startTime: 5, executionTime: 0 }).row.executionMicros, 5000);
  assert.equal(row({ startTime: 5 }).row.executionMicros, 5000);
  assert.equal(row({ startTime: 5, executionTime: 9 }).row.executionMicros, 9000);
});

test('what only closed executions have is missing from open ones', () => {
  const { row: open } = row({ status: 1, historyLength: 7, executionDuration: 5 });
  assert.deepEqual(
    [open.closeMicros, open.historyLength, open.executionDurationMicros, open.stateTransitionCount],
    [null, null, null, null],
  );
  const { row: closed } = row({ status: 2, closeTime: 9, historyLength: 7, executionDuration: 5 });
  assert.deepEqual(
    [closed.closeMicros, closed.historyLength, closed.executionDurationMicros, closed.stateTransitionCount],
    [9000, 7, 5000, 0],
  );
});

test('attributes are stored by field; what has no field or a wrong value is skipped and named', () => {
  const searchAttributes = SearchAttributes.encode({
    indexedFields: new Map([
      ['CustomerId', encodeValue('ann', IndexedValueType.KEYWORD)],
      ['Items', encodeValue('many', IndexedValueType.KEYWORD)],
      ['Gone', encodeValue('x', IndexedValueType.KEYWORD)],
      ['WorkflowId', encodeValue('x', IndexedValueType.KEYWORD)],
    ]),
  });
  const { row: stored, skipped } = row({ searchAttributes });
  assert.deepEqual([...stored.attributes], [['Keyword01', 'ann']]);
  assert.deepEqual(skipped, ['Items', 'Gone']);
  const answered = SearchAttributes.decode(executionInfo(stored, namespace).searchAttributes!).indexedFields;
  assert.deepEqual([...answered.keys()], ['CustomerId']);
});

test('memo and search attributes are answered even when there are none', () => {
  const info = executionInfo(row({}).row, namespace);
  assert.equal(info.memo?.length, 0);
  assert.equal(info.searchAttributes?.length, 0);
  assert.equal(info.parentExecution, undefined);
});

test('a paused run has the close time of no run', () => {
  const info = executionInfo(row({ status: WorkflowExecutionStatus.PAUSED }).row, namespace);
  assert.equal(new Date(info.closeTime ?? 0).toISOString(), '0001-01-01T00:00:00.000Z');
});
