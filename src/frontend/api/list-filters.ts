// The simple filters of ListOpen- and ListClosedWorkflowExecutions. Main loop.

import type { StartTimeFilter } from '#proto/temporal/api/filter/v1';
import { invalidArgument, permissionDenied } from '../../proto/service-errors.ts';
import type { RpcCall } from '../rpc-call.ts';
import { DISABLE_LIST_BY_FILTER } from '../settings.ts';

export function checkTimeFilter(filter: StartTimeFilter | undefined): void {
  const { earliestTime, latestTime } = filter ?? {};
  if (earliestTime !== undefined && latestTime !== undefined && earliestTime > latestTime) {
    throw invalidArgument('EarliestTime in StartTimeFilter should not be larger than LatestTime.');
  }
}

export function checkFilterAllowed(call: RpcCall): void {
  if (call.setting(DISABLE_LIST_BY_FILTER)) throw permissionDenied('List is disabled on this namespace.');
}
