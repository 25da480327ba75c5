// The neutral interface between a transport (http2/, node-http2/) and the services: what a gRPC call looks like to the
// code that answers it. Transports implement it, frontend and internode services are written against it. Main loop.

import type { TlsOptions } from './server-options.ts';

/** A gRPC status as it goes over the wire. `details` is an encoded google.rpc.Status (`grpc-status-details-bin`). */
export interface RpcStatus {
  readonly code: number;
  readonly message: string;
  readonly details?: Uint8Array | undefined;
}

/** Request metadata. Names are lower case. Binary values (`-bin`) are given as the base64 text that arrived. */
export interface RequestMetadata {
  get(name: string): string | undefined;
  getAll(name: string): readonly string[];
}

/** Who is on the other end of the connection. */
export interface Peer {
  /** Remote address, `127.0.0.1:51234` or `[::1]:51234`. */
  readonly address: string;
  /** DER of the client's certificate and its subject, when the connection is TLS and a certificate was presented. */
  readonly certificate?: { readonly raw: Uint8Array; readonly subject: Readonly<Record<string, string>> } | undefined;
}

/**
 * One call in progress. Exactly one of `respond`, `fail` or `end` finishes it; later calls are ignored, as are answers to a
 * call that was cancelled. Handlers may answer within their own turn or at any later time.
 */
export interface ServerCall {
  /** `/package.Service/Method`. */
  readonly path: string;
  readonly metadata: RequestMetadata;
  readonly peer: Peer;
  /** When the client gives up, on the clock of `performance.now()` in ms; `Infinity` without a deadline. */
  readonly deadlineMs: number;
  /** True once the client cancelled, the deadline passed, or the connection was lost. */
  readonly cancelled: boolean;
  /** Called at most once, within the turn in which the call is cancelled. One listener; setting it again replaces it. */
  onCancel(listener: () => void): void;
  /** Adds a response header; only before the first `write` or `respond`. */
  setHeader(name: string, value: string): void;
  /** Finishes a unary call with OK. The bytes may be kept by the transport until they are written: do not reuse them. */
  respond(message: Uint8Array): void;
  /** Finishes the call with a status other than OK. */
  fail(status: RpcStatus): void;
  /** Server streaming: sends one message. Returns false when the peer reads slowly; `onDrain` tells when to go on. */
  write(message: Uint8Array): boolean;
  onDrain(listener: () => void): void;
  /** Server streaming: finishes with OK. */
  end(): void;
}

/** Answers one method. `message` is a view into the read buffer, valid only until the handler returns: copy what is kept. */
export type UnaryHandler = (call: ServerCall, message: Uint8Array) => void;

/** Client-streaming and bidirectional methods (reflection): messages arrive one by one. */
export interface StreamListener {
  onMessage(message: Uint8Array): void;
  /** The client half-closed. */
  onEnd(): void;
}
export type StreamHandler = (call: ServerCall) => StreamListener;

export type MethodHandler =
  | { readonly kind: 'unary'; readonly handle: UnaryHandler }
  | { readonly kind: 'stream'; readonly handle: StreamHandler };

/** All methods a server answers, by full path. A path that is missing is answered UNIMPLEMENTED. */
export type MethodTable = ReadonlyMap<string, MethodHandler>;

/** A listening gRPC server, whichever transport is behind it. */
export interface RpcServer {
  /** Resolves with the address that was bound, once connections are accepted. */
  start(): Promise<{ readonly host: string; readonly port: number }>;
  /** Two-step GOAWAY, waits for calls in flight up to `graceMs`, then closes. Safe to call twice. */
  stop(graceMs: number): Promise<void>;
  /** Takes other certificates for connections to come; those that are open keep theirs. Throws on a server without TLS. */
  updateTls(options: TlsOptions): void;
}
