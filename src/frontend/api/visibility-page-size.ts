// The page size of visibility lists. Main loop.

import type { RpcCall } from '../rpc-call.ts';
import { VISIBILITY_MAX_PAGE_SIZE } from '../settings.ts';

/** The page size to put in the place of the requested one; undefined when that is good. */
export function visibilityPageSize(call: RpcCall, requested: number): number | undefined {
  const maxPageSize = call.setting(VISIBILITY_MAX_PAGE_SIZE);
  return requested <= 0 || requested > maxPageSize ? maxPageSize : undefined;
}
