// A call whose deadline and cancellation a test controls. Tests only.

import type { Seal } from '../../runtime/seals.ts';
import type { CallContext } from '../../runtime/service.ts';

export class TestCall implements CallContext {
  readonly deadlineMs: number;
  cancelled = false;
  seal: Seal | undefined;
  #listener: (() => void) | undefined;

  constructor(deadlineMs: number = Number.POSITIVE_INFINITY) {
    this.deadlineMs = deadlineMs;
  }

  onCancel(listener: () => void): void {
    this.#listener = listener;
  }

  cancel(): void {
    this.cancelled = true;
    this.#listener?.();
  }
}
