// What connections need from their server: limits, methods, clock, shared pools, and the counts that become metrics. Main loop.

import type { MethodTable } from '../handler.ts';
import type { RpcLimits } from '../limits.ts';
import type { RpcLogger } from '../logger.ts';
import type { Http2Connection } from './connection.ts';
import type { DeadlineWheel } from './deadline-wheel.ts';
import type { FieldCache } from './field-cache.ts';
import type { SlabPool } from './output-buffer.ts';

export interface ConnectionHost {
  readonly limits: RpcLimits;
  readonly methods: MethodTable;
  readonly logger: RpcLogger;
  readonly slabs: SlabPool;
  readonly fields: FieldCache;
  readonly wheel: DeadlineWheel;
  readonly counts: TransportCounts;
  /** The clock as of the last read, in ms of `performance.now()`: one look at it serves all calls of a turn. */
  nowMs: number;
  /** Bytes over all connections, against the limits of the same names. */
  totalPendingOutputBytes: number;
  totalPendingRequestBytes: number;
  /** Looks at the clock. */
  readClock(): number;
  /** Has `connection.flush()` called at the end of this turn, once. */
  scheduleFlush(connection: Http2Connection): void;
  onConnectionClosed(connection: Http2Connection): void;
}

/** Plain counters: a call increments a few, the server carries them to the metrics once a second. */
export class TransportCounts {
  calls = 0;
  cancelled = 0;
  deadlines = 0;
  streamsRefused = 0;
  headersTooLarge = 0;
  messagesTooLarge = 0;
  requestBytesRefused = 0;
  requestTimeouts = 0;
  requestsHeld = 0;
  outputOverflows = 0;
  outputStalls = 0;
  protocolErrors = 0;
  floods = 0;
  tooManyPings = 0;
  keepAliveTimeouts = 0;
  agedOut = 0;
  idledOut = 0;
  bytesReceived = 0;
  bytesSent = 0;
  reads = 0;
  writes = 0;
  http1Requests = 0;
  notGrpc = 0;
  handshakeTimeouts = 0;
  connectionsAccepted = 0;
  connectionsRefused = 0;
}
