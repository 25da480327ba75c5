// What UpdateTaskQueueConfig makes of a task queue's configuration. Temporal: UpdateTaskQueueConfig and
// mergeFairnessWeightOverrides, service/matching v1.31.

import type { RateLimitConfig, TaskQueueConfig } from '#proto/temporal/api/taskqueue/v1';
import type {
  UpdateTaskQueueConfigRequest,
  UpdateTaskQueueConfigRequest_RateLimitUpdate,
} from '#proto/temporal/api/workflowservice/v1';
import { invalidArgument } from '../proto/service-errors.ts';

export function updatedConfig(
  config: TaskQueueConfig,
  update: UpdateTaskQueueConfigRequest,
  options: { readonly nowMs: number; readonly maxWeightOverrides: number },
): TaskQueueConfig {
  const weights = new Map(config.fairnessWeightOverrides);
  for (const [key, weight] of update.setFairnessWeightOverrides) weights.set(key, weight);
  for (const key of update.unsetFairnessWeightOverrides) weights.delete(key);
  if (update.setFairnessWeightOverrides.size > 0 && weights.size > options.maxWeightOverrides) {
    throw invalidArgument('fairness weight overrides update rejected: exceeding maximum key size');
  }
  return {
    queueRateLimit: rateLimit(config.queueRateLimit, update.updateQueueRateLimit, update.identity, options.nowMs),
    fairnessKeysRateLimitDefault: rateLimit(
      config.fairnessKeysRateLimitDefault,
      update.updateFairnessKeyRateLimitDefault,
      update.identity,
      options.nowMs,
    ),
    fairnessWeightOverrides: weights,
  };
}

/** An update without a limit takes the limit away and keeps who did it and why. */
function rateLimit(
  present: RateLimitConfig | undefined,
  update: UpdateTaskQueueConfigRequest_RateLimitUpdate | undefined,
  updateIdentity: string,
  nowMs: number,
): RateLimitConfig | undefined {
  if (update === undefined) return present;
  return { rateLimit: update.rateLimit, metadata: { reason: update.reason, updateIdentity, updateTime: nowMs } };
}
