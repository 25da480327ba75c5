import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Link, Memo, Payload, SearchAttributes } from '#proto/temporal/api/common/v1';
import { CommandType } from '#proto/temporal/api/enums/v1';
import { MemoryStoreFactory } from '../../persistence/memory/factory.ts';
import { historyFixture } from '../testing/history-fixture.ts';

const json = (data: string) =>
  Payload.encode({ metadata: new Map([['encoding', Buffer.from('json/plain')]]), data: Buffer.from(data) });
const nothing = () => Payload.encode({ metadata: new Map([['encoding', Buffer.from('binary/null')]]) });
const memo = () =>
  Memo.encode({
    fields: new Map([
      ['kept', json('1')],
      ['gone', nothing()],
    ]),
  });
const searchAttributes = () =>
  SearchAttributes.encode({
    indexedFields: new Map([
      ['BatcherUser', json('"me"')],
      ['TemporalChangeVersion', json('[]')],
    ]),
  });

const fieldsOf = (bytes: Uint8Array | undefined) => Memo.decode(bytes ?? Buffer.alloc(0)).fields;
const attributesOf = (bytes: Uint8Array | undefined) => SearchAttributes.decode(bytes ?? Buffer.alloc(0)).indexedFields;

test('a start leaves null fields out and says of what type each search attribute is', async () => {
  const fixture = await historyFixture(await new MemoryStoreFactory().openExecutionStore(0));
  await fixture.start({ workflowId: 'w', memo: memo(), searchAttributes: searchAttributes() });
  const [started] = await fixture.events('w');
  const attributes = started?.workflowExecutionStartedEventAttributes;
  assert.deepEqual([...fieldsOf(attributes?.memo).keys()], ['kept']);
  const typed = attributesOf(attributes?.searchAttributes);
  assert.deepEqual([...typed.keys()], ['BatcherUser']);
  const { metadata } = Payload.decode(typed.get('BatcherUser') ?? Buffer.alloc(0));
  assert.equal(Buffer.from(metadata.get('type') ?? []).toString(), 'Keyword');
  await fixture.stop();
});

test('continue-as-new and a child leave null fields out too', async () => {
  const fixture = await historyFixture(await new MemoryStoreFactory().openExecutionStore(0));
  await fixture.start({ workflowId: 'w' });
  const task = await fixture.pollWorkflowTask();
  const shared = { workflowType: { name: 'next' }, taskQueue: { name: 'test-queue' }, memo: memo() };
  await fixture.complete({
    taskToken: task.taskToken,
    commands: [
      {
        commandType: CommandType.START_CHILD_WORKFLOW_EXECUTION,
        startChildWorkflowExecutionCommandAttributes: { ...shared, workflowId: 'child' },
      },
      {
        commandType: CommandType.CONTINUE_AS_NEW_WORKFLOW_EXECUTION,
        continueAsNewWorkflowExecutionCommandAttributes: shared,
      },
    ],
  });
  const [next] = await fixture.events('w');
  const runId = next?.workflowExecutionStartedEventAttributes?.continuedExecutionRunId ?? '';
  assert.deepEqual([...fieldsOf(next?.workflowExecutionStartedEventAttributes?.memo).keys()], ['kept']);
  const events = await fixture.events('w', runId);
  const initiated = events.find((event) => event.startChildWorkflowExecutionInitiatedEventAttributes !== undefined);
  assert.deepEqual(
    [...fieldsOf(initiated?.startChildWorkflowExecutionInitiatedEventAttributes?.memo).keys()],
    ['kept'],
  );
  const closed = events.find((event) => event.workflowExecutionContinuedAsNewEventAttributes !== undefined);
  assert.deepEqual([...fieldsOf(closed?.workflowExecutionContinuedAsNewEventAttributes?.memo).keys()], ['kept']);
  await fixture.stop();
});

test('the links of a start are those of the runs that follow, too', async () => {
  const fixture = await historyFixture(await new MemoryStoreFactory().openExecutionStore(0));
  const link = Link.encode({ workflowEvent: { namespace: 'n', workflowId: 'linked', runId: 'r' } });
  await fixture.start({ workflowId: 'w', links: [link] });
  await fixture.complete({
    taskToken: (await fixture.pollWorkflowTask()).taskToken,
    commands: [
      {
        commandType: CommandType.CONTINUE_AS_NEW_WORKFLOW_EXECUTION,
        continueAsNewWorkflowExecutionCommandAttributes: {},
      },
    ],
  });
  const [next] = await fixture.events('w');
  assert.equal(next?.workflowExecutionStartedEventAttributes?.attempt, 1);
  assert.notEqual(next?.workflowExecutionStartedEventAttributes?.continuedExecutionRunId, '');
  assert.deepEqual(
    next?.links.map((bytes) => Link.decode(bytes).workflowEvent?.workflowId),
    ['linked'],
  );
  await fixture.stop();
});
