// Calls to another host of the cluster: encoded request in, encoded response out, over @grpc/grpc-js. One client per host,
// shared by all calls to it. Failures are ServiceErrors, as if the handler had run here. Main loop.

import { isIP } from 'node:net';
import {
  type ChannelCredentials,
  Client,
  credentials,
  type ServiceError as GrpcFailure,
  Metadata,
} from '@grpc/grpc-js';
import { Status } from '#proto/google/rpc';
import { GrpcCode, ServiceError } from '../../base/service-error.ts';
import {
  DEFAULT_DEADLINE_MS,
  FIRST_RETRY_MS,
  KEEP_ALIVE_TIME_MS,
  KEEP_ALIVE_TIMEOUT_MS,
  MAX_ATTEMPTS,
  MAX_INTERNODE_MESSAGE_BYTES,
  MAX_RECONNECT_MS,
  MAX_RETRY_MS,
  MIN_RECONNECT_MS,
} from './client-options.ts';

export interface RpcClientOptions {
  /** `host:port`. */
  readonly address: string;
  readonly tls?: {
    readonly ca?: Buffer | undefined;
    readonly cert?: Buffer | undefined;
    readonly key?: Buffer | undefined;
    /** Verified instead of the address' host; needed when that is an IP address. */
    readonly serverName?: string | undefined;
  };
  /** Spread of the waits between tries, in [0, 1). */
  readonly random?: () => number;
}

export interface RpcCallOptions {
  /** From now; it covers all tries. */
  readonly timeoutMs?: number;
  readonly metadata?: Readonly<Record<string, string>>;
  /** Cancels the call, on the other host too. */
  readonly signal?: AbortSignal;
  /** False for a call that must not run twice even though its first try may have been lost. Default: true. */
  readonly retry?: boolean;
}

export interface RpcClient {
  /** Throws ServiceError. */
  call(path: string, request: Uint8Array, options?: RpcCallOptions): Promise<Uint8Array>;
  /** Calls in progress fail with CANCELLED. Safe to call twice. */
  close(): void;
}

export function createRpcClient(options: RpcClientOptions): RpcClient {
  return new GrpcJsClient(options);
}

class GrpcJsClient implements RpcClient {
  readonly #client: Client;
  readonly #address: string;
  readonly #random: () => number;
  readonly #inProgress = new Set<() => void>();

  constructor(options: RpcClientOptions) {
    this.#address = options.address;
    this.#random = options.random ?? Math.random;
    const serverName = options.tls?.serverName;
    if (options.tls !== undefined && serverName === undefined && isIpAddress(options.address)) {
      // RFC 6066 section 3, which Node enforces: an address is no server name
      throw new TypeError(`TLS to ${options.address} needs a serverName to verify`);
    }
    this.#client = new Client(options.address, channelCredentials(options.tls), {
      'grpc.max_receive_message_length': MAX_INTERNODE_MESSAGE_BYTES,
      'grpc.max_send_message_length': MAX_INTERNODE_MESSAGE_BYTES,
      'grpc.keepalive_time_ms': KEEP_ALIVE_TIME_MS,
      'grpc.keepalive_timeout_ms': KEEP_ALIVE_TIMEOUT_MS,
      'grpc.keepalive_permit_without_calls': 1,
      'grpc.initial_reconnect_backoff_ms': MIN_RECONNECT_MS,
      'grpc.max_reconnect_backoff_ms': MAX_RECONNECT_MS,
      'grpc.use_local_subchannel_pool': 1, // closing this client must not depend on others to the same host
      'grpc.enable_retries': 0, // retried here, with one deadline over all tries
      ...(serverName === undefined ? {} : { 'grpc.ssl_target_name_override': serverName }),
    });
  }

  async call(path: string, request: Uint8Array, options: RpcCallOptions = {}): Promise<Uint8Array> {
    const deadline = Date.now() + (options.timeoutMs ?? DEFAULT_DEADLINE_MS);
    const metadata = new Metadata();
    for (const [name, value] of Object.entries(options.metadata ?? {})) metadata.set(name, value);
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.#attempt(path, request, metadata, deadline, options.signal);
      } catch (error) {
        const again = error instanceof ServiceError && error.code === GrpcCode.UNAVAILABLE && options.retry !== false;
        const waitMs = this.#retryWait(attempt);
        if (!again || attempt >= MAX_ATTEMPTS || Date.now() + waitMs >= deadline) throw error;
        await abortableWait(waitMs, options.signal);
      }
    }
  }

  close(): void {
    for (const cancel of [...this.#inProgress]) cancel();
    this.#client.close();
  }

  #retryWait(attempt: number): number {
    return Math.min(MAX_RETRY_MS, FIRST_RETRY_MS * 2 ** (attempt - 1)) * (0.5 + this.#random() / 2);
  }

  #attempt(
    path: string,
    request: Uint8Array,
    metadata: Metadata,
    deadline: number,
    signal: AbortSignal | undefined,
  ): Promise<Uint8Array> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted === true) {
        reject(new ServiceError(GrpcCode.CANCELLED, 'context canceled'));
        return;
      }
      const call = this.#client.makeUnaryRequest(
        path,
        asBuffer,
        asBuffer,
        request,
        metadata,
        { deadline },
        (error, bytes) => {
          this.#inProgress.delete(cancel);
          signal?.removeEventListener('abort', cancel);
          if (error === null) resolve(bytes!);
          else reject(this.#serviceError(path, error));
        },
      );
      const cancel = (): void => call.cancel();
      this.#inProgress.add(cancel);
      signal?.addEventListener('abort', cancel);
    });
  }

  #serviceError(path: string, failure: GrpcFailure): ServiceError {
    const cause = { cause: new Error(`${path} at ${this.#address}`, { cause: failure }) };
    const [encoded] = failure.metadata.get('grpc-status-details-bin');
    const details = Buffer.isBuffer(encoded) ? Status.decode(encoded).details : [];
    return new ServiceError(failure.code as GrpcCode, failure.details, details, cause);
  }
}

function isIpAddress(address: string): boolean {
  const host = address.slice(0, address.lastIndexOf(':'));
  return isIP(host.replace(/^\[|\]$/g, '')) !== 0;
}

function channelCredentials(tls: RpcClientOptions['tls']): ChannelCredentials {
  if (tls === undefined) return credentials.createInsecure();
  return credentials.createSsl(tls.ca ?? null, tls.key ?? null, tls.cert ?? null);
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function abortableWait(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal?.addEventListener('abort', done);
  });
}
