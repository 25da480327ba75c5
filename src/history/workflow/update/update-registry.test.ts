import assert from 'node:assert/strict';
import { beforeEach, describe, it } from 'node:test';
import { UpdateInfo } from '#proto/ostinato/persistence/v1';
import { UpdateWorkflowExecutionLifecycleStage as Stage } from '#proto/temporal/api/enums/v1';
import { Failure } from '#proto/temporal/api/failure/v1';
import { Message } from '#proto/temporal/api/protocol/v1';
import { Acceptance, Rejection, Request, type RequestInit, Response } from '#proto/temporal/api/update/v1';
import type { MessageCodec } from '../../../proto/wire.ts';
import type { Clock } from '../../../runtime/clock.ts';
import { CommandError } from '../../commands/validate/index.ts';
import { DecisionEffects } from './effects.ts';
import type { Update, UpdateEvents } from './update.ts';
import { type UpdateLimits, UpdateRegistry } from './update-registry.ts';
import { UpdateState } from './update-state.ts';
import { waitForStage } from './wait-for-stage.ts';

const request = (updateId: string, change: RequestInit = {}): Request =>
  Request.decode(Request.encode({ meta: { updateId }, input: { name: 'setName' }, ...change }));

const message = <T, Init>(updateId: string, codec: MessageCodec<T, Init>, body: Init): Message => {
  const any = { typeUrl: `type.googleapis.com/${codec.typeName}`, value: codec.encode(body) };
  return Message.decode(Message.encode({ id: 'm', protocolInstanceId: updateId, body: any }));
};
const acceptance = (id: string, acceptedRequest?: RequestInit) =>
  message(id, Acceptance, {
    acceptedRequestMessageId: `${id}/request`,
    acceptedRequestSequencingEventId: 7,
    acceptedRequest,
  });
const outcome = { success: Buffer.from('') };
const response = (id: string) => message(id, Response, { meta: { updateId: id }, outcome });
const failure = Failure.encode({ message: 'not today' });
const rejection = (id: string) => message(id, Rejection, { failure });
const UNLIMITED: UpdateLimits = { maxInFlight: 0, maxInFlightBytes: 0, maxTotal: 0, suggestContinueAsNewThreshold: 0 };

let written: string[];
let isClosed: boolean;
const events: UpdateEvents = {
  get canAddEvents() {
    return !isClosed;
  },
  addUpdateAcceptedEvent({ protocolInstanceId, acceptedRequest, acceptedRequestMessageId }) {
    written.push(`accepted ${protocolInstanceId} ${acceptedRequestMessageId} ${acceptedRequest?.input?.name}`);
    return written.length;
  },
  addUpdateCompletedEvent({ acceptedEventId }) {
    written.push(`completed (accepted by ${acceptedEventId})`);
    return written.length;
  },
};

function registryOf(
  limits: Partial<UpdateLimits> = {},
  stored: [string, number][] = [],
  isRunning = true,
): UpdateRegistry {
  const infos = new Map(
    stored.map(([id, stage]) => [id, UpdateInfo.decode(UpdateInfo.encode({ stage, eventId: 5 }))] as const),
  );
  const updates = { get: (id: string) => infos.get(id), entriesOf: () => infos };
  return new UpdateRegistry({ stored: updates, isRunning, limits: () => ({ ...UNLIMITED, ...limits }) });
}

const admit = (registry: UpdateRegistry, id: string): Update => registry.findOrAdmit(id, request(id), events).update;
const send = (registry: UpdateRegistry, includeAlreadySent = false) =>
  registry.send({ includeAlreadySent, startedEventId: 8 }).map(({ id, eventId }) => `${id} after ${eventId}`);

/** A workflow task completes with these messages; the caller commits or aborts. */
function complete(registry: UpdateRegistry, ...messages: Message[]): DecisionEffects {
  const effects = new DecisionEffects();
  for (const one of messages) registry.handleMessage(one, events, effects);
  return effects;
}

class ManualClock implements Clock {
  private timers: (() => void)[] = [];
  nowMs = () => 0;
  defer = (callback: () => void) => callback();
  after(_delayMs: number, callback: () => void) {
    this.timers.push(callback);
    const cancel = () => {
      this.timers = this.timers.filter((timer) => timer !== callback);
    };
    return { cancel };
  }
  expire(): void {
    for (const timer of this.timers.splice(0)) timer();
  }
  get pending(): number {
    return this.timers.length;
  }
}

beforeEach(() => {
  written = [];
  isClosed = false;
});

describe('an update', () => {
  it('is admitted, sent, accepted and completed', () => {
    const registry = registryOf();
    const update = admit(registry, 'u');
    assert.equal(update.status.stage, Stage.ADMITTED);
    assert.equal(registry.hasOutgoingMessages(false), true);
    assert.deepEqual(send(registry), ['u/request after 7']);
    assert.equal(registry.hasOutgoingMessages(false), false);

    complete(registry, acceptance('u')).commit();
    assert.deepEqual(written, ['accepted u u/request setName']);
    assert.equal(update.status.stage, Stage.ACCEPTED);
    assert.equal(registry.find('u'), update);

    complete(registry, response('u')).commit();
    assert.deepEqual(written.slice(1), ['completed (accepted by 1)']);
    assert.equal(update.status.stage, Stage.COMPLETED);
    assert.deepEqual(update.status.outcome?.success, Buffer.from(''));
    assert.equal(registry.find('u'), undefined);
    assert.equal(registry.isEmpty, true);
  });

  it('is sent with its request as the message body', () => {
    const registry = registryOf();
    admit(registry, 'u');
    const [sent] = registry.send({ includeAlreadySent: false, startedEventId: 8 });
    assert.equal(sent?.protocolInstanceId, 'u');
    assert.equal(sent?.body?.typeUrl, 'type.googleapis.com/temporal.api.update.v1.Request');
    assert.deepEqual(Request.decode(sent?.body?.value as Uint8Array), request('u'));
  });

  it('accepted and completed by one workflow task shows only its outcome', async () => {
    const registry = registryOf();
    const update = admit(registry, 'u');
    send(registry);
    const waiter = waitForStage(update, Stage.ACCEPTED, { clock: new ManualClock(), softTimeoutMs: 1 });
    const effects = complete(registry, acceptance('u'), response('u'));
    assert.equal(update.status.stage, Stage.ADMITTED, 'nothing shows before the commit');
    assert.equal(registry.find('u'), update, 'a repeated request still finds it');
    effects.commit();
    assert.equal((await waiter).stage, Stage.COMPLETED);
  });

  it('goes back to where it was when the decision does not stand', () => {
    const registry = registryOf({ maxTotal: 2 });
    const update = admit(registry, 'u');
    send(registry);
    complete(registry, acceptance('u'), response('u')).abort();
    assert.equal(update.state, UpdateState.SENT);
    assert.equal(registry.find('u'), update);
    complete(registry, acceptance('u')).commit();
    assert.equal(update.status.stage, Stage.ACCEPTED);
    admit(registry, 'v');
    assert.throws(() => admit(registry, 'w'), { code: 9 }, 'the undone completion is not counted');
  });

  it('rejected by its worker leaves no event and is not counted', () => {
    const registry = registryOf({ maxTotal: 1 });
    const update = admit(registry, 'u');
    send(registry);
    complete(registry, rejection('u')).commit();
    assert.deepEqual(written, []);
    assert.equal(update.status.stage, Stage.COMPLETED);
    assert.deepEqual(update.status.outcome?.failure, failure);
    admit(registry, 'v');
  });

  it('asked for twice is one update', () => {
    const registry = registryOf({ maxInFlight: 1 });
    const first = registry.findOrAdmit('u', request('u'), events);
    const second = registry.findOrAdmit('u', request('u'), events);
    assert.deepEqual([first.alreadyExisted, second.alreadyExisted], [false, true]);
    assert.equal(first.update, second.update);
  });

  it('admitted by a decision that does not stand never was', () => {
    const registry = registryOf();
    const effects = new DecisionEffects();
    registry.findOrAdmit('u', request('u'), events, effects);
    effects.abort();
    assert.equal(registry.find('u'), undefined);
  });

  const bad: [string, RequestInit][] = [
    ['invalid *update.Request: meta is not set', { meta: undefined }],
    ['invalid *update.Request: meta.update_id is not set', { meta: {} }],
    ['invalid *update.Request: meta.update_id != u', { meta: { updateId: 'other' } }],
    ['invalid *update.Request: input is not set', { input: undefined }],
    ['invalid *update.Request: input.name is not set', { input: {} }],
  ];
  for (const [text, change] of bad) {
    it(`is refused: ${text}`, () => {
      const registry = registryOf();
      assert.throws(() => registry.findOrAdmit('u', request('u', change), events), { code: 3, message: text });
      assert.equal(registry.size, 0);
    });
  }

  it('is refused by a closed run', () => {
    isClosed = true;
    assert.throws(() => admit(registryOf(), 'u'), {
      code: 5,
      message: 'workflow update was aborted by closing workflow',
    });
  });
});

describe('workflow tasks', () => {
  it('deliver updates in order of admission, again only when asked to', () => {
    const registry = registryOf();
    for (const id of ['b', 'a', 'c']) admit(registry, id);
    assert.deepEqual(send(registry), ['b/request after 7', 'a/request after 7', 'c/request after 7']);
    assert.deepEqual(send(registry), []);
    assert.equal(registry.hasOutgoingMessages(true), true);
    assert.equal(send(registry, true).length, 3);
  });

  it('that fail or time out hand their updates to the next one', () => {
    const registry = registryOf();
    admit(registry, 'u');
    send(registry);
    registry.workflowTaskFailed();
    assert.deepEqual(send(registry), ['u/request after 7']);
  });

  it('that complete without an answer reject what they carried, and only that', () => {
    const registry = registryOf();
    const ignored = admit(registry, 'ignored');
    send(registry);
    const late = admit(registry, 'late');
    const effects = new DecisionEffects();
    assert.deepEqual(registry.rejectUnprocessed(effects), ['ignored']);
    effects.commit();
    const rejected = Failure.decode(ignored.status.outcome?.failure as Uint8Array);
    assert.match(rejected.message, /^Workflow Update is rejected because it wasn't processed by worker/);
    assert.equal(rejected.applicationFailureInfo?.type, 'UnprocessedUpdate');
    assert.equal(late.state, UpdateState.ADMITTED);
  });

  it('that the server refuses abort what they carried and leave accepted updates alone', async () => {
    const registry = registryOf({}, [['accepted', 2]]);
    const sent = admit(registry, 'sent');
    send(registry);
    const waiting = admit(registry, 'waiting');
    registry.workflowTaskRefused();
    assert.throws(() => sent.status, { code: 9, message: /due to unexpected workflow task failure/ });
    assert.equal(waiting.state, UpdateState.ADMITTED, 'the next task carries it');
    assert.equal(registry.find('accepted')?.status.stage, Stage.ACCEPTED);
    assert.equal(registry.find('sent'), undefined, 'a retry is a new attempt');
  });

  it('bring back an update that the server forgot', () => {
    const registry = registryOf({ maxInFlight: 1 });
    admit(registry, 'other');
    complete(registry, acceptance('u', request('u')), response('u')).commit();
    assert.deepEqual(written, ['accepted u u/request setName', 'completed (accepted by 1)']);
  });

  it('do not bring it back when the decision does not stand', () => {
    const registry = registryOf();
    complete(registry, acceptance('u', request('u'))).abort();
    assert.equal(registry.size, 0);
  });

  it('may accept an update that was admitted anew after the registry was lost', () => {
    const registry = registryOf();
    admit(registry, 'u');
    complete(registry, acceptance('u')).commit();
    assert.equal(registry.find('u')?.status.stage, Stage.ACCEPTED);
  });

  it('do not carry the request of an update that an event admitted, and accept it without', () => {
    const registry = registryOf({}, [['u', 1]]);
    assert.equal(registry.hasOutgoingMessages(false), true);
    assert.deepEqual(send(registry), []);
    complete(registry, acceptance('u')).commit();
    assert.deepEqual(written, ['accepted u u/request undefined']);
  });
});

describe('what a worker says of an update that completed earlier fails the workflow task', () => {
  const COMPLETED = 3;
  for (const [kind, late] of [
    ['Acceptance', acceptance('u', { meta: { updateId: 'u' }, input: { name: 'setName' } })],
    ['Rejection', rejection('u')],
    ['Response', response('u')],
  ] as const) {
    it(kind, () => {
      const registry = registryOf({}, [['u', COMPLETED]]);
      assert.throws(
        () => complete(registry, late),
        (error) =>
          error instanceof CommandError &&
          error.failureMessage ===
            `BadUpdateWorkflowExecutionMessage: invalid state transition attempted for Update u: received *update.${kind} message while in state Completed`,
      );
      assert.deepEqual(written, []);
      assert.equal(registry.size, 0);
    });
  }
});

describe('messages that make no sense fail the workflow task', () => {
  const refusal = (registry: UpdateRegistry, ...messages: Message[]): string => {
    try {
      complete(registry, ...messages);
    } catch (error) {
      return error instanceof CommandError ? error.failureMessage : `refuses the call: ${(error as Error).message}`;
    }
    return 'accepted';
  };
  const sentUpdate = () => {
    const registry = registryOf();
    admit(registry, 'u');
    send(registry);
    return registry;
  };
  const bad = 'BadUpdateWorkflowExecutionMessage: ';
  const transition = `${bad}invalid state transition attempted for Update u: received`;
  const cases: [string, Message[]][] = [
    [
      `${bad}update x wasn't found on the server. This is most likely a transient error which will be resolved automatically by retries`,
      [acceptance('x')],
    ],
    [
      `${bad}update x wasn't found on the server. This is most likely a transient error which will be resolved automatically by retries`,
      [response('x')],
    ],
    [`${transition} *update.Response message while in state Sent`, [response('u')]],
    [
      `${transition} *update.Acceptance message while in state ProvisionallyAccepted`,
      [acceptance('u'), acceptance('u')],
    ],
    [`${transition} *update.Rejection message while in state ProvisionallyAccepted`, [acceptance('u'), rejection('u')]],
    [
      `${transition} *update.Response message while in state ProvisionallyCompleted`,
      [acceptance('u'), response('u'), response('u')],
    ],
    [`${transition} *update.Response message while in state ProvisionallyCompleted`, [rejection('u'), response('u')]],
    [
      `${bad}invalid *update.Acceptance: accepted_request_sequencing_event_id is not set`,
      [message('u', Acceptance, {})],
    ],
    [
      `${bad}invalid *update.Acceptance: accepted_request_message_id is not set`,
      [message('u', Acceptance, { acceptedRequestSequencingEventId: 1 })],
    ],
    [`${bad}invalid *update.Response: meta is not set`, [acceptance('u'), message('u', Response, { outcome })]],
    [
      `${bad}invalid *update.Response: meta.update_id != u`,
      [acceptance('u'), message('u', Response, { meta: { updateId: 'v' }, outcome })],
    ],
    [
      `${bad}invalid *update.Response: outcome is not set`,
      [acceptance('u'), message('u', Response, { meta: { updateId: 'u' } })],
    ],
    [`${bad}Message type *update.Request not supported`, [message('u', Request, {})]],
    [`${bad}unsupported protocol type temporal.api.failure.v1`, [message('u', Failure, {})]],
    ['refuses the call: nil message body', [Message.decode(Message.encode({ protocolInstanceId: 'u' }))]],
  ];
  for (const [text, messages] of cases) it(text, () => assert.equal(refusal(sentUpdate(), ...messages), text));
});

describe('a run that closes', () => {
  it('fails its accepted updates and refuses the others', () => {
    const registry = registryOf();
    const accepted = admit(registry, 'accepted');
    send(registry);
    complete(registry, acceptance('accepted')).commit();
    const admitted = admit(registry, 'admitted');
    const effects = new DecisionEffects();
    registry.workflowClosed(false, effects);
    assert.equal(accepted.status.stage, Stage.ACCEPTED);
    effects.commit();
    const failed = Failure.decode(accepted.status.outcome?.failure as Uint8Array);
    assert.equal(failed.message, 'Workflow Update failed because the Workflow completed before the Update completed.');
    assert.equal(failed.applicationFailureInfo?.nonRetryable, true);
    assert.throws(() => admitted.status, { code: 5, message: 'workflow update was aborted by closing workflow' });
    assert.equal(registry.isEmpty, true);
  });

  it('and continues sends the others to the next run by a retryable error', () => {
    const registry = registryOf();
    const admitted = admit(registry, 'admitted');
    const effects = new DecisionEffects();
    registry.workflowClosed(true, effects);
    effects.commit();
    assert.throws(() => admitted.status, { code: 8, message: /because workflow is closing$/ });
  });

  it('keeps the outcome of an update completed by the same workflow task', () => {
    const registry = registryOf();
    const update = admit(registry, 'u');
    send(registry);
    const effects = complete(registry, acceptance('u'), response('u'));
    registry.workflowClosed(false, effects);
    effects.commit();
    assert.ok(update.status.outcome?.success);
  });

  it('fails an update that the same workflow task accepted', () => {
    const registry = registryOf();
    const update = admit(registry, 'u');
    send(registry);
    const effects = complete(registry, acceptance('u'));
    registry.workflowClosed(false, effects);
    effects.commit();
    assert.ok(update.status.outcome?.failure);
  });

  it('takes no acceptance after its close command, but a rejection', () => {
    const registry = registryOf();
    const accepted = admit(registry, 'accepted');
    const rejected = admit(registry, 'rejected');
    send(registry);
    isClosed = true;
    complete(registry, acceptance('accepted'), rejection('rejected')).commit();
    assert.deepEqual(written, []);
    assert.throws(() => accepted.status, { code: 5 });
    assert.deepEqual(rejected.status.outcome?.failure, failure);
  });

  it('answers later polls for an accepted update with the failure', () => {
    const update = registryOf({}, [['u', 2]], false).find('u');
    assert.equal(update?.status.stage, Stage.COMPLETED);
    assert.ok(update.status.outcome?.failure);
  });

  it('end an update that a reset had admitted again, also when the closed run is read from the store', () => {
    const update = registryOf({}, [['u', 1]], false).find('u');
    assert.throws(() => update?.status, { code: 5, message: 'workflow update was aborted by closing workflow' });
  });
});

describe('limits', () => {
  it('of updates under way', () => {
    const registry = registryOf({ maxInFlight: 2 });
    admit(registry, 'a');
    admit(registry, 'b');
    const message = 'limit on number of concurrent in-flight updates has been reached (2)';
    assert.throws(() => admit(registry, 'c'), { code: 8, message });
    send(registry);
    complete(registry, rejection('a'));
    admit(registry, 'c');
  });

  it('of the bytes of updates under way', () => {
    const registry = registryOf({ maxInFlightBytes: 100 });
    admit(registry, 'a');
    const large = request('b', { input: { name: 'x'.repeat(100) } });
    const message = 'limit on total payload size of in-flight updates has been reached (100 bytes)';
    assert.throws(() => registry.findOrAdmit('b', large, events), { code: 8, message });
    assert.equal(registry.size, 1);
  });

  it('of updates in the life of the run, with a hint before', () => {
    const registry = registryOf({ maxTotal: 3, suggestContinueAsNewThreshold: 0.6 }, [['old', 3]]);
    assert.equal(registry.suggestContinueAsNew, false);
    admit(registry, 'a');
    assert.equal(registry.suggestContinueAsNew, true);
    admit(registry, 'b');
    const message = /^The limit on the total number of distinct updates in this workflow has been reached \(3\)/;
    assert.throws(() => admit(registry, 'c'), { code: 9, message });
  });
});

describe('waiting for a stage', () => {
  it('ends with the stage, or with what was reached when patience ends', async () => {
    const clock = new ManualClock();
    const registry = registryOf();
    const update = admit(registry, 'u');
    const wait = (stage: number) => waitForStage(update, stage, { clock, softTimeoutMs: 20_000 });
    assert.equal((await wait(Stage.ADMITTED)).stage, Stage.ADMITTED);
    assert.equal((await wait(Stage.UNSPECIFIED)).stage, Stage.ADMITTED);
    const impatient = wait(Stage.ACCEPTED);
    clock.expire();
    assert.equal((await impatient).stage, Stage.ADMITTED);

    const accepted = wait(Stage.ACCEPTED);
    const completed = wait(Stage.COMPLETED);
    send(registry);
    complete(registry, acceptance('u')).commit();
    assert.equal((await accepted).stage, Stage.ACCEPTED);
    complete(registry, response('u')).commit();
    assert.equal((await completed).stage, Stage.COMPLETED);
    assert.equal(clock.pending, 0, 'no timer is left');
    assert.equal(update.hasWaiters, false);
  });

  it('is told to retry when the registry goes, unless acceptance is known', async () => {
    const clock = new ManualClock();
    const registry = registryOf({}, [['accepted', 2]]);
    const wait = (update: Update | undefined) =>
      waitForStage(update as Update, Stage.COMPLETED, { clock, softTimeoutMs: 20_000 });
    const admitted = wait(admit(registry, 'u'));
    const accepted = wait(registry.find('accepted'));
    registry.clear();
    await assert.rejects(admitted, { code: 14, message: 'workflow update was aborted' });
    assert.equal((await accepted).stage, Stage.ACCEPTED);
  });

  it('is told to retry when the shard is lost before the commit', async () => {
    const registry = registryOf();
    const update = admit(registry, 'u');
    send(registry);
    const waiter = waitForStage(update, Stage.COMPLETED, { clock: new ManualClock(), softTimeoutMs: 1 });
    complete(registry, acceptance('u'), response('u'));
    registry.clear();
    await assert.rejects(waiter, { code: 14 });
  });

  it('ends when the caller leaves', async () => {
    const update = admit(registryOf(), 'u');
    let leave = () => {};
    const call = {
      onCancel(listener: () => void) {
        leave = listener;
      },
    };
    const clock = new ManualClock();
    const waiter = waitForStage(update, Stage.COMPLETED, { clock, softTimeoutMs: 1, call });
    leave();
    await waiter;
    assert.equal(update.hasWaiters, false);
    assert.equal(clock.pending, 0);
  });
});

describe('the memory of a registry', () => {
  it('can go when it holds nothing that only memory knows', () => {
    const registry = registryOf({}, [
      ['accepted', 2],
      ['done', 3],
    ]);
    assert.equal(registry.isEmpty, true);
    admit(registry, 'u');
    assert.equal(registry.isEmpty, false);
    send(registry);
    const effects = complete(registry, rejection('u'));
    assert.equal(registry.isEmpty, false, 'the rejection is not told yet');
    effects.commit();
    assert.equal(registry.isEmpty, true);
  });
});
