// What it takes to create a gRPC server, whichever transport is behind it. Main loop.

import type { SecureContextOptions } from 'node:tls';
import type { MethodTable } from './handler.ts';
import type { RpcLimitOverrides } from './limits.ts';
import type { RpcLogger } from './logger.ts';
import type { RpcMetrics } from './metrics.ts';

/** `ostinato` is our own HTTP/2; `node` is node:http2, kept to find faults by comparison. */
export type TransportName = 'ostinato' | 'node';

export interface TlsOptions extends Pick<SecureContextOptions, 'cert' | 'key' | 'ca' | 'passphrase' | 'minVersion'> {
  /** Refuse clients without a certificate that `ca` signed. */
  readonly requireClientCertificate?: boolean;
}

export interface RpcServerOptions {
  readonly transport?: TransportName;
  readonly host: string;
  /** 0 takes a free port. */
  readonly port: number;
  readonly tls?: TlsOptions | undefined;
  readonly methods: MethodTable;
  readonly limits?: RpcLimitOverrides;
  readonly metrics?: RpcMetrics;
  readonly logger?: RpcLogger;
}
