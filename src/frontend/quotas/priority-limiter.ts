// One rate shared by calls of several priorities (common/quotas/priority_rate_limiter_impl.go, v1.31): a call is decided by its
// own priority's bucket and also takes from the buckets of all lower ones, so that lower priorities starve first. Main loop.

import { type Rate, TokenBucket } from './token-bucket.ts';

export class PriorityLimiter {
  private readonly buckets: TokenBucket[];

  /** Priorities are 0 (highest, the operators') to `priorities - 1`. */
  constructor(priorities: number, rate: Rate, operatorRatio: number, nowMs: number) {
    this.buckets = Array.from(
      { length: priorities },
      (_, priority) => new TokenBucket(rateOf(rate, priority, operatorRatio), nowMs),
    );
  }

  allow(priority: number, rate: Rate, operatorRatio: number, nowMs: number): boolean {
    const deciding = this.buckets[priority] as TokenBucket;
    if (!deciding.allows(rateOf(rate, priority, operatorRatio), nowMs, 1)) return false;
    for (let lower = priority; lower < this.buckets.length; lower++) {
      (this.buckets[lower] as TokenBucket).take(rateOf(rate, lower, operatorRatio), nowMs, 1);
    }
    return true;
  }
}

function rateOf(rate: Rate, priority: number, operatorRatio: number): Rate {
  return priority === 0 ? { perSecond: rate.perSecond * operatorRatio, burst: rate.burst } : rate;
}
