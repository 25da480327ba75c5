// A raw-bytes client over @grpc/grpc-js for the transport tests: one call, one promise, with everything that came back.

import {
  type CallOptions,
  type ChannelCredentials,
  Client,
  type ClientUnaryCall,
  credentials,
  Metadata,
  type ServiceError,
} from '@grpc/grpc-js';

export interface Answer {
  readonly code: number;
  readonly message: string;
  readonly bytes: Buffer | undefined;
  readonly headers: Metadata | undefined;
  readonly trailers: Metadata | undefined;
}

export interface RawClient {
  readonly client: Client;
  call(path: string, body: Uint8Array, options?: CallExtras): Promise<Answer>;
  /** Starts a call that can be cancelled. */
  start(path: string, body: Uint8Array, options?: CallExtras): { call: ClientUnaryCall; answer: Promise<Answer> };
  close(): void;
}

export interface CallExtras extends CallOptions {
  readonly metadata?: Readonly<Record<string, string | Buffer | readonly string[]>>;
}

export const raw = (bytes: Uint8Array): Buffer => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);

export function rawClient(
  port: number,
  options: { credentials?: ChannelCredentials; gzip?: boolean; channel?: Record<string, string | number> } = {},
): RawClient {
  const client = new Client(`127.0.0.1:${port}`, options.credentials ?? credentials.createInsecure(), {
    'grpc.max_receive_message_length': -1,
    'grpc.max_send_message_length': -1,
    'grpc.use_local_subchannel_pool': 1,
    // Node 26 takes no address for a server name, which is what grpc-js would ask for
    ...(options.credentials === undefined ? {} : { 'grpc.ssl_target_name_override': 'localhost' }),
    ...(options.gzip === true ? { 'grpc.default_compression_algorithm': 2 } : {}),
    ...options.channel,
  });
  const start: RawClient['start'] = (path, body, extras = {}) => {
    const { metadata: pairs, ...callOptions } = extras;
    const metadata = new Metadata();
    for (const [name, value] of Object.entries(pairs ?? {})) {
      if (Array.isArray(value)) for (const one of value as readonly string[]) metadata.add(name, one);
      else metadata.add(name, value as string | Buffer);
    }
    let headers: Metadata | undefined;
    let trailers: Metadata | undefined;
    let call!: ClientUnaryCall;
    const answer = new Promise<Answer>((resolve) => {
      let result: [ServiceError | null, Buffer | undefined] | undefined;
      let status: { code: number; details: string } | undefined;
      const settle = (): void => {
        if (result === undefined || status === undefined) return;
        resolve({ code: status.code, message: status.details, bytes: result[1], headers, trailers });
      };
      call = client.makeUnaryRequest(path, raw, raw, raw(body), metadata, callOptions, (error, value) => {
        result = [error, value];
        settle();
      });
      call.on('metadata', (received: Metadata) => {
        headers = received;
      });
      call.on('status', (received: { code: number; details: string; metadata: Metadata }) => {
        status = received;
        trailers = received.metadata;
        settle();
      });
    });
    return { call, answer };
  };
  return { client, start, call: (path, body, extras) => start(path, body, extras).answer, close: () => client.close() };
}

/** Waits until `holds()` does, polling, and fails after `timeoutMs`. */
export async function eventually(holds: () => boolean, what: string, timeoutMs = 5000): Promise<void> {
  const end = Date.now() + timeoutMs;
  while (!holds()) {
    if (Date.now() > end) throw new Error(`not within ${timeoutMs} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
