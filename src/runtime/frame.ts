// What a ring carries: one frame is a header and one encoded protobuf message. Both ends of a link agree on it; any thread.

/** Kinds of frames; both threads come from one program, so numbers may change between versions. */
export const FrameKind = Object.freeze({
  REQUEST: 1,
  REPLY: 2,
  /** Body: google.rpc.Status. */
  ERROR: 3,
  /** The caller no longer waits for `correlationId`. */
  CANCEL: 4,
  /** A fact, without reply. */
  FACT: 5,
  /** A request that nobody waits for. */
  MESSAGE: 6,
  /** A reply that waits for its seal's outcome: `service` is the sealer's thread, `shardId` the seal's id. */
  SEALED_REPLY: 7,
  /** The outcome of the seal `correlationId`: `method` is 1 if it holds. */
  SEAL: 8,
});
export type FrameKind = (typeof FrameKind)[keyof typeof FrameKind];

export interface FrameHeader {
  kind: FrameKind;
  /** Number of the service in requests, of the fact in facts. */
  service: number;
  /** Index into the service's method list. */
  method: number;
  /** Chosen by the caller; unsigned 32 bits. */
  correlationId: number;
  /** Target shard of a history call, otherwise 0. */
  shardId: number;
  /** Absolute, Clock.nowMs(); Infinity without a deadline. */
  deadlineMs: number;
}
