// Messages between simulated processes: each call is delivered after a random delay, and may be lost, late, doubled, or answered
// when nobody waits any more. A process that dies takes the calls it was answering with it.

import type { MaybePromise } from '../../src/base/maybe-promise.ts';
import { GrpcCode, ServiceError } from '../../src/base/service-error.ts';
import { asServiceError, callCancelled, deadlineExceeded } from '../../src/runtime/error-status.ts';
import { RingCall } from '../../src/runtime/ring-call.ts';
import type { Seal, SealedAnswers } from '../../src/runtime/seals.ts';
import type { CallContext, CallOptions } from '../../src/runtime/service.ts';
import type { VirtualClock } from '../../src/runtime/virtual-clock.ts';
import type { Faults } from './faults.ts';
import type { NodeClock } from './node-clock.ts';

/** A process, as the network sees it. */
export interface Endpoint {
  readonly name: string;
  readonly clock: NodeClock;
  /** Calls it is answering; each is told when the process dies. */
  readonly answering: Set<() => void>;
  readonly sealed: SealedAnswers;
}

export interface Message {
  readonly what: string;
  /** Undefined for clients and workers, which never die with a call in flight. */
  readonly from: Endpoint | undefined;
  /** Looked up when the message leaves. */
  readonly to: () => Endpoint | undefined;
  readonly handle: (to: Endpoint, call: CallContext) => MaybePromise<Uint8Array>;
  readonly options?: CallOptions | undefined;
}

/** A caller learns within this time that the connection is gone. */
const LOSS_NOTICED_MS = 3_000;

const connectionLost = (): ServiceError => new ServiceError(GrpcCode.UNAVAILABLE, 'connection lost');

export class Network {
  readonly #clock: VirtualClock;
  readonly #faults: Faults;
  /** Handlers that failed in a way that no caller should see. */
  readonly brokenHandlers: string[] = [];
  /** Calls without an answer so far. */
  readonly unanswered = new Set<string>();
  messages = 0;

  constructor(clock: VirtualClock, faults: Faults) {
    this.#clock = clock;
    this.#faults = faults;
  }

  call(message: Message): Promise<Uint8Array> {
    this.messages++;
    const { options } = message;
    const faults = this.#faults;
    const to = message.to();
    if (options?.cancellation?.cancelled === true) return Promise.reject(callCancelled());
    if (to === undefined || to.clock.isDead) return this.#later(() => Promise.reject(connectionLost()));
    const { promise, resolve, reject } = Promise.withResolvers<Uint8Array>();
    let open = true;
    const name = `${message.what} to ${to.name}, call ${this.messages}`;
    this.unanswered.add(name);
    const finish = (settle: () => void): void => {
      if (!open) return;
      open = false;
      this.unanswered.delete(name);
      expiry?.cancel();
      options?.cancellation?.unlisten(listener);
      // A dead caller hears nothing; a paused one later.
      if (message.from === undefined) settle();
      else message.from.clock.after(0, settle);
    };
    const call = new RingCall(options?.deadlineMs ?? Number.POSITIVE_INFINITY);
    const giveUp = (error: Error): void => {
      this.#clock.after(this.delay(), () => to.clock.defer(() => call.cancel()));
      finish(() => reject(error));
    };
    const listener = { onCancelled: (): void => giveUp(callCancelled()) };
    options?.cancellation?.listen(listener);
    const deadlineMs = options?.deadlineMs ?? Number.POSITIVE_INFINITY;
    const expiry = Number.isFinite(deadlineMs)
      ? this.#clock.after(deadlineMs - this.#clock.nowMs(), () => giveUp(deadlineExceeded()))
      : undefined;

    if (faults.strikes('lostRequest')) {
      this.#clock.after(LOSS_NOTICED_MS * this.#faults.random.next(), () => finish(() => reject(connectionLost())));
      return promise;
    }
    const answerIsLost = faults.strikes('lostResponse');
    this.#deliver(message, to, call, (answer) => {
      if (answerIsLost) {
        this.#clock.after(LOSS_NOTICED_MS * this.#faults.random.next(), () => finish(() => reject(connectionLost())));
        return;
      }
      const give = (bytes: Uint8Array): void => finish(() => resolve(bytes));
      this.#clock.after(this.delay(), () => {
        if (answer instanceof Error) finish(() => reject(answer));
        else if (call.seal === undefined) give(answer);
        else message.from?.clock.after(0, () => message.from?.sealed.receive(call.seal as Seal, answer, give));
      });
    });
    // Nobody waits for the second answer, so that its call ends like one whose caller has gone.
    if (faults.strikes('doubled')) {
      const second = new RingCall(Math.min(deadlineMs, this.#clock.nowMs() + 10_000));
      this.#deliver(message, to, second, () => {});
      this.#clock.after(10_000, () => to.clock.defer(() => second.cancel()));
    }
    return promise;
  }

  #deliver(message: Message, to: Endpoint, call: RingCall, answered: (answer: Uint8Array | Error) => void): void {
    let done = false;
    const answer = (result: Uint8Array | Error): void => {
      if (done) return;
      done = true;
      to.answering.delete(died);
      answered(result);
    };
    const died = (): void => answer(connectionLost());
    to.answering.add(died);
    to.clock.after(this.delay(), () => {
      if (call.cancelled) {
        answer(callCancelled());
        return;
      }
      const failed = (error: unknown): void => {
        const serviceError = asServiceError(error);
        const isBroken = serviceError !== error || serviceError.code === GrpcCode.INTERNAL;
        if (isBroken && !to.clock.isDead) this.#broken(message.what, error);
        answer(serviceError);
      };
      try {
        const result = message.handle(to, call);
        if (result instanceof Promise) result.then((bytes) => answer(Uint8Array.from(bytes)), failed);
        else answer(Uint8Array.from(result));
      } catch (error) {
        failed(error);
      }
    });
  }

  #broken(what: string, error: unknown): void {
    if (this.brokenHandlers.length < 10) {
      const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
      this.brokenHandlers.push(`${what}: ${stack.split('\n').slice(0, 6).join('\n')}`);
    }
  }

  #later<T>(action: () => Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => this.#clock.after(this.delay(), () => action().then(resolve, reject)));
  }

  /** Fractions of a millisecond, so that messages overtake each other in every possible way. */
  delay(): number {
    const { random } = this.#faults;
    if (this.#faults.strikes('late')) return random.next() * 3_000;
    return random.next() * random.next() * 4;
  }
}
