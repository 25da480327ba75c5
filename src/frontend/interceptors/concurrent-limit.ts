// Limits how many calls of one waiting method a namespace has in progress at a time (concurrent_request_limit.go, v1.31). Main loop.

import { ResourceExhaustedCause, ResourceExhaustedScope } from '#proto/temporal/api/enums/v1';
import { resourceExhausted } from '../../proto/service-errors.ts';
import { WAITING_METHODS } from '../quotas/method-quotas.ts';
import { NAMESPACE_CONCURRENT_LIMIT } from '../settings.ts';
import type { Interceptor } from './interceptor.ts';
import { instrumentsOf } from './telemetry.ts';

export function concurrentLimit(): Interceptor {
  const inProgress = new Map<string, number>();
  return (call) => {
    const { method, waits } = call.rpc;
    if (!WAITING_METHODS.has(method) || waits?.(call.request) === false) return;
    const key = `${call.namespaceName}/${method}`;
    const count = (inProgress.get(key) ?? 0) + 1;
    inProgress.set(key, count);
    const release = (): void => {
      const left = (inProgress.get(key) ?? 1) - 1;
      if (left === 0) inProgress.delete(key);
      else inProgress.set(key, left);
    };
    call.release = release;
    instrumentsOf(call).pending.set(count);
    if (count > call.setting(NAMESPACE_CONCURRENT_LIMIT)) {
      throw resourceExhausted(
        'namespace concurrent poller limit exceeded',
        ResourceExhaustedCause.CONCURRENT_LIMIT,
        ResourceExhaustedScope.NAMESPACE,
      );
    }
  };
}
