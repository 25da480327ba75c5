// A null or empty-list payload means "remove this field", so events that begin something new leave such fields out: a start,
// a continue-as-new, a child. An upsert keeps them. Source: common/payload/payload.go, v1.31.2.

import { Memo, SearchAttributes } from '#proto/temporal/api/common/v1';
import type { Encoded } from '../../proto/wire.ts';
import { mergePayloadMaps } from '../commands/validate/index.ts';

/** Undefined when nothing is left. */
export function withoutNullMemoFields(memo: Encoded<Memo> | undefined): Encoded<Memo> | undefined {
  if (memo === undefined || memo.length === 0) return undefined;
  const { fields } = Memo.decode(memo);
  const kept = mergePayloadMaps(new Map(), fields);
  if (kept.size === fields.size) return fields.size === 0 ? undefined : memo;
  return kept.size === 0 ? undefined : Memo.encode({ fields: kept });
}

/** Undefined when nothing is left. */
export function withoutNullSearchAttributes(
  attributes: Encoded<SearchAttributes> | undefined,
): Encoded<SearchAttributes> | undefined {
  if (attributes === undefined || attributes.length === 0) return undefined;
  const { indexedFields } = SearchAttributes.decode(attributes);
  const kept = mergePayloadMaps(new Map(), indexedFields);
  if (kept.size === indexedFields.size) return indexedFields.size === 0 ? undefined : attributes;
  return kept.size === 0 ? undefined : SearchAttributes.encode({ indexedFields: kept });
}
