// One rate shared by calls of several priorities (common/quotas/priority_rate_limiter_impl.go, v1.31): a call is decided by its
// own priority's bucket and also takes from the buckets of all lower ones, so that lower priorities starve first. Main loop.

import { type Rate, TokenBucket } from './token-bucket.ts';

/** A rate, and what operators, at priority 0, get of it. */
export interface PriorityRate {
  readonly rate: Rate;
  readonly operatorRate: Rate;
}

export function priorityRate(rate: Rate, operatorRatio: number): PriorityRate {
  return { rate, operatorRate: { perSecond: rate.perSecond * operatorRatio, burst: rate.burst } };
}

export class PriorityLimiter {
  private readonly buckets: TokenBucket[];

  /** Priorities are 0 (highest, the operators') to `priorities - 1`. */
  constructor(priorities: number, rates: PriorityRate, nowMs: number) {
    this.buckets = Array.from({ length: priorities }, (_, priority) => new TokenBucket(rateOf(rates, priority), nowMs));
  }

  allow(priority: number, rates: PriorityRate, nowMs: number): boolean {
    const deciding = this.buckets[priority] as TokenBucket;
    if (!deciding.allows(rateOf(rates, priority), nowMs, 1)) return false;
    for (let lower = priority; lower < this.buckets.length; lower++) {
      (this.buckets[lower] as TokenBucket).take(rateOf(rates, lower), nowMs, 1);
    }
    return true;
  }
}

function rateOf({ rate, operatorRate }: PriorityRate, priority: number): Rate {
  return priority === 0 ? operatorRate : rate;
}
