// One update of a run: its state machine and those who wait for it. Changed only by the run's decisions; a change of state
// holds at once and is undone if the decision does not stand, waiters hear of it after the commit. History thread.

import { UpdateWorkflowExecutionLifecycleStage as Stage } from '#proto/temporal/api/enums/v1';
import type { Failure } from '#proto/temporal/api/failure/v1';
import type { Message, MessageInit } from '#proto/temporal/api/protocol/v1';
import {
  type Acceptance,
  Outcome,
  type OutcomeInit,
  type Rejection,
  Request,
  type RequestInit,
  type Response,
  type ResponseInit,
} from '#proto/temporal/api/update/v1';
import { assertNever } from '../../../base/invariant.ts';
import type { ServiceError } from '../../../base/service-error.ts';
import { invalidArgument } from '../../../proto/service-errors.ts';
import type { Encoded } from '../../../proto/wire.ts';
import { abortAnswer, updateAbortedByClosing, updateAbortedByServer } from './abort.ts';
import type { Effects } from './effects.ts';
import {
  decodeUpdateMessage,
  REQUEST_TYPE_URL,
  validateAcceptance,
  validateRequest,
  validateResponse,
} from './update-messages.ts';
import { AbortReason, UpdateState } from './update-state.ts';

/** What an update needs of the run's history while a decision is made. */
export interface UpdateEvents {
  /** False once the run is closed, also within the decision that closes it. */
  readonly canAddEvents: boolean;
  /** Adds WorkflowExecutionUpdateAccepted and returns its event id. No request: the admitted event carries it. */
  addUpdateAcceptedEvent(attributes: {
    readonly protocolInstanceId: string;
    readonly acceptedRequestMessageId: string;
    readonly acceptedRequestSequencingEventId: number;
    readonly acceptedRequest: RequestInit | undefined;
  }): number;
  /** Adds WorkflowExecutionUpdateCompleted and returns its event id. */
  addUpdateCompletedEvent(attributes: { readonly acceptedEventId: number; readonly response: ResponseInit }): number;
}

/** The most advanced stage known to be durable, with the outcome when it is COMPLETED. */
export interface UpdateStatus {
  readonly stage: Stage;
  readonly outcome: OutcomeInit | undefined;
}

/** What waiters may know. `error` ends the wait without an outcome. */
type Published =
  | { readonly kind: 'nothing' }
  | { readonly kind: 'accepted' }
  | { readonly kind: 'outcome'; readonly outcome: OutcomeInit }
  | {
      readonly kind: 'error';
      readonly error: ServiceError;
      readonly wasAccepted: boolean;
      readonly reason?: AbortReason;
    };

/** The registry's part in an update's end. */
export interface UpdateOwner {
  /** Decided, not yet durable. `counts` when the update was accepted. */
  ended(update: Update, counts: boolean, effects: Effects): void;
}

export class Update {
  readonly id: string;
  private readonly owner: UpdateOwner;
  private current: UpdateState;
  /** Encoded Request, until it is written to history; none when an admitted event has it already. */
  private request: Encoded<Request> | undefined;
  private acceptedEventId: number;
  /** State decided but not durable yet: only the wording of errors shows it. */
  private isProvisional = false;
  private published: Published;
  private readonly waiters = new Set<() => void>();

  private constructor(id: string, owner: UpdateOwner, state: UpdateState, published: Published) {
    this.id = id;
    this.owner = owner;
    this.current = state;
    this.published = published;
    this.acceptedEventId = 0;
  }

  static created(id: string, owner: UpdateOwner): Update {
    return new Update(id, owner, UpdateState.CREATED, { kind: 'nothing' });
  }

  static admitted(id: string, owner: UpdateOwner, request: Encoded<Request> | undefined): Update {
    const update = new Update(id, owner, UpdateState.ADMITTED, { kind: 'nothing' });
    update.request = request;
    return update;
  }

  static accepted(id: string, owner: UpdateOwner, acceptedEventId: number): Update {
    const update = new Update(id, owner, UpdateState.ACCEPTED, { kind: 'accepted' });
    update.acceptedEventId = acceptedEventId;
    return update;
  }

  static completed(id: string, owner: UpdateOwner, outcome: OutcomeInit): Update {
    return new Update(id, owner, UpdateState.COMPLETED, { kind: 'outcome', outcome });
  }

  get state(): UpdateState {
    return this.current;
  }

  /** Its callers were told to ask again, since the run that follows can take it. */
  get isForNextRun(): boolean {
    return this.published.kind === 'error' && this.published.reason === AbortReason.WORKFLOW_CONTINUING;
  }

  get hasWaiters(): boolean {
    return this.waiters.size !== 0;
  }

  /** Bytes that the update keeps in memory. */
  get sizeBytes(): number {
    let bytes = Buffer.byteLength(this.id) + (this.request?.length ?? 0);
    if (this.published.kind === 'outcome') bytes += Outcome.encode(this.published.outcome).length;
    return bytes;
  }

  // -- Transitions

  /** Takes the request in. Does nothing unless the update is new: that is how a repeated request finds its first. */
  admit(request: Request, events: Pick<UpdateEvents, 'canAddEvents'>, effects: Effects): void {
    if (this.current !== UpdateState.CREATED) return;
    validateRequest(this.id, request);
    if (!events.canAddEvents) throw updateAbortedByClosing();
    this.change(UpdateState.ADMITTED, effects);
    this.request = Request.encode(request);
  }

  /** Whether the next workflow task carries it. */
  needsSending(includeAlreadySent: boolean): boolean {
    return this.current === UpdateState.ADMITTED || (includeAlreadySent && this.current === UpdateState.SENT);
  }

  /** Undefined when there is nothing to send, or when the worker reads the request in the admitted event. */
  send(includeAlreadySent: boolean, sequencingEventId: number): MessageInit | undefined {
    if (!this.needsSending(includeAlreadySent)) return undefined;
    this.current = UpdateState.SENT;
    if (this.request === undefined) return undefined;
    return {
      id: this.requestMessageId,
      protocolInstanceId: this.id,
      eventId: sequencingEventId,
      body: { typeUrl: REQUEST_TYPE_URL, value: this.request },
    };
  }

  /** The workflow task that carried it ended without an answer. */
  sendAgain(): void {
    if (this.current === UpdateState.SENT) this.current = UpdateState.ADMITTED;
  }

  /** A worker's message. Throws INVALID_ARGUMENT, for which the workflow task fails. */
  handleMessage(message: Message, events: UpdateEvents, effects: Effects): void {
    const decoded = decodeUpdateMessage(this.id, message);
    // A closed run takes no more events; a rejection needs none.
    if (!events.canAddEvents && decoded.kind !== 'Rejection') {
      this.abort(AbortReason.WORKFLOW_COMPLETED, effects);
      return;
    }
    switch (decoded.kind) {
      case 'Acceptance':
        this.accept(decoded.body, events, effects);
        break;
      case 'Rejection':
        this.rejectByWorker(decoded.body, effects);
        break;
      case 'Response':
        this.complete(decoded.body, events, effects);
        break;
    }
  }

  private accept(acceptance: Acceptance, events: UpdateEvents, effects: Effects): void {
    // Admitted: the registry was lost after the send and the client's retry admitted the same update again.
    this.expect('Acceptance', [UpdateState.SENT, UpdateState.ADMITTED]);
    validateAcceptance(acceptance);
    const acceptedRequest = this.request && Request.decode(this.request);
    const acceptedEventId = events.addUpdateAcceptedEvent({
      protocolInstanceId: this.id,
      acceptedRequestMessageId: this.requestMessageId,
      acceptedRequestSequencingEventId: acceptance.acceptedRequestSequencingEventId,
      acceptedRequest,
    });
    this.change(UpdateState.ACCEPTED, effects);
    this.acceptedEventId = acceptedEventId;
    this.isProvisional = true;
    effects.onCommitted(() => {
      this.request = undefined;
      this.isProvisional = false;
      // Completed or aborted by the same decision: the waiters hear of the end at once.
      if (this.current === UpdateState.ACCEPTED) this.publish({ kind: 'accepted' });
    });
  }

  private rejectByWorker(rejection: Rejection, effects: Effects): void {
    this.expect('Rejection', [UpdateState.SENT, UpdateState.ADMITTED]);
    this.reject(rejection.failure, effects);
  }

  /** Leaves no trace in history. */
  reject(failure: Encoded<Failure> | undefined, effects: Effects): void {
    this.change(UpdateState.COMPLETED, effects);
    this.isProvisional = true;
    this.owner.ended(this, false, effects);
    effects.onCommitted(() => {
      this.request = undefined;
      this.isProvisional = false;
      this.publish({ kind: 'outcome', outcome: { failure: failure ?? EMPTY_FAILURE } });
    });
  }

  private complete(response: Response, events: UpdateEvents, effects: Effects): void {
    this.expect('Response', [UpdateState.ACCEPTED]);
    validateResponse(this.id, response);
    events.addUpdateCompletedEvent({ acceptedEventId: this.acceptedEventId, response });
    this.change(UpdateState.COMPLETED, effects);
    this.isProvisional = true;
    this.owner.ended(this, true, effects);
    const outcome = response.outcome ?? {};
    effects.onCommitted(() => {
      this.isProvisional = false;
      this.publish({ kind: 'outcome', outcome });
    });
  }

  abort(reason: AbortReason, effects: Effects): void {
    const answer = abortAnswer(reason, this.current);
    if (answer === undefined) return;
    this.change(UpdateState.ABORTED, effects);
    effects.onCommitted(() => {
      if (answer.kind === 'failure') this.publish({ kind: 'outcome', outcome: { failure: answer.failure } });
      else this.publish({ kind: 'error', error: answer.error, wasAccepted: false, reason });
    });
  }

  /** The registry goes. The update may live on: waiters hear what is durable, or are told to retry. */
  forget(): void {
    const { kind } = this.published;
    this.current = UpdateState.ABORTED;
    if (kind === 'outcome' || kind === 'error') return;
    this.publish({ kind: 'error', error: updateAbortedByServer(), wasAccepted: kind === 'accepted' });
  }

  private expect(kind: string, allowed: readonly UpdateState[]): void {
    if (allowed.includes(this.current)) return;
    const state = (this.isProvisional ? 'Provisionally' : '') + this.current;
    throw invalidArgument(
      `invalid state transition attempted for Update ${this.id}: received *update.${kind} message while in state ${state}`,
    );
  }

  private change(state: UpdateState, effects: Effects): void {
    const { current, request, acceptedEventId, isProvisional } = this;
    effects.onAborted(() => {
      this.current = current;
      this.request = request;
      this.acceptedEventId = acceptedEventId;
      this.isProvisional = isProvisional;
    });
    this.current = state;
  }

  private get requestMessageId(): string {
    return `${this.id}/request`;
  }

  // -- Waiting

  private publish(published: Published): void {
    this.published = published;
    const waiters = [...this.waiters];
    for (const waiter of waiters) waiter();
  }

  /** Calls after every published change; returns the unsubscriber. */
  onPublished(waiter: () => void): () => void {
    this.waiters.add(waiter);
    return () => this.waiters.delete(waiter);
  }

  /** What is durable now. Throws the error of an aborted update, except to those who may know that it was accepted. */
  get status(): UpdateStatus {
    const { published } = this;
    switch (published.kind) {
      case 'nothing':
        return { stage: Stage.ADMITTED, outcome: undefined };
      case 'accepted':
        return { stage: Stage.ACCEPTED, outcome: undefined };
      case 'outcome':
        return { stage: Stage.COMPLETED, outcome: published.outcome };
      case 'error':
        if (published.wasAccepted) return { stage: Stage.ACCEPTED, outcome: undefined };
        throw published.error;
      default:
        return assertNever(published, 'published state');
    }
  }

  /** Whether a wait for the stage is over: it is reached, or nothing more will come. */
  hasReached(stage: Stage): boolean {
    const { kind } = this.published;
    if (kind === 'outcome' || kind === 'error') return true;
    if (stage === Stage.COMPLETED) return false;
    return stage === Stage.ACCEPTED ? kind === 'accepted' : true;
  }
}

const EMPTY_FAILURE: Encoded<Failure> = new Uint8Array(0);
