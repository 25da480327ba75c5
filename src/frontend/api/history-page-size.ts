// The page size of history reads. Main loop.

import type { RpcCall } from '../rpc-call.ts';
import { HISTORY_MAX_PAGE_SIZE } from '../settings.ts';

/** Events a page never exceeds, whatever the setting says (common/primitives GetHistoryMaxPageSize, v1.31). */
const MAX_PAGE_SIZE = 256;

/** The page size to put in the place of the requested one; undefined when that is good. */
export function historyPageSize(call: RpcCall, requested: number): number | undefined {
  const size = requested <= 0 ? call.setting(HISTORY_MAX_PAGE_SIZE) : requested;
  const limited = Math.min(size, MAX_PAGE_SIZE);
  return limited === requested ? undefined : limited;
}
