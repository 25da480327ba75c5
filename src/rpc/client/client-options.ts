// Limits and times of the client for calls between hosts, named, with reason and source. Main loop.

/** As Temporal's maxInternodeRecvPayloadSize (common/rpc/grpc.go, v1.31.2). */
export const MAX_INTERNODE_MESSAGE_BYTES = 128 * 1024 * 1024;
/** Temporal's internode keep-alive (common/rpc/rpc.go, ClientConnectionConfig): a silent connection is pinged. */
export const KEEP_ALIVE_TIME_MS = 30_000;
export const KEEP_ALIVE_TIMEOUT_MS = 10_000;
/** A call without a deadline of its own: longer than the longest poll (frontend's 60 s and its grace). */
export const DEFAULT_DEADLINE_MS = 90_000;
/** Tries of one call while the other host is unavailable; membership moves its shards elsewhere within seconds. */
export const MAX_ATTEMPTS = 5;
/** Wait before the second try; doubled for each further one, with half of it at random. */
export const FIRST_RETRY_MS = 20;
export const MAX_RETRY_MS = 1_000;
/** Reconnection waits of grpc-js: it begins at 1 s by default, long for a host that only restarts. */
export const MIN_RECONNECT_MS = 100;
export const MAX_RECONNECT_MS = 2_000;
