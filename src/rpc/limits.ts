// Every limit of the gRPC servers: name, unit, default, reason and source. What happens at each limit is stated here too,
// so that an operator who meets one finds the answer in one place. Read by both transports. Main loop.

const KIB = 1024;
const MIB = 1024 * KIB;
const SECOND = 1000;
const MINUTE = 60 * SECOND;

/** gRPC keep-alive policy of a server (grpc/doc/keepalive.md; names and defaults as in Temporal's dynamic configuration). */
export interface KeepAlivePolicy {
  /** A client that pings more often than this gets GOAWAY ENHANCE_YOUR_CALM `too_many_pings`. */
  readonly minTimeMs: number;
  /** Whether pings without a call in progress are allowed at that rate. */
  readonly permitWithoutStream: boolean;
  /** A connection without calls for this long is sent away gracefully. */
  readonly maxConnectionIdleMs: number;
  /** A connection older than this (with 10 % jitter, against thundering herds) is sent away gracefully. */
  readonly maxConnectionAgeMs: number;
  /** Calls that are still open this long after the age limit are failed with UNAVAILABLE. */
  readonly maxConnectionAgeGraceMs: number;
  /** A connection that was silent for this long is pinged. */
  readonly timeMs: number;
  /** A connection that does not answer that ping within this time is closed. */
  readonly timeoutMs: number;
}

/** Limits of one listening gRPC server. */
export interface RpcLimits {
  /** Largest request message after decompression. Beyond: RESOURCE_EXHAUSTED, as grpc-go words it. */
  readonly maxReceiveMessageBytes: number;
  /** Connections at one time. Beyond: the socket is closed at accept. */
  readonly maxConnections: number;
  /** Connections from one address at one time. Beyond: the socket is closed at accept. */
  readonly maxConnectionsPerAddress: number;
  /** SETTINGS_MAX_CONCURRENT_STREAMS. Beyond: REFUSED_STREAM, which clients retry. */
  readonly maxStreamsPerConnection: number;
  /** SETTINGS_MAX_HEADER_LIST_SIZE, in RFC 7541 4.1 sizes. Beyond: RESOURCE_EXHAUSTED for the call. */
  readonly maxHeaderListBytes: number;
  /** Bytes of one header block on the wire, over all CONTINUATION frames. Beyond: the connection is closed. */
  readonly maxHeaderBlockBytes: number;
  /** Replies of one connection that wait for the peer. Beyond: requests that arrive wait too; at eight times: closed. */
  readonly maxPendingOutputBytes: number;
  /** Replies of all connections that wait for peers. Beyond: the connection that adds to it is closed. */
  readonly maxTotalPendingOutputBytes: number;
  /** Request bytes of one connection whose message is not complete. Beyond: RESOURCE_EXHAUSTED for the call. */
  readonly maxPendingRequestBytes: number;
  /** The same over all connections. */
  readonly maxTotalPendingRequestBytes: number;
  /** Time from accept to the client's SETTINGS (and, with TLS, to the end of the handshake). Beyond: closed. */
  readonly handshakeTimeoutMs: number;
  /** Time from a call's headers to the end of its request. Beyond: DEADLINE_EXCEEDED. Streams of messages are exempt. */
  readonly requestTimeoutMs: number;
  /** Time for which a peer may let replies wait without taking one byte. Beyond: the connection is closed. */
  readonly outputStallTimeoutMs: number;
  readonly keepAlive: KeepAlivePolicy;
}

export const DEFAULT_KEEP_ALIVE: KeepAlivePolicy = {
  // frontend.keepAliveMinTime and its siblings, temporal v1.31.2 common/dynamicconfig/constants.go
  minTimeMs: 10 * SECOND,
  permitWithoutStream: true,
  maxConnectionIdleMs: 2 * MINUTE,
  maxConnectionAgeMs: 5 * MINUTE,
  maxConnectionAgeGraceMs: 70 * SECOND,
  timeMs: 1 * MINUTE,
  timeoutMs: 10 * SECOND,
};

export const DEFAULT_RPC_LIMITS: RpcLimits = {
  maxReceiveMessageBytes: 4 * MIB, // grpc-go's defaultServerMaxReceiveMessageSize, which Temporal's frontend keeps
  maxConnections: 20_000, // twice the 10,000 idle connections that the abuse suite holds open
  maxConnectionsPerAddress: 20_000, // all of a cluster's workers may come through one NAT or proxy address
  maxStreamsPerConnection: 10_000, // a worker host with 1,000 pollers on one connection is common; grpc-go sets no limit
  maxHeaderListBytes: 64 * KIB, // tokens of 16 KiB occur; grpc-java refuses beyond 8 KiB, grpc-go beyond 16 MiB
  maxHeaderBlockBytes: 128 * KIB, // twice the list: incompressible text in literal form is shorter than its list size
  maxPendingOutputBytes: 32 * MIB, // eight answers of the largest size; eight times it are 64 of them in one turn
  maxTotalPendingOutputBytes: 512 * MIB, // keeps the process below 1 GiB under slow readers
  maxPendingRequestBytes: 64 * MIB, // sixteen of the largest requests in progress on one connection
  maxTotalPendingRequestBytes: 256 * MIB,
  handshakeTimeoutMs: 10 * SECOND, // grpc-go gives 120 s; ten are ample for TLS over a satellite
  requestTimeoutMs: 60 * SECOND, // 4 MiB at 70 kB/s
  outputStallTimeoutMs: 60 * SECOND,
  keepAlive: DEFAULT_KEEP_ALIVE,
};

/** Partial limits over the defaults. */
export type RpcLimitOverrides = Partial<Omit<RpcLimits, 'keepAlive'>> & {
  readonly keepAlive?: Partial<KeepAlivePolicy>;
};

export function rpcLimits(overrides: RpcLimitOverrides = {}): RpcLimits {
  return { ...DEFAULT_RPC_LIMITS, ...overrides, keepAlive: { ...DEFAULT_KEEP_ALIVE, ...overrides.keepAlive } };
}
