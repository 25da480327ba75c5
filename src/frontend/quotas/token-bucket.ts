// A token bucket whose rate may change at any time: what golang.org/x/time/rate does for Temporal. Main loop; no timers.

export interface Rate {
  readonly perSecond: number;
  readonly burst: number;
}

export class TokenBucket {
  private tokens: number;
  private filledAtMs: number;

  constructor(rate: Rate, nowMs: number) {
    this.tokens = rate.burst;
    this.filledAtMs = nowMs;
  }

  allows(rate: Rate, nowMs: number, count: number): boolean {
    this.refill(rate, nowMs);
    return this.tokens >= count;
  }

  /** Takes tokens that may not be there yet: the bucket goes below zero and later calls wait for it. */
  take(rate: Rate, nowMs: number, count: number): void {
    this.refill(rate, nowMs);
    this.tokens -= count;
  }

  private refill(rate: Rate, nowMs: number): void {
    const elapsedMs = nowMs - this.filledAtMs;
    if (elapsedMs > 0) {
      this.tokens += (elapsedMs / 1000) * rate.perSecond;
      this.filledAtMs = nowMs;
    }
    if (this.tokens > rate.burst) this.tokens = rate.burst;
  }
}
