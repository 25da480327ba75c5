// Facts: what one thread tells all others without waiting for an answer. Bodies are the messages of proto/ostinato/runtime/v1
// that bear these names. Append only: the index is the fact's number in frames.

export const FACTS = ['NamespacesChanged', 'DynamicConfigChanged'] as const;
export type FactName = (typeof FACTS)[number];

/** The part of a thread's message hub that components get. */
export interface FactChannel {
  /** Reaches every thread of the process, the sender's too. */
  publish(fact: FactName, body: Uint8Array): void;
  subscribe(fact: FactName, listener: (body: Uint8Array) => void): void;
}
