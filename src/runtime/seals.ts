// Answers that were sent ahead of what they rest on: under a seal, which their last thread before the client's socket opens when the
// sealer says that it holds, and not before (docs/decisions/0017). A broken seal makes the answer empty, which says to a poll that
// nothing came. Any thread; the one of the calls' owner.

import { NumberMap } from '../base/number-map.ts';
import type { Clock } from './clock.ts';

export interface Seal {
  /** The thread that settles it, or breaks it by its end. */
  readonly sealer: number;
  /** No two seals of this process have the same within a minute. */
  readonly id: number;
}

/** How long an outcome is known whose answer has not come, and an answer kept whose outcome has not: both come within milliseconds. */
const PATIENCE_MS = 60_000;

const NO_ANSWER = new Uint8Array(0);

interface SealedAnswer {
  readonly sealer: number;
  readonly sinceMs: number;
  readonly answer: Uint8Array;
  readonly deliver: (answer: Uint8Array) => void;
}

interface Outcome {
  readonly holds: boolean;
  readonly sinceMs: number;
}

export class SealedAnswers {
  readonly #clock: Clock;
  /** By id. */
  readonly #answers = new NumberMap<SealedAnswer>();
  readonly #outcomes = new NumberMap<Outcome>();
  #sweptMs: number;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#sweptMs = clock.nowMs();
  }

  /** Answers that wait for their seal's outcome. */
  get size(): number {
    return this.#answers.size;
  }

  /** An answer came. It is delivered once, now if its seal is settled. */
  receive({ sealer, id }: Seal, answer: Uint8Array, deliver: (answer: Uint8Array) => void): void {
    const outcome = this.#outcomes.delete(id);
    if (outcome !== undefined) deliver(outcome.holds ? answer : NO_ANSWER);
    else this.#answers.set(id, { sealer, sinceMs: this.#nowMs(), answer, deliver });
  }

  settle(id: number, holds: boolean): void {
    const sealed = this.#answers.delete(id);
    if (sealed !== undefined) sealed.deliver(holds ? sealed.answer : NO_ANSWER);
    else this.#outcomes.set(id, { holds, sinceMs: this.#nowMs() });
  }

  /** Nobody will say any more whether its seals hold. */
  sealerIsGone(sealer: number): void {
    this.#break((sealed) => sealed.sealer === sealer);
  }

  /** For what begins to wait. Lets go of what has waited too long. */
  #nowMs(): number {
    const nowMs = this.#clock.nowMs();
    if (nowMs - this.#sweptMs >= PATIENCE_MS) this.#sweep(nowMs);
    return nowMs;
  }

  /** The answer of an outcome may have been lost with a thread, and the outcome of an answer that came after its sealer's end. */
  #sweep(nowMs: number): void {
    this.#sweptMs = nowMs;
    const beforeMs = nowMs - PATIENCE_MS;
    for (const [id, { sinceMs }] of this.#outcomes.entries()) if (sinceMs <= beforeMs) this.#outcomes.delete(id);
    this.#break(({ sinceMs }) => sinceMs <= beforeMs);
  }

  #break(matches: (sealed: SealedAnswer) => boolean): void {
    for (const [id, sealed] of this.#answers.entries()) if (matches(sealed)) this.settle(id, false);
  }
}
