// Everything a server process needs to know to start, wherever it came from: flags (start-dev) or static YAML (start).

import type { ConfiguredValues } from '../../config/configured-values.ts';
import type { StaticTls } from '../../config/static-tls.ts';
import type { WebUiOptions } from '../../frontend/web/index.ts';
import type { LogFormat } from '../../metrics/log-output.ts';
import type { LogLevel } from '../../metrics/thread-logger.ts';
import type { ClusterInfo } from '../../namespace/index.ts';
import type { StoreDescription } from '../../persistence/index.ts';
import type { TransportName } from '../../rpc/index.ts';

export interface ServerOptions {
  readonly store: StoreDescription;
  /** Applied at start; a server that finds an older schema without it refuses to start. */
  readonly upgradeSchema: boolean;
  /** Undefined: follows the cores. */
  readonly historyThreads: number | undefined;
  /** Of a new data set; an existing one keeps its number. */
  readonly shardCount: number;
  readonly transport: TransportName;
  readonly host: string;
  readonly grpcPort: number;
  /** Of the gRPC port and the HTTP API. Undefined: plain text. */
  readonly tls: StaticTls | undefined;
  /** Undefined: not served. */
  readonly http: ListenAddress | undefined;
  /** Undefined: not served. */
  readonly webUi: WebUiServerOptions | undefined;
  readonly metrics: ListenAddress | undefined;
  readonly logLevel: LogLevel;
  readonly logFormat: LogFormat;
  readonly dynamicConfig: {
    readonly file: string | undefined;
    readonly pollIntervalMs: number | undefined;
    /** Over the file's. */
    readonly overrides: ConfiguredValues;
  };
  readonly cluster: ClusterInfo;
  /** Registered at start if they are missing. */
  readonly namespaces: readonly string[];
  /** Registered in each of these namespaces. */
  readonly searchAttributes: readonly { readonly name: string; readonly type: number }[];
}

/** What the Web UI's listener is told by whoever configures it. */
export type WebUiServerOptions = Omit<WebUiOptions, 'methods' | 'serverVersion' | 'logger'>;

/** Port 0 takes a free one. */
export interface ListenAddress {
  readonly host: string;
  readonly port: number;
}

/** What the other threads are told; survives structured clone. */
export interface ThreadSettings {
  readonly store: StoreDescription;
  readonly hostName: string;
  readonly dynamicValues: ConfiguredValues;
  readonly cluster: ClusterInfo;
}
