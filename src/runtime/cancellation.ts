// Tells those who work for a call that its caller no longer waits. What AbortController does, at a fraction of its cost: one is
// made for each poll.

export interface CancellationListener {
  /** Called within the turn in which the cancellation arrives. */
  onCancelled(): void;
}

const NO_LISTENERS: readonly CancellationListener[] = [];

export class Cancellation {
  #cancelled = false;
  /** Nearly always there is one. */
  #first: CancellationListener | undefined = undefined;
  #others: readonly CancellationListener[] = NO_LISTENERS;

  get cancelled(): boolean {
    return this.#cancelled;
  }

  cancel(): void {
    if (this.#cancelled) return;
    this.#cancelled = true;
    const listeners = [this.#first, ...this.#others];
    this.#first = undefined;
    this.#others = NO_LISTENERS;
    for (const listener of listeners) listener?.onCancelled();
  }

  /** Ask `cancelled` first: who comes later hears nothing. */
  listen(listener: CancellationListener): void {
    if (this.#first === undefined) this.#first = listener;
    else this.#others = [...this.#others, listener];
  }

  unlisten(listener: CancellationListener): void {
    if (this.#first === listener) this.#first = undefined;
    else if (this.#others.length > 0) this.#others = this.#others.filter((other) => other !== listener);
  }
}
