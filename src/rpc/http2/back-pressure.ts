// What one connection may make the server keep: requests that are not complete, replies that nobody takes. Requests wait while
// replies do; a peer that lets more pile up, or takes nothing for too long, loses its connection. Main loop.

import type { ConnectionHost } from './connection-host.ts';
import type { OutputQueue } from './output-queue.ts';

/** A connection whose waiting replies reach this many times the limit at which requests wait is closed. */
const OUTPUT_OVERFLOW_FACTOR = 8;

/** A request whose message is complete. */
export interface HeldRequest {
  readonly gone: boolean;
  invokeHeld(message: Uint8Array): void;
}

/** The connection. */
export interface BackPressureOwner {
  readonly output: OutputQueue;
  /** Replies pile up beyond the limit. Called once. */
  onOutputOverflow(pendingBytes: number): void;
}

export class BackPressure {
  readonly #host: ConnectionHost;
  readonly #owner: BackPressureOwner;
  #requestBytes = 0;
  #held: { request: HeldRequest; message: Uint8Array }[] = [];
  #overflowed = false;
  #movedBytes = 0;
  #stalledSinceMs = 0;

  constructor(host: ConnectionHost, owner: BackPressureOwner) {
    this.#host = host;
    this.#owner = owner;
  }

  /** Whether complete requests have to wait, because the peer does not take the replies to earlier ones. */
  get holdsRequests(): boolean {
    return this.#owner.output.pendingBytes > this.#host.limits.maxPendingOutputBytes;
  }

  hold(request: HeldRequest, message: Uint8Array): void {
    this.#host.counts.requestsHeld++;
    this.#held.push({ request, message });
  }

  /** Goes on with requests that waited, in order, as far as replies were taken. */
  release(): void {
    if (this.#held.length === 0) return;
    let released = 0;
    while (released < this.#held.length && !this.holdsRequests) {
      const { request, message } = this.#held[released++]!;
      if (!request.gone) request.invokeHeld(message);
    }
    this.#held.splice(0, released);
  }

  discard(): void {
    this.#held = [];
  }

  /** Counts bytes of requests that are not with their handlers yet. False when that is over a limit. */
  countRequestBytes(delta: number): boolean {
    const host = this.#host;
    this.#requestBytes += delta;
    host.totalPendingRequestBytes += delta;
    return (
      delta <= 0 ||
      (this.#requestBytes <= host.limits.maxPendingRequestBytes &&
        host.totalPendingRequestBytes <= host.limits.maxTotalPendingRequestBytes)
    );
  }

  /** Counts bytes of replies that wait. */
  countPendingOutput(delta: number): void {
    const host = this.#host;
    host.totalPendingOutputBytes += delta;
    if (delta <= 0 || this.#overflowed) return;
    const { pendingBytes } = this.#owner.output;
    const { maxPendingOutputBytes, maxTotalPendingOutputBytes } = host.limits;
    if (
      pendingBytes <= maxPendingOutputBytes * OUTPUT_OVERFLOW_FACTOR &&
      host.totalPendingOutputBytes <= maxTotalPendingOutputBytes
    ) {
      return;
    }
    this.#overflowed = true;
    host.counts.outputOverflows++;
    this.#owner.onOutputOverflow(pendingBytes);
  }

  /** Whether replies wait and the peer has not let one byte of them go for too long. Asked about once a second. */
  isStalled(nowMs: number): boolean {
    const { pendingBytes, movedBytes } = this.#owner.output;
    if (pendingBytes === 0 || movedBytes !== this.#movedBytes) {
      this.#movedBytes = movedBytes;
      this.#stalledSinceMs = nowMs;
      return false;
    }
    return nowMs - this.#stalledSinceMs >= this.#host.limits.outputStallTimeoutMs;
  }
}
