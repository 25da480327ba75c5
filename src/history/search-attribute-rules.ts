// Search attributes as commands and API calls check them: the visibility module's rules with the settings of a namespace.

import type { NamespaceRecord } from '#proto/ostinato/worker/v1';
import { validateSearchAttributes } from '../visibility/search-attributes/validator.ts';
import type { SearchAttributeRules } from './commands/validate/index.ts';
import type { HistoryEngine } from './engine.ts';

export function searchAttributeRules(_engine: HistoryEngine, namespace: NamespaceRecord): SearchAttributeRules {
  return {
    // History keeps aliases; visibility maps them to columns when it writes.
    unalias: (attributes) => attributes,
    validate: (attributes) => validateSearchAttributes(namespace, attributes),
    validateSize: () => {},
  };
}
