// What lists know of activities without a workflow.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { RecordVisibilityRequest } from '#proto/ostinato/worker/v1';
import { Payload, SearchAttributes } from '#proto/temporal/api/common/v1';
import { WorkflowExecutionStatus } from '#proto/temporal/api/enums/v1';
import { Scenario, SECOND_MS } from './testing/scenario.ts';

describe('lists', () => {
  test('get a row in the division of activities, with the status and what the client set', async () => {
    const s = await Scenario.open();
    const searchAttributes = SearchAttributes.encode({
      indexedFields: new Map([['Customer', Payload.encode({ data: Buffer.from('"x"') })]]),
    });
    await s.start({ searchAttributes });
    await s.terminate();
    await s.advance(SECOND_MS);
    const rows = s.fixture.visibility.flatMap((request) => RecordVisibilityRequest.decode(request).records);
    const row = rows.at(-1);
    assert.equal(row?.workflowId, 'a');
    assert.equal(row?.workflowType, 'type');
    assert.equal(row?.status, WorkflowExecutionStatus.TERMINATED);
    assert.equal(row?.stateTransitionCount, 2);
    const { indexedFields } = SearchAttributes.decode(row?.searchAttributes as Uint8Array);
    assert.deepEqual([...indexedFields.keys()], ['Customer', 'TemporalNamespaceDivision']);
    assert.equal(rows.filter((other) => other?.status === WorkflowExecutionStatus.RUNNING).length, 1);
  });
});
