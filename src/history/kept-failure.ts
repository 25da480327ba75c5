// The failure of an activity attempt as it is kept until the next one ends: one that is too large is cut, and says so.

import { Failure } from '#proto/temporal/api/failure/v1';
import { truncateFailure } from '../base/truncate-failure.ts';
import type { DynamicConfig } from '../config/dynamic-config.ts';
import type { Encoded } from '../proto/wire.ts';
import { ACTIVITY_FAILURE_SIZE_ERROR, ACTIVITY_FAILURE_SIZE_WARN } from './limits.ts';

export function keptFailure(
  config: DynamicConfig,
  namespace: string,
  failure: Encoded<Failure> | undefined,
): Encoded<Failure> | undefined {
  const constraints = { namespace };
  if (failure === undefined || failure.length <= config.get(ACTIVITY_FAILURE_SIZE_WARN, constraints)) return failure;
  const maxBytes = config.get(ACTIVITY_FAILURE_SIZE_ERROR, constraints);
  if (failure.length <= maxBytes) return failure;
  return Failure.encode({
    message: 'Failure exceeds size limit.',
    serverFailureInfo: { nonRetryable: false },
    cause: truncateFailure(failure, maxBytes),
  });
}
