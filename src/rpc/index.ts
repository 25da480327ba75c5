// The door of the gRPC layer: creates servers on either transport, and re-exports what services are written against.

import type { RpcServer } from './handler.ts';
import { createHttp2Server } from './http2/server.ts';
import { createNodeHttp2Server } from './node-http2/server.ts';
import type { RpcServerOptions } from './server-options.ts';

export type {
  MethodHandler,
  MethodTable,
  Peer,
  RequestMetadata,
  RpcServer,
  RpcStatus,
  ServerCall,
  StreamHandler,
  StreamListener,
  UnaryHandler,
} from './handler.ts';
export { keepAlivePolicy } from './keep-alive-settings.ts';
export { DEFAULT_RPC_LIMITS, type RpcLimitOverrides, type RpcLimits } from './limits.ts';
export type { RpcLogger } from './logger.ts';
export type { RpcMetrics } from './metrics.ts';
export type { RpcServerOptions, TlsOptions, TransportName } from './server-options.ts';
export { decodeStatusDetails, encodeStatusDetails, GrpcCode, rpcStatus, type StatusDetail } from './status.ts';

/** A gRPC server that is not listening yet: `start()` it. */
export function createRpcServer(options: RpcServerOptions): RpcServer {
  return options.transport === 'node' ? createNodeHttp2Server(options) : createHttp2Server(options);
}
