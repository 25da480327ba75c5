import type { WorkflowEnvironment } from './environment.ts';

/** An even spread over [0, 1), for jitter: another value at each call, without a source of randomness (multiplicative hashing). */
export function spread(environment: WorkflowEnvironment): number {
  return (Math.imul(environment.nextTaskId() % 2 ** 32, 0x9e3779b1) >>> 0) / 2 ** 32;
}
