// A call as its handler sees it, on the thread that answers.

import type { Seal } from './seals.ts';
import type { CallContext } from './service.ts';

export class RingCall implements CallContext {
  readonly deadlineMs: number;
  seal: Seal | undefined = undefined;
  #cancelled = false;
  #listener: (() => void) | undefined;

  constructor(deadlineMs: number) {
    this.deadlineMs = deadlineMs;
  }

  get cancelled(): boolean {
    return this.#cancelled;
  }

  onCancel(listener: () => void): void {
    this.#listener = listener;
  }

  cancel(): void {
    if (this.#cancelled) return;
    this.#cancelled = true;
    const listener = this.#listener;
    this.#listener = undefined;
    listener?.();
  }
}
