import type { WorkflowEnvironment } from './environment.ts';

/** An even spread over [0, 1), for jitter: another value at each call, without a source of randomness. */
export function spread(environment: WorkflowEnvironment): number {
  return spreadOf(environment.nextTaskId());
}

/** The same for a count: its neighbours lie far away (multiplicative hashing). */
export function spreadOf(count: number): number {
  return (Math.imul(count % 2 ** 32, 0x9e3779b1) >>> 0) / 2 ** 32;
}
