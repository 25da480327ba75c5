// What the gRPC servers count, by name, and the small interface through which they count it. The composition root binds
// it to the metric registry; without one nothing is counted. Main loop.

export interface RpcCounter {
  add(value: number): void;
}

export interface RpcGauge {
  add(delta: number): void;
}

export interface RpcMetrics {
  counter(name: string, help: string): RpcCounter;
  gauge(name: string, help: string): RpcGauge;
}

const NO_INSTRUMENT = {
  add(_value: number): void {
    // nobody is counting
  },
};

export const NO_METRICS: RpcMetrics = { counter: () => NO_INSTRUMENT, gauge: () => NO_INSTRUMENT };

/** The transport's instruments, created once per server. */
export type TransportMetrics = ReturnType<typeof transportMetrics>;

export function transportMetrics(metrics: RpcMetrics) {
  return {
    connections: metrics.gauge('rpc_connections', 'Open connections'),
    connectionsAccepted: metrics.counter('rpc_connections_accepted_total', 'Connections accepted'),
    connectionsRefused: metrics.counter('rpc_connections_refused_total', 'Connections over a connection limit'),
    handshakeTimeouts: metrics.counter(
      'rpc_handshake_timeouts_total',
      'Connections that did not finish their handshake',
    ),
    streams: metrics.gauge('rpc_streams', 'Calls in progress'),
    calls: metrics.counter('rpc_calls_total', 'Calls received'),
    cancelled: metrics.counter('rpc_calls_cancelled_total', 'Calls cancelled by the client or with their connection'),
    deadlines: metrics.counter('rpc_deadlines_exceeded_total', 'Calls whose deadline passed'),
    streamsRefused: metrics.counter('rpc_streams_refused_total', 'Calls over the limit of streams of a connection'),
    headersTooLarge: metrics.counter('rpc_headers_too_large_total', 'Calls over the limit of header bytes'),
    messagesTooLarge: metrics.counter('rpc_messages_too_large_total', 'Calls over the limit of message bytes'),
    requestBytesRefused: metrics.counter(
      'rpc_request_buffer_full_total',
      'Calls over the limit of unfinished request bytes',
    ),
    requestTimeouts: metrics.counter('rpc_request_timeouts_total', 'Calls whose request did not arrive in time'),
    pendingRequestBytes: metrics.gauge('rpc_pending_request_bytes', 'Bytes of requests that are not complete'),
    pendingOutputBytes: metrics.gauge('rpc_pending_output_bytes', 'Bytes of replies that wait for their peers'),
    requestsHeld: metrics.counter('rpc_requests_held_total', 'Requests that waited for earlier replies to be taken'),
    outputOverflows: metrics.counter('rpc_output_overflows_total', 'Connections closed over pending output'),
    outputStalls: metrics.counter('rpc_output_stalls_total', 'Connections closed because their peer stopped reading'),
    protocolErrors: metrics.counter('rpc_protocol_errors_total', 'Connections closed for a violation of the protocol'),
    floods: metrics.counter('rpc_floods_total', 'Connections closed for too many costly frames'),
    tooManyPings: metrics.counter('rpc_too_many_pings_total', 'Connections closed for keep-alive pings in excess'),
    keepAliveTimeouts: metrics.counter(
      'rpc_keepalive_timeouts_total',
      'Connections that did not answer a keep-alive ping',
    ),
    agedOut: metrics.counter('rpc_connections_aged_total', 'Connections sent away at their maximum age'),
    idledOut: metrics.counter('rpc_connections_idle_total', 'Connections sent away after idling'),
    bytesReceived: metrics.counter('rpc_bytes_received_total', 'Bytes read from sockets'),
    bytesSent: metrics.counter('rpc_bytes_sent_total', 'Bytes written to sockets'),
    reads: metrics.counter('rpc_reads_total', 'Reads from sockets'),
    writes: metrics.counter('rpc_writes_total', 'Writes to sockets'),
    http1Requests: metrics.counter('rpc_http1_requests_total', 'Connections that spoke HTTP/1 to the gRPC port'),
    notGrpc: metrics.counter('rpc_not_grpc_total', 'HTTP/2 requests that were not gRPC'),
  };
}
