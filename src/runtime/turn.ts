// The end of a turn of the loop: first what components deferred (a commit, a batch), then, after the promises those settle,
// the flush that shows other threads all the turn's frames at once. One per thread.

export class Turn {
  #deferred: (() => void)[] = [];
  #flush: (() => void) | undefined;
  #flushQueued = false;

  /** What requestFlush() calls for. One listener: the thread's message hub. */
  onFlush(flush: () => void): void {
    this.#flush = flush;
  }

  defer(callback: () => void): void {
    if (this.#deferred.push(callback) > 1) return;
    setImmediate(this.#runDeferred);
    // In the same check phase, after the microtasks of the deferred callbacks: their replies leave in this turn.
    this.#flushQueued = true;
    setImmediate(this.#runFlush);
  }

  /** Flushes once at the end of this turn, however often it is asked. */
  requestFlush(): void {
    if (this.#flushQueued) return;
    this.#flushQueued = true;
    setImmediate(this.#runFlush);
  }

  readonly #runDeferred = () => {
    const deferred = this.#deferred;
    this.#deferred = [];
    for (const callback of deferred) callback();
  };

  readonly #runFlush = () => {
    this.#flushQueued = false;
    this.#flush?.();
  };
}
