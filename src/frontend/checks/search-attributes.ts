// The seam to the search attribute validator, which lives with visibility: the frontend only says when it is asked. Main loop.

import type { NamespaceRecord } from '#proto/ostinato/worker/v1';

export interface SearchAttributesCheck {
  /**
   * Checks names, types, values and sizes of encoded temporal.api.common.v1.SearchAttributes as Temporal's frontend does.
   * Throws ServiceError.
   */
  check(searchAttributes: Uint8Array, namespace: NamespaceRecord): void;
}
