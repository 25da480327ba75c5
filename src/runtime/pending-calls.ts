// Calls that wait for their answer, by correlation id: resolves, rejects, cancels and expires them. One per link and one for
// the calls within a thread. Any thread.

import { NumberMap } from '../base/number-map.ts';
import type { Cancellation, CancellationListener } from './cancellation.ts';
import { callCancelled, deadlineExceeded } from './error-status.ts';
import type { CallOptions } from './service.ts';

class PendingCall implements CancellationListener {
  readonly correlationId: number;
  readonly calls: PendingCalls;
  readonly resolve: (response: Uint8Array) => void;
  readonly reject: (error: Error) => void;
  readonly deadlineMs: number;
  readonly cancellation: Cancellation | undefined;

  constructor(
    correlationId: number,
    calls: PendingCalls,
    resolve: (response: Uint8Array) => void,
    reject: (error: Error) => void,
    options: CallOptions | undefined,
  ) {
    this.correlationId = correlationId;
    this.calls = calls;
    this.resolve = resolve;
    this.reject = reject;
    this.deadlineMs = options?.deadlineMs ?? Number.POSITIVE_INFINITY;
    this.cancellation = options?.cancellation;
    this.cancellation?.listen(this);
  }

  onCancelled(): void {
    this.calls.cancel(this.correlationId);
  }
}

export class PendingCalls {
  readonly #calls = new NumberMap<PendingCall>();
  /** No call has an earlier deadline: polls wait by the thousand, and looking at each four times a second is most of what they cost. */
  #earliestMs = Number.POSITIVE_INFINITY;
  #nextId = 1;
  readonly #abandoned: (correlationId: number) => void;

  /** `abandoned` hears of calls that were given up by their caller, so that the callee can be told. */
  constructor(abandoned: (correlationId: number) => void) {
    this.#abandoned = abandoned;
  }

  get size(): number {
    return this.#calls.size;
  }

  /** The id under which the next call of add() will wait. */
  nextId(): number {
    // Unsigned 32 bits, 0 left out. Ids of calls that wait for hours are skipped after the counter came round.
    do {
      this.#nextId = this.#nextId === 0xffff_ffff ? 1 : this.#nextId + 1;
    } while (this.#calls.has(this.#nextId));
    return this.#nextId;
  }

  add(correlationId: number, options: CallOptions | undefined): Promise<Uint8Array> {
    return new Promise<Uint8Array>((resolve, reject) => {
      const call = new PendingCall(correlationId, this, resolve, reject, options);
      if (call.deadlineMs < this.#earliestMs) this.#earliestMs = call.deadlineMs;
      this.#calls.set(correlationId, call);
    });
  }

  /** The caller no longer waits: the callee is told. */
  cancel(correlationId: number): void {
    if (this.reject(correlationId, callCancelled())) this.#abandoned(correlationId);
  }

  resolve(correlationId: number, response: Uint8Array): boolean {
    const call = this.#take(correlationId);
    call?.resolve(response);
    return call !== undefined;
  }

  reject(correlationId: number, error: Error): boolean {
    const call = this.#take(correlationId);
    call?.reject(error);
    return call !== undefined;
  }

  /** Rejects calls whose deadline passed. */
  expire(nowMs: number): void {
    if (nowMs < this.#earliestMs) return;
    const due: number[] = [];
    let earliestMs = Number.POSITIVE_INFINITY;
    this.#calls.forEach(({ deadlineMs, correlationId }) => {
      if (deadlineMs <= nowMs) due.push(correlationId);
      else if (deadlineMs < earliestMs) earliestMs = deadlineMs;
    });
    this.#earliestMs = earliestMs;
    for (const correlationId of due) {
      if (this.reject(correlationId, deadlineExceeded())) this.#abandoned(correlationId);
    }
  }

  nextDeadlineMs(): number {
    let nextMs = Number.POSITIVE_INFINITY;
    this.#calls.forEach(({ deadlineMs }) => {
      if (deadlineMs < nextMs) nextMs = deadlineMs;
    });
    return nextMs;
  }

  /** Rejects everything, without telling the callee: it is gone. */
  rejectAll(error: () => Error): void {
    for (const [correlationId] of this.#calls.entries()) this.reject(correlationId, error());
  }

  #take(correlationId: number): PendingCall | undefined {
    const call = this.#calls.delete(correlationId);
    call?.cancellation?.unlisten(call);
    return call;
  }
}
