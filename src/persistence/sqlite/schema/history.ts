// Schema of a history partition file: everything that belongs to shards. Ids are kept as in id-column.ts. Run ids are in order of
// time and come first in keys, before the shard, so that what is written together lies together. Tables keep large rows in
// order of arrival, with an index over the key: a batch of appends fills few pages. Measured in
// native-free-bench/micro/store-commit; see docs/performance.md.

import type { SchemaStep } from '../../schema-version.ts';
import { historyVersion1 } from './history-v1.ts';
import { historyVersion2 } from './history-v2.ts';

export const historySchema: readonly SchemaStep[] = [historyVersion1, historyVersion2];
