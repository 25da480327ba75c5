import type { FieldMask } from '#proto/google/protobuf';

/** The mask's paths in JSON's names: `retry_policy.maximum_attempts` as `retryPolicy.maximumAttempts` (ParseFieldMask, v1.31). */
export function camelPaths(mask: FieldMask | undefined): ReadonlySet<string> {
  return new Set((mask?.paths ?? []).map(camelPath));
}

export const camelPath = (path: string): string => path.split('.').map(camel).join('.');

function camel(part: string): string {
  const [first = '', ...words] = part.split('_');
  const title = (word: string) => word.charAt(0).toUpperCase() + word.slice(1).toLowerCase();
  return first.charAt(0).toLowerCase() + first.slice(1) + words.map(title).join('');
}
