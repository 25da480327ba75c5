/**
 * What follows from a decision outside of its shard. It waits for the commit that the decision is part of; under a seal it may be
 * on its way before (docs/decisions/0017).
 */
export interface Publication {
  /** The commit is being written, and may still fail. Not called for every commit. */
  sendAhead(): void;
  /** The commit is durable. */
  committed(): void;
  /** It is not, or nobody knows. */
  failed(): void;
}
