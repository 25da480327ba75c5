import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as commands from '#proto/temporal/api/command/v1';
import { Memo, Payload, Payloads, SearchAttributes } from '#proto/temporal/api/common/v1';
import {
  CommandType,
  ContinueAsNewInitiator,
  ParentClosePolicy,
  WorkflowIdReusePolicy,
} from '#proto/temporal/api/enums/v1';
import { Failure } from '#proto/temporal/api/failure/v1';
import { Message } from '#proto/temporal/api/protocol/v1';
import { invalidArgument } from '../../../proto/service-errors.ts';
import { attributesOf, type ContextChanges, commandContext, namespaceRecord, refusal, TOO_LONG } from './fixture.ts';
import * as validate from './index.ts';

const text = (value: string) => Payload.encode({ data: Buffer.from(value) });
const payloads = (bytes: number) => Payloads.encode({ payloads: [text('x'.repeat(bytes))] });
const OVERSIZED = payloads(200);
const UUID = '123e4567-e89b-12d3-a456-426614174000';

describe('ScheduleActivityTask', () => {
  type Init = commands.ScheduleActivityTaskCommandAttributesInit;
  const good: Init = {
    activityId: '1',
    activityType: { name: 'Greet' },
    taskQueue: { name: 'tq' },
    startToCloseTimeout: 5000,
  };
  const run = (change: Init = {}, context: ContextChanges = {}) =>
    validate.validateScheduleActivityTask(
      attributesOf(commands.ScheduleActivityTaskCommandAttributes, { ...good, ...change }),
      commandContext(context),
    ).attributes;
  const timeouts = (change: Init, runTimeoutMs?: number) => {
    const a = run({ startToCloseTimeout: undefined, ...change }, { workflow: { runTimeoutMs } });
    return [a.scheduleToCloseTimeout, a.scheduleToStartTimeout, a.startToCloseTimeout, a.heartbeatTimeout];
  };

  it('fills timeouts from each other and caps them by the run timeout', () => {
    assert.deepEqual(timeouts({ startToCloseTimeout: 5000 }), [0, 0, 5000, 0]);
    assert.deepEqual(timeouts({ startToCloseTimeout: 5000 }, 60_000), [60_000, 60_000, 5000, 0]);
    assert.deepEqual(timeouts({ scheduleToCloseTimeout: 7000 }), [7000, 7000, 7000, 0]);
    assert.deepEqual(
      timeouts({ scheduleToCloseTimeout: 7000, scheduleToStartTimeout: 9000, startToCloseTimeout: 1000 }),
      [7000, 7000, 1000, 0],
    );
    assert.deepEqual(
      timeouts({ scheduleToCloseTimeout: 7000, startToCloseTimeout: 6000, heartbeatTimeout: 9000 }, 5000),
      [5000, 5000, 5000, 5000],
    );
    assert.deepEqual(timeouts({ startToCloseTimeout: 1000, heartbeatTimeout: 9000 })[3], 1000);
    assert.deepEqual(timeouts({ startToCloseTimeout: 1000, scheduleToStartTimeout: 3000 }, 2000)[1], 2000);
  });

  it('gives every activity a retry policy and its queue a kind', () => {
    const { retryPolicy, taskQueue } = run();
    assert.deepEqual(retryPolicy, {
      initialInterval: 1000,
      backoffCoefficient: 2,
      maximumInterval: 100_000,
      maximumAttempts: 0,
      nonRetryableErrorTypes: [],
    });
    assert.equal(taskQueue?.kind, 1);
  });

  it('reads the fairness key that an activity id may carry', () => {
    const activityId = 'x-temporal-internal-fairness-key[k:2.5]7';
    assert.deepEqual(run({ activityId }, { limits: { maxIdLengthBytes: 100 } }).priority, {
      priorityKey: 0,
      fairnessKey: 'k',
      fairnessWeight: 2.5,
    });
  });

  const name = 'BadScheduleActivityAttributes: ';
  const cases: [string, Init, ContextChanges?][] = [
    [`${name}taskQueue is not set`, { taskQueue: undefined }],
    [`${name}missing task queue name`, { taskQueue: {} }],
    [`${name}taskQueue length exceeds limit`, { taskQueue: { name: TOO_LONG } }],
    [`${name}task queue name cannot start with reserved prefix /_sys/`, { taskQueue: { name: '/_sys/a/1' } }],
    [
      `${name}cannot use internal per-namespace task queue:temporal-sys-per-ns-tq (in parent component task queue: parent-tq)`,
      { taskQueue: { name: 'temporal-sys-per-ns-tq' } },
      { limits: { maxIdLengthBytes: 100 } },
    ],
    [`${name}activityId is not set`, { activityId: '' }],
    [`${name}activityType is not set`, { activityType: undefined }],
    [`${name}activityId exceeds length limit. Length=21 Limit=20`, { activityId: TOO_LONG }],
    [`${name}activityId exceeds length limit. Length=22 Limit=20`, { activityId: 'é'.repeat(11) }],
    [`${name}activityType exceeds length limit. Length=21 Limit=20`, { activityType: { name: TOO_LONG } }],
    [`${name}BackoffCoefficient cannot be less than 1 on retry policy.`, { retryPolicy: { backoffCoefficient: 0.5 } }],
    [`${name}invalid ScheduleToCloseTimeout: negative duration`, { scheduleToCloseTimeout: -1 }],
    [`${name}invalid ScheduleToStartTimeout: negative duration`, { scheduleToStartTimeout: -1 }],
    [`${name}invalid StartToCloseTimeout: negative duration`, { startToCloseTimeout: -1 }],
    [`${name}invalid HeartbeatTimeout: negative duration`, { heartbeatTimeout: -1 }],
    [
      `${name}a valid StartToClose or ScheduleToCloseTimeout is not set on ScheduleActivityTaskCommand. ActivityId=1 ActivityType=Greet`,
      { startToCloseTimeout: undefined },
    ],
    [`${name}invalid priorities: priority key can't be negative`, { priority: { priorityKey: -1 } }],
    [`${name}Activity with UseCompatibleVersion cannot run on different task queue.`, { useWorkflowBuildId: true }],
    [`terminates: ${name}ScheduleActivityTaskCommandAttributes.Input exceeds size limit.`, { input: OVERSIZED }],
    [
      'PendingActivitiesLimitExceeded: the number of pending activities, 2, has reached the per-workflow limit of 2',
      {},
      { workflow: { pendingActivityCount: 2 } },
    ],
  ];
  for (const [message, change, context] of cases) {
    it(`refuses: ${message}`, () =>
      assert.equal(
        refusal(() => run(change, context)),
        message,
      ));
  }
});

describe('timers, markers and cancellations', () => {
  const context = commandContext();
  const cases: [string, () => unknown][] = [
    [
      'BadStartTimerAttributes: StartTimerCommandAttributes is not set on StartTimerCommand.',
      () => validate.validateStartTimer(undefined, context),
    ],
    [
      'BadStartTimerAttributes: TimerId is not set on StartTimerCommand.',
      () => validate.validateStartTimer({ timerId: '', startToFireTimeout: 1 }, context),
    ],
    [
      `BadStartTimerAttributes: TimerId on StartTimerCommand exceeds length limit. TimerId=${TOO_LONG} Length=21 Limit=20`,
      () => validate.validateStartTimer({ timerId: TOO_LONG, startToFireTimeout: 1 }, context),
    ],
    [
      'BadStartTimerAttributes: An invalid StartToFireTimeout is set on StartTimerCommand: negative duration. TimerId=t',
      () => validate.validateStartTimer({ timerId: 't', startToFireTimeout: -1 }, context),
    ],
    ['accepted', () => validate.validateStartTimer({ timerId: 't', startToFireTimeout: undefined }, context)],
    [
      'BadCancelTimerAttributes: TimerId is not set on CancelTimerCommand.',
      () => validate.validateCancelTimer({ timerId: '' }, context),
    ],
    [
      'BadRequestCancelActivityAttributes: ScheduledEventId is not set on RequestCancelActivityTaskCommand.',
      () => validate.validateRequestCancelActivityTask({ scheduledEventId: 0 }),
    ],
    [
      'BadRecordMarkerAttributes: MarkerName is not set on RecordMarkerCommand.',
      () => validate.validateRecordMarker(attributesOf(commands.RecordMarkerCommandAttributes, {}), context),
    ],
    [
      'terminates: BadRecordMarkerAttributes: RecordMarkerCommandAttributes.Details exceeds size limit.',
      () =>
        validate.validateRecordMarker(
          attributesOf(commands.RecordMarkerCommandAttributes, {
            markerName: 'm',
            details: new Map([
              ['a', payloads(60)],
              ['b', payloads(50)],
            ]),
          }),
          context,
        ),
    ],
    [
      'BadCompleteWorkflowExecutionAttributes: CompleteWorkflowExecutionCommandAttributes is not set on CompleteWorkflowExecutionCommand.',
      () => validate.validateCompleteWorkflowExecution(undefined, context),
    ],
    [
      'terminates: BadScheduleActivityAttributes: CompleteWorkflowExecutionCommandAttributes.Result exceeds size limit.',
      () => validate.validateCompleteWorkflowExecution({ result: OVERSIZED }, context),
    ],
    [
      'BadFailWorkflowExecutionAttributes: Failure is not set on FailWorkflowExecutionCommand.',
      () => validate.validateFailWorkflowExecution({ failure: undefined }, context),
    ],
    [
      'terminates: BadFailWorkflowExecutionAttributes: FailWorkflowExecutionCommandAttributes.Failure exceeds size limit.',
      () => validate.validateFailWorkflowExecution({ failure: Failure.encode({ message: 'x'.repeat(101) }) }, context),
    ],
    [
      'BadCancelWorkflowExecutionAttributes: CancelWorkflowExecutionCommandAttributes is not set on CancelWorkflowExecutionCommand.',
      () => validate.validateCancelWorkflowExecution(undefined),
    ],
    [
      'BadUpdateWorkflowExecutionMessage: MessageID is not set on ProtocolMessageCommand.',
      () => validate.validateProtocolMessage({ messageId: '' }),
    ],
    [
      'BadUpdateWorkflowExecutionMessage: ProtocolMessageCommand referenced absent message ID m',
      () => validate.takeMessage(new Map(), 'm'),
    ],
    [
      'terminates: BadUpdateWorkflowExecutionMessage: Message type temporal.api.update.v1.Response exceeds size limit.',
      () => {
        const body = { typeUrl: 'type.googleapis.com/temporal.api.update.v1.Response', value: Buffer.alloc(80) };
        return validate.validateMessageSize(attributesOf(Message, { body }), context);
      },
    ],
    [
      'UnhandledCommand',
      () => {
        throw validate.unhandledCommand();
      },
    ],
    [
      'StartTimerDuplicateId: invalid history builder state for action: add-timer-started-event, TimerID: t',
      () => {
        throw validate.duplicateTimerId('t');
      },
    ],
    [
      'BadScheduleNexusOperationAttributes: endpoint "e" not found',
      () =>
        validate.validateScheduleNexusOperation(
          attributesOf(commands.ScheduleNexusOperationCommandAttributes, { endpoint: 'e' }),
        ),
    ],
  ];
  for (const [message, check] of cases) it(message, () => assert.equal(refusal(check), message));

  it('a timer is capped at 100 years', () => {
    const { attributes } = validate.validateStartTimer({ timerId: 't', startToFireTimeout: 1e15 }, context);
    assert.equal(attributes.startToFireTimeout, 100 * 365 * 86_400_000);
  });
});

describe('external workflows', () => {
  type SignalInit = commands.SignalExternalWorkflowExecutionCommandAttributesInit;
  const signal = (change: SignalInit, context: ContextChanges = {}) => {
    const good: SignalInit = { execution: { workflowId: 'target' }, signalName: 'sig' };
    return validate.validateSignalExternalWorkflowExecution(
      attributesOf(commands.SignalExternalWorkflowExecutionCommandAttributes, { ...good, ...change }),
      commandContext(context),
    );
  };
  type CancelInit = commands.RequestCancelExternalWorkflowExecutionCommandAttributesInit;
  const cancel = (change: CancelInit, context: ContextChanges = {}) =>
    validate.validateRequestCancelExternalWorkflowExecution(
      attributesOf(commands.RequestCancelExternalWorkflowExecutionCommandAttributes, {
        workflowId: 'target',
        ...change,
      }),
      commandContext(context),
    );

  const badSignal = 'BadSignalWorkflowExecutionAttributes: ';
  const badCancel = 'BadRequestCancelExternalWorkflowExecutionAttributes: ';
  const cases: [string, () => unknown][] = [
    [
      `${badSignal}Execution is not set on SignalExternalWorkflowExecutionCommand.`,
      () => signal({ execution: undefined }),
    ],
    [
      `${badSignal}WorkflowId is not set on SignalExternalWorkflowExecutionCommand. Namespace= RunId= SignalName=sig`,
      () => signal({ execution: {} }),
    ],
    [
      `${badSignal}Invalid RunId set on SignalExternalWorkflowExecutionCommand. WorkflowId=target Namespace= RunId=7 SignalName=sig`,
      () => signal({ execution: { workflowId: 'target', runId: '7' } }),
    ],
    [
      `${badSignal}SignalName is not set on SignalExternalWorkflowExecutionCommand. WorkflowId=target Namespace= RunId=`,
      () => signal({ signalName: '' }),
    ],
    [`${badSignal}cross namespace commands are not allowed`, () => signal({ namespace: 'other' })],
    [
      `terminates: ${badSignal}SignalExternalWorkflowExecutionCommandAttributes.Input exceeds size limit.`,
      () => signal({ input: OVERSIZED }),
    ],
    [
      'PendingSignalsLimitExceeded: the number of pending signals to external workflows, 2, has reached the per-workflow limit of 2',
      () => signal({}, { workflow: { pendingSignalCount: 2 } }),
    ],
    [
      `${badCancel}WorkflowId is not set on RequestCancelExternalWorkflowExecutionCommand. Namespace= RunId=`,
      () => cancel({ workflowId: '' }),
    ],
    [
      `${badCancel}WorkflowId on RequestCancelExternalWorkflowExecutionCommand exceeds length limit. WorkflowId=${TOO_LONG} Length=21 Limit=20 RunId= Namespace=`,
      () => cancel({ workflowId: TOO_LONG }),
    ],
    [
      `${badCancel}Invalid RunId set on RequestCancelExternalWorkflowExecutionCommand. WorkflowId=target RunId=7 Namespace=`,
      () => cancel({ runId: '7' }),
    ],
    [
      `${badCancel}Start and RequestCancel for child workflow is not allowed in same workflow task. WorkflowId=target RunId= Namespace=`,
      () => cancel({}, { workflow: { startedChildInThisTask: (id) => id === 'target' } }),
    ],
    [
      'PendingRequestCancelLimitExceeded: the number of pending requests to cancel external workflows, 2, has reached the per-workflow limit of 2',
      () => cancel({}, { workflow: { pendingCancelRequestCount: 2 } }),
    ],
  ];
  for (const [message, check] of cases) it(message, () => assert.equal(refusal(check), message));

  it('reach another namespace when the setting allows it', () => {
    const { target } = signal({ namespace: 'other' }, { crossNamespaceCommandsEnabled: true });
    assert.equal(target.id, 'other-id');
    assert.equal(signal({}).target.id, 'own-id');
    assert.equal(
      refusal(() => cancel({ runId: UUID })),
      'accepted',
    );
  });

  it('do not reach a namespace that lives in another cluster', () => {
    const own = namespaceRecord({ id: 'own-id', name: 'own', isGlobal: true, clusters: ['a', 'b'] });
    const change = { namespace: own, crossNamespaceCommandsEnabled: true };
    const message = `${badCancel}unable to process cross namespace command between own and other`;
    assert.equal(
      refusal(() => cancel({ namespace: 'other' }, change)),
      message,
    );
  });

  it('an unknown namespace refuses the call, it does not fail the workflow task', () => {
    assert.throws(() => signal({ namespace: 'nowhere' }), { code: 5, message: 'Namespace nowhere is not found.' });
  });
});

describe('StartChildWorkflowExecution', () => {
  type Init = commands.StartChildWorkflowExecutionCommandAttributesInit;
  const good: Init = { workflowId: 'child', workflowType: { name: 'ChildType' } };
  const run = (change: Init = {}, context: ContextChanges = {}) =>
    validate.validateStartChildWorkflowExecution(
      attributesOf(commands.StartChildWorkflowExecutionCommandAttributes, { ...good, ...change }),
      commandContext(context),
    );

  it('defaults what the command leaves out', () => {
    const { attributes } = run({ workflowExecutionTimeout: 5000 });
    assert.equal(attributes.namespace, 'own');
    assert.deepEqual(attributes.taskQueue, { name: 'parent-tq', kind: 1, normalName: '' });
    assert.equal(attributes.workflowRunTimeout, 5000);
    assert.equal(attributes.workflowTaskTimeout, 5000);
    assert.equal(attributes.parentClosePolicy, ParentClosePolicy.TERMINATE);
    assert.equal(attributes.workflowIdReusePolicy, WorkflowIdReusePolicy.ALLOW_DUPLICATE);
    assert.equal(attributes.retryPolicy, undefined);
    assert.equal(run({ workflowTaskTimeout: 500_000 }).attributes.workflowTaskTimeout, 120_000);
    assert.equal(run().attributes.workflowTaskTimeout, 10_000);
  });

  const name = 'BadStartChildExecutionAttributes: ';
  const ids = 'WorkflowId=child WorkflowType=ChildType Namespace=own';
  const cases: [string, Init, ContextChanges?][] = [
    [
      `${name}Required field WorkflowId is not set on StartChildWorkflowExecutionCommand. WorkflowType=ChildType Namespace=own`,
      { workflowId: '' },
    ],
    [
      `${name}Required field WorkflowType is not set on StartChildWorkflowExecutionCommand. WorkflowId=child Namespace=own`,
      { workflowType: undefined },
    ],
    [
      `${name}WorkflowId on StartChildWorkflowExecutionCommand exceeds length limit. WorkflowId=${TOO_LONG} Length=21 Limit=20 WorkflowType=ChildType Namespace=own`,
      { workflowId: TOO_LONG },
    ],
    [
      `${name}WorkflowType on StartChildWorkflowExecutionCommand exceeds length limit. WorkflowId=child WorkflowType=${TOO_LONG} Length=21 Limit=20 Namespace=own`,
      { workflowType: { name: TOO_LONG } },
    ],
    [
      `${name}Invalid WorkflowRunTimeout on StartChildWorkflowExecutionCommand: negative duration. ${ids}`,
      { workflowRunTimeout: -1 },
    ],
    [
      `${name}invalid WorkflowRetryPolicy on StartChildWorkflowExecutionCommand: MaximumAttempts cannot be negative on retry policy.. ${ids}`,
      { retryPolicy: { maximumAttempts: -1 } },
    ],
    [
      `${name}invalid CronSchedule on StartChildWorkflowExecutionCommand: invalid CronSchedule.. ${ids}`,
      { cronSchedule: 'nonsense' },
    ],
    [
      `${name}invalid TaskQueue on StartChildWorkflowExecutionCommand: taskQueue length exceeds limit. ${ids} TaskQueue=name:"${TOO_LONG}" kind:TASK_QUEUE_KIND_NORMAL`,
      { taskQueue: { name: TOO_LONG } },
    ],
    [`${name}priority key can't be negative`, { priority: { priorityKey: -1 } }],
    [`${name}cross namespace commands are not allowed`, { namespace: 'other' }],
    [
      `${name}StartChildWorkflowExecution with UseCompatibleVersion cannot run on different task queue.`,
      { inheritBuildId: true, taskQueue: { name: 'elsewhere' } },
    ],
    [
      `terminates: ${name}StartChildWorkflowExecutionCommandAttributes. Input exceeds size limit.`,
      { input: OVERSIZED },
    ],
    [
      `terminates: ${name}StartChildWorkflowExecutionCommandAttributes.Memo exceeds size limit.`,
      { memo: Memo.encode({ fields: new Map([['k', text('x'.repeat(100))]]) }) },
    ],
    [
      'PendingChildWorkflowsLimitExceeded: the number of pending child workflow executions, 2, has reached the per-workflow limit of 2',
      {},
      { workflow: { pendingChildExecutionCount: 2 } },
    ],
  ];
  for (const [message, change, context] of cases) {
    it(`refuses: ${message}`, () =>
      assert.equal(
        refusal(() => run(change, context)),
        message,
      ));
  }
});

describe('ContinueAsNewWorkflowExecution', () => {
  type Init = commands.ContinueAsNewWorkflowExecutionCommandAttributesInit;
  const run = (change: Init = {}, context: ContextChanges = {}) =>
    validate.validateContinueAsNewWorkflowExecution(
      attributesOf(commands.ContinueAsNewWorkflowExecutionCommandAttributes, change),
      commandContext(context),
    ).attributes;

  it('takes what is missing from the run that ends', () => {
    const workflow = { runTimeoutMs: 9000, executionTimeoutMs: 8000, defaultWorkflowTaskTimeoutMs: 3000 };
    const attributes = run({}, { workflow });
    assert.equal(attributes.workflowType.name, 'ParentType');
    assert.equal(attributes.taskQueue.name, 'parent-tq');
    assert.equal(attributes.workflowRunTimeout, 8000);
    assert.equal(attributes.workflowTaskTimeout, 3000);
    assert.equal(attributes.initiator, ContinueAsNewInitiator.UNSPECIFIED);
  });

  const name = 'BadContinueAsNewAttributes: ';
  const cases: [string, Init][] = [
    [
      `${name}WorkflowType on ContinueAsNewWorkflowExecutionCommand exceeds length limit. WorkflowType=${TOO_LONG} Length=21 Limit=20`,
      { workflowType: { name: TOO_LONG } },
    ],
    [
      `${name}error validating ContinueAsNewWorkflowExecutionCommand TaskQueue: taskQueue length exceeds limit. WorkflowType=ParentType TaskQueue=name:"${TOO_LONG}" kind:TASK_QUEUE_KIND_NORMAL`,
      { taskQueue: { name: TOO_LONG } },
    ],
    [
      `${name}Invalid BackoffStartInterval on ContinueAsNewWorkflowExecutionCommand: negative duration. WorkflowType=ParentType TaskQueue=name:"parent-tq" kind:TASK_QUEUE_KIND_NORMAL`,
      { backoffStartInterval: -1 },
    ],
    [
      `terminates: ${name}ContinueAsNewWorkflowExecutionCommandAttributes. Input exceeds size limit.`,
      { input: OVERSIZED },
    ],
  ];
  for (const [message, change] of cases) {
    it(`refuses: ${message}`, () =>
      assert.equal(
        refusal(() => run(change)),
        message,
      ));
  }
});

describe('search attributes and memo', () => {
  const NULL = Payload.encode({ metadata: new Map([['encoding', Buffer.from('binary/null')]]) });
  const upsert = (fields: Map<string, Uint8Array>, context: ContextChanges = {}) =>
    validate.validateUpsertWorkflowSearchAttributes(
      { searchAttributes: SearchAttributes.encode({ indexedFields: fields }) },
      commandContext(context),
    );

  it('an upsert is judged under its field names and merged, a null removes', () => {
    const rules = {
      unalias: () =>
        SearchAttributes.encode({
          indexedFields: new Map([
            ['Field01', text('v')],
            ['Old', NULL],
          ]),
        }),
      validate: () => {},
      validateSize: () => {},
    };
    const workflow = {
      searchAttributes: new Map([
        ['Old', text('o')],
        ['Kept', text('k')],
      ]),
    };
    const { attributes, merged } = upsert(new Map([['Alias', text('v')]]), { searchAttributes: rules, workflow });
    assert.deepEqual(
      [...SearchAttributes.decode(attributes.searchAttributes).indexedFields.keys()],
      ['Field01', 'Old'],
    );
    assert.deepEqual([...merged.keys()], ['Kept', 'Field01']);
  });

  it('refuses what the rules refuse', () => {
    const refuse = (rule: 'unalias' | 'validate' | 'validateSize') => {
      const rules = {
        ...commandContext().searchAttributes,
        [rule]: () => {
          throw invalidArgument('no');
        },
      };
      return refusal(() => upsert(new Map([['k', text('v')]]), { searchAttributes: rules }));
    };
    assert.equal(refuse('unalias'), 'BadSearchAttributes: no');
    assert.equal(refuse('validate'), 'BadSearchAttributes: no');
    assert.equal(refuse('validateSize'), 'terminates: BadSearchAttributes: no');
    const empty = 'BadSearchAttributes: IndexedFields is not set on UpsertWorkflowSearchAttributesCommand.';
    assert.equal(
      refusal(() => upsert(new Map())),
      empty,
    );
    const tooLarge =
      'terminates: BadSearchAttributes: UpsertWorkflowSearchAttributesCommandAttributes exceeds size limit.';
    assert.equal(
      refusal(() => upsert(new Map([['k', text('x'.repeat(100))]]))),
      tooLarge,
    );
  });

  it('memo fields are merged and limited together', () => {
    const modify = (fields: Map<string, Uint8Array>) =>
      validate.validateModifyWorkflowProperties(
        { upsertedMemo: Memo.encode({ fields }) },
        commandContext({ workflow: { memo: new Map([['a', text('x'.repeat(60))]]) } }),
      );
    assert.deepEqual([...modify(new Map([['b', text('v')]])).merged.keys()], ['a', 'b']);
    const message =
      'terminates: BadModifyWorkflowPropertiesAttributes: ModifyWorkflowPropertiesCommandAttributes. Memo exceeds size limit.';
    assert.equal(
      refusal(() => modify(new Map([['b', text('x'.repeat(60))]]))),
      message,
    );
    assert.equal(modify(new Map([['a', NULL]])).merged.size, 0);
  });
});

describe('the order of commands', () => {
  const of = (...types: number[]) => types.map((commandType) => attributesOf(commands.Command, { commandType }));

  it('ends with the one that closes the workflow', () => {
    validate.validateCommandSequence(of(CommandType.START_TIMER, CommandType.COMPLETE_WORKFLOW_EXECUTION));
    assert.throws(
      () => validate.validateCommandSequence(of(CommandType.COMPLETE_WORKFLOW_EXECUTION, CommandType.START_TIMER)),
      {
        code: 3,
        message:
          'invalid command sequence: [CompleteWorkflowExecution, StartTimer], command CompleteWorkflowExecution must be the last command.',
      },
    );
  });

  it('knows no other commands', () => {
    assert.throws(() => validate.validateCommandSequence(of(0)), { message: 'unknown command type: Unspecified' });
    assert.throws(() => validate.validateCommandSequence(of(99)), { message: 'unknown command type: 99' });
  });
});
