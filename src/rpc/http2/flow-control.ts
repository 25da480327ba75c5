// Flow control of received bytes (RFC 9113 sections 5.2 and 6.9). The connection's window is given back on receipt, because
// holding it back could lock calls against each other; memory is bounded by the limits on unfinished requests instead. A
// stream's window is given back while its request is still growing. Main loop.

/** RFC 9113 6.9.1. */
export const MAX_WINDOW = 0x7fffffff;
/** RFC 9113 6.9.2: every window before any setting. */
export const DEFAULT_WINDOW_BYTES = 65_535;
/** SETTINGS_INITIAL_WINDOW_SIZE: most requests fit, so that they need no WINDOW_UPDATE; larger ones get it as they arrive. */
export const STREAM_WINDOW_BYTES = 1 << 20;
/** Window of the connection: 1 GB/s over a round trip of 8 ms. */
export const CONNECTION_WINDOW_BYTES = 8 << 20;

/** Counts what was received and not given back yet. */
export class ReceiveWindow {
  readonly #sizeBytes: number;
  #usedBytes = 0;

  constructor(sizeBytes: number) {
    this.#sizeBytes = sizeBytes;
  }

  /** False when the peer sent more than it was allowed to. */
  take(bytes: number): boolean {
    this.#usedBytes += bytes;
    return this.#usedBytes <= this.#sizeBytes;
  }

  /** What to send in a WINDOW_UPDATE now; 0 while less than half is used, so that updates stay few. */
  giveBack(): number {
    if (this.#usedBytes < this.#sizeBytes >> 1) return 0;
    const bytes = this.#usedBytes;
    this.#usedBytes = 0;
    return bytes;
  }
}
