// Filters that parse but mean nothing. The texts are those of Temporal's SQL visibility. Used by the resolvers of this folder.

/** `message` stands behind "invalid query: " in what the client reads. */
export class FilterError extends Error {
  override readonly name = 'FilterError';
}

export const notSupported = (what: string): FilterError => new FilterError(`operation is not supported: ${what}`);
export const invalidExpression = (what: string): FilterError => new FilterError(`invalid expression: ${what}`);
