// The updates of one run that are under way: admitted ones, which only memory knows, and accepted ones. Ended updates leave;
// history has them. Built from the run's state on first use, owned by the run; history thread.

import type { UpdateInfo } from '#proto/ostinato/persistence/v1';
import { ResourceExhaustedCause, ResourceExhaustedScope, WorkflowTaskFailedCause } from '#proto/temporal/api/enums/v1';
import type { Message, MessageInit } from '#proto/temporal/api/protocol/v1';
import { type OutcomeInit, Request } from '#proto/temporal/api/update/v1';
import { failedPrecondition, invalidArgument, resourceExhausted } from '../../../proto/service-errors.ts';
import { blame, CommandError } from '../../commands/validate/index.ts';
import { unprocessedUpdateFailure } from './abort.ts';
import { type Effects, IMMEDIATE } from './effects.ts';
import { Update, type UpdateEvents, type UpdateOwner } from './update.ts';
import { decodeUpdateMessage, UPDATE_PROTOCOL } from './update-messages.ts';
import { AbortReason, UpdateState } from './update-state.ts';

/** UpdateInfo.stage */
export const StoredUpdateStage = Object.freeze({ ADMITTED: 1, ACCEPTED: 2, COMPLETED: 3 });

/** Values of the settings; 0 is no limit. */
export interface UpdateLimits {
  /** history.maxInFlightUpdates */
  readonly maxInFlight: number;
  /** history.maxInFlightUpdatePayloads */
  readonly maxInFlightBytes: number;
  /** history.maxTotalUpdates */
  readonly maxTotal: number;
  /** history.maxTotalUpdates.suggestContinueAsNewThreshold */
  readonly suggestContinueAsNewThreshold: number;
}

export interface StoredUpdates {
  get(id: string): UpdateInfo | undefined;
  entriesOf(): Iterable<readonly [string, UpdateInfo]>;
}

export interface UpdateRegistryOptions {
  /** What the run's state holds, by update id; read at each use. */
  readonly stored: StoredUpdates;
  readonly isRunning: boolean;
  /** Read at each use. */
  readonly limits: () => UpdateLimits;
}

const BAD_MESSAGE = WorkflowTaskFailedCause.BAD_UPDATE_WORKFLOW_EXECUTION_MESSAGE;

export class UpdateRegistry implements UpdateOwner {
  private readonly limits: () => UpdateLimits;
  private readonly stored: StoredUpdates;
  /** In order of admission. */
  private readonly inFlight = new Map<string, Update>();
  /** Ended by a decision that is not durable yet. */
  private readonly ending = new Map<string, Update>();
  private completedCount = 0;

  constructor({ stored, isRunning, limits }: UpdateRegistryOptions) {
    this.limits = limits;
    this.stored = stored;
    for (const [id, { stage, eventId }] of stored.entriesOf()) {
      if (stage === StoredUpdateStage.COMPLETED) {
        this.completedCount++;
        continue;
      }
      const update =
        stage === StoredUpdateStage.ADMITTED
          ? Update.admitted(id, this, undefined)
          : Update.accepted(id, this, eventId);
      this.inFlight.set(id, update);
      // It can never complete: whoever asks for it hears that.
      if (!isRunning) update.abort(AbortReason.WORKFLOW_COMPLETED, IMMEDIATE);
    }
  }

  /** Whether the registry can be forgotten without anybody noticing. */
  get isEmpty(): boolean {
    for (const update of this.inFlight.values()) {
      if (update.hasWaiters || (update.state !== UpdateState.ACCEPTED && update.state !== UpdateState.ABORTED))
        return false;
    }
    return this.ending.size === 0;
  }

  /** Updates under way. */
  get size(): number {
    return this.inFlight.size;
  }

  get sizeBytes(): number {
    let bytes = 0;
    for (const [id, update] of this.inFlight) bytes += Buffer.byteLength(id) + update.sizeBytes;
    return bytes;
  }

  /** The run has used up most of the updates it may have. Limits on updates under way pass by themselves and do not count. */
  get suggestContinueAsNew(): boolean {
    const { maxTotal, suggestContinueAsNewThreshold } = this.limits();
    const threshold = Math.ceil(maxTotal * suggestContinueAsNewThreshold);
    return threshold !== 0 && this.inFlight.size + this.completedCount >= threshold;
  }

  /** Not those that completed durably: their outcome is in history; see `completedUpdate`. */
  find(id: string): Update | undefined {
    return this.inFlight.get(id) ?? this.ending.get(id);
  }

  /** An update that the run's state says is completed, with the outcome that the caller read from its event. */
  completedUpdate(id: string, outcome: OutcomeInit): Update {
    return Update.completed(id, this, outcome);
  }

  // -- Requests

  /**
   * Finds the update or takes the request in. Throws RESOURCE_EXHAUSTED or FAILED_PRECONDITION at a limit, INVALID_ARGUMENT
   * for a bad request, NOT_FOUND on a closed run. The caller has looked among the completed updates before.
   */
  findOrAdmit(
    id: string,
    request: Request,
    events: Pick<UpdateEvents, 'canAddEvents'>,
    effects: Effects = IMMEDIATE,
  ): { readonly update: Update; readonly alreadyExisted: boolean } {
    const known = this.find(id);
    if (known !== undefined) return { update: known, alreadyExisted: true };
    this.checkInFlightLimit();
    this.checkTotalLimit();
    this.checkInFlightBytes(Request.encode(request).length);
    const update = Update.created(id, this);
    update.admit(request, events, effects);
    effects.onAborted(() => this.inFlight.delete(id));
    this.inFlight.set(id, update);
    return { update, alreadyExisted: false };
  }

  /** An update whose request is in an admitted event (reapplied by a reset). */
  addAdmitted(id: string): Update {
    const update = Update.admitted(id, this, undefined);
    this.inFlight.set(id, update);
    return update;
  }

  private checkInFlightLimit(): void {
    const { maxInFlight } = this.limits();
    if (maxInFlight === 0 || this.inFlight.size < maxInFlight) return;
    throw tooManyInFlight(`limit on number of concurrent in-flight updates has been reached (${maxInFlight})`);
  }

  private checkInFlightBytes(requestBytes: number): void {
    const { maxInFlightBytes } = this.limits();
    if (maxInFlightBytes === 0 || this.sizeBytes + requestBytes < maxInFlightBytes) return;
    const message = `limit on total payload size of in-flight updates has been reached (${maxInFlightBytes} bytes)`;
    throw tooManyInFlight(message);
  }

  private checkTotalLimit(): void {
    const { maxTotal } = this.limits();
    if (maxTotal === 0 || this.inFlight.size + this.completedCount < maxTotal) return;
    throw failedPrecondition(
      `The limit on the total number of distinct updates in this workflow has been reached (${maxTotal}). ` +
        "Make sure any duplicate updates share an Update ID so the server can deduplicate them, and consider rejecting updates that you aren't going to process. " +
        'You can also Continue-as-New to avoid this; we recommend you check Continue-as-New Suggested in your Workflow.',
    );
  }

  // -- Workflow tasks

  hasOutgoingMessages(includeAlreadySent: boolean): boolean {
    for (const update of this.inFlight.values()) if (update.needsSending(includeAlreadySent)) return true;
    return false;
  }

  /**
   * The messages for a workflow task that starts, in order of admission. A heartbeat's next task leaves out what was sent
   * already: its worker still has it.
   */
  send(task: { readonly includeAlreadySent: boolean; readonly startedEventId: number }): MessageInit[] {
    const messages: MessageInit[] = [];
    for (const update of this.inFlight.values()) {
      // SDKs handle the message after the event before the workflow task's start.
      const message = update.send(task.includeAlreadySent, task.startedEventId - 1);
      if (message !== undefined) messages.push(message);
    }
    return messages;
  }

  /**
   * A message of a completed workflow task. Throws CommandError, for which the task fails; INVALID_ARGUMENT for a message
   * without a readable type and FAILED_PRECONDITION at the limit of updates refuse the call.
   */
  handleMessage(message: Message, events: UpdateEvents, effects: Effects): void {
    const protocol = protocolOf(message);
    if (protocol !== UPDATE_PROTOCOL) throw new CommandError(BAD_MESSAGE, `unsupported protocol type ${protocol}`);
    const id = message.protocolInstanceId;
    blame(BAD_MESSAGE, () => {
      const update = this.find(id) ?? this.completedEarlier(id) ?? this.resurrect(message, effects);
      if (update === undefined) {
        const advice = 'This is most likely a transient error which will be resolved automatically by retries';
        throw new CommandError(BAD_MESSAGE, `update ${id} wasn't found on the server. ${advice}`);
      }
      update.handleMessage(message, events, effects);
    });
  }

  /** A worker may not answer twice: what it says of a completed update is held against that state, and no second life begins. */
  private completedEarlier(id: string): Update | undefined {
    if (this.stored.get(id)?.stage !== StoredUpdateStage.COMPLETED) return undefined;
    return this.completedUpdate(id, {});
  }

  /** The registry was lost while a worker held the update; the worker's answer brings the request back. */
  private resurrect(message: Message, effects: Effects): Update | undefined {
    const id = message.protocolInstanceId;
    // Only the total counts: refusing work that is done already would help nobody.
    this.checkTotalLimit();
    const decoded = decodeUpdateMessage(id, message);
    const request =
      decoded.kind === 'Acceptance'
        ? decoded.body.acceptedRequest
        : decoded.kind === 'Rejection'
          ? decoded.body.rejectedRequest
          : undefined;
    if (request === undefined) return undefined;
    const update = Update.admitted(id, this, Request.encode(request));
    effects.onAborted(() => this.inFlight.delete(id));
    this.inFlight.set(id, update);
    return update;
  }

  /**
   * The worker answered the workflow task but not these updates; they would come again with every task. Not for a task
   * that failed, a heartbeat, or one that closed the run. Returns the ids, for the log.
   */
  rejectUnprocessed(effects: Effects): string[] {
    const rejected: string[] = [];
    for (const update of [...this.inFlight.values()]) {
      if (update.state !== UpdateState.SENT) continue;
      update.reject(unprocessedUpdateFailure(), effects);
      rejected.push(update.id);
    }
    return rejected;
  }

  /** The started workflow task timed out or its worker failed it: what it carried goes with the next one. */
  workflowTaskFailed(): void {
    for (const update of this.inFlight.values()) update.sendAgain();
  }

  /**
   * The server fails the workflow task that the worker completed: what it carried would only fail the next one. Call after the
   * completion's effects were aborted.
   */
  workflowTaskRefused(): void {
    for (const [id, update] of this.inFlight) {
      update.abort(AbortReason.WORKFLOW_TASK_FAILED, IMMEDIATE);
      if (update.state === UpdateState.ABORTED) this.inFlight.delete(id);
    }
  }

  // -- Ends

  /** The run closes by this decision. Updates completed or rejected before, also by the same decision, keep their outcome. */
  workflowClosed(hasNewRun: boolean, effects: Effects): void {
    this.abort(hasNewRun ? AbortReason.WORKFLOW_CONTINUING : AbortReason.WORKFLOW_COMPLETED, effects);
  }

  abort(reason: AbortReason, effects: Effects = IMMEDIATE): void {
    for (const update of this.inFlight.values()) update.abort(reason, effects);
  }

  /** The run's memory goes (shard lost, run evicted): waiters are told to retry. */
  clear(): void {
    for (const update of [...this.inFlight.values(), ...this.ending.values()]) update.forget();
    this.inFlight.clear();
    this.ending.clear();
    this.completedCount = 0;
  }

  ended(update: Update, counts: boolean, effects: Effects): void {
    this.inFlight.delete(update.id);
    this.ending.set(update.id, update);
    // A rejected update is not one of the run's updates.
    if (counts) this.completedCount++;
    effects.onCommitted(() => this.ending.delete(update.id));
    effects.onAborted(() => {
      this.ending.delete(update.id);
      this.inFlight.set(update.id, update);
      if (counts) this.completedCount--;
    });
  }
}

function protocolOf(message: Message): string {
  if (message.body === undefined) throw invalidArgument('nil message body');
  const typeName = message.body.typeUrl.slice(message.body.typeUrl.lastIndexOf('/') + 1);
  if (typeName === '') throw invalidArgument('no message name specified');
  const dot = typeName.lastIndexOf('.');
  if (dot < 0) throw invalidArgument(`failed to extract protocol type: no . found in ${JSON.stringify(typeName)}`);
  return typeName.slice(0, dot);
}

function tooManyInFlight(message: string): Error {
  return resourceExhausted(message, ResourceExhaustedCause.CONCURRENT_LIMIT, ResourceExhaustedScope.NAMESPACE);
}
