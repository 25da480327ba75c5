// The frontend's check of search attributes, by visibility's validator under the limits of the dynamic configuration
// (common/dynamicconfig/constants.go, v1.31). Main loop.

import type { NamespaceRecord } from '#proto/ostinato/worker/v1';
import { type DynamicConfig, defineSetting, type Setting } from '../../config/dynamic-config.ts';
import { DEFAULT_SEARCH_ATTRIBUTE_LIMITS, validateSearchAttributes } from '../../visibility/index.ts';

const defaults = DEFAULT_SEARCH_ATTRIBUTE_LIMITS;

const int = (key: string, defaultValue: number) =>
  defineSetting({ key, type: 'int', scope: 'namespace', defaultValue });
const bool = (key: string, defaultValue: boolean) =>
  defineSetting({ key, type: 'bool', scope: 'namespace', defaultValue });

const NUMBER_OF_KEYS = int('frontend.searchAttributesNumberOfKeysLimit', defaults.numberOfKeys);
const SIZE_OF_VALUE = int('frontend.searchAttributesSizeOfValueLimit', defaults.sizeOfValueBytes);
const TOTAL_SIZE = int('frontend.searchAttributesTotalSizeLimit', defaults.totalSizeBytes);
const ALLOW_LIST = bool('system.visibilityAllowList', defaults.allowList);
const SUPPRESS_SYSTEM = bool(
  'system.suppressErrorSetSystemSearchAttribute',
  defaults.suppressErrorSetSystemSearchAttribute,
);

export function searchAttributesCheck(config: DynamicConfig) {
  return {
    check(searchAttributes: Uint8Array, namespace: NamespaceRecord): void {
      const constraints = { namespace: namespace.name };
      const limit = <T extends number | boolean>(setting: Setting<T>): T => config.get(setting, constraints);
      validateSearchAttributes(namespace, searchAttributes, {
        numberOfKeys: limit(NUMBER_OF_KEYS),
        sizeOfValueBytes: limit(SIZE_OF_VALUE),
        totalSizeBytes: limit(TOTAL_SIZE),
        allowList: limit(ALLOW_LIST),
        suppressErrorSetSystemSearchAttribute: limit(SUPPRESS_SYSTEM),
      });
    },
  };
}
