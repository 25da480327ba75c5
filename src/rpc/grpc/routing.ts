// Decides what a request is before a handler sees it: a gRPC call to a known method, a gRPC call that fails with the message
// clients expect, or plain HTTP that gets an HTTP answer. Both transports. Main loop.

import type { MethodTable, RpcStatus } from '../handler.ts';
import { GrpcCode } from '../status.ts';
import { ACCEPTED_ENCODINGS } from './trailers.ts';

/** An answer to a request that is not gRPC. */
export interface HttpAnswer {
  readonly status: 404 | 405 | 415;
  readonly headers: readonly (readonly [string, string])[];
  readonly body: string;
}

const TEXT: readonly [string, string] = ['content-type', 'text/plain; charset=utf-8'];
const NOT_FOUND: HttpAnswer = { status: 404, headers: [TEXT], body: 'Not found. This port serves gRPC.\n' };
const NOT_POST: HttpAnswer = {
  status: 405,
  headers: [TEXT, ['allow', 'POST']],
  body: 'gRPC methods are called by POST.\n',
};
const NOT_GRPC: HttpAnswer = {
  status: 415,
  headers: [TEXT, ['accept', 'application/grpc']],
  body: 'This method takes content-type application/grpc.\n',
};

/** The HTTP answer for a request that is not gRPC, or undefined when it is (PROTOCOL-HTTP2.md, "Requests"). */
export function httpAnswerFor(
  method: string,
  contentType: string,
  path: string,
  table: MethodTable,
): HttpAnswer | undefined {
  if (method === 'POST' && isGrpcContentType(contentType)) return undefined;
  if (!table.has(path)) return NOT_FOUND;
  return method === 'POST' ? NOT_GRPC : NOT_POST;
}

/** `application/grpc`, alone or followed by `+subtype` or `;parameters`. `application/grpc-web` is another protocol. */
export function isGrpcContentType(contentType: string): boolean {
  if (contentType === 'application/grpc') return true;
  if (!contentType.startsWith('application/grpc')) return false;
  const next = contentType[16];
  return next === '+' || next === ';';
}

/** Worded as grpc-go does, because SDKs and tools match on it when they fall back from a method that is missing. */
export function unknownMethod(path: string, table: MethodTable): RpcStatus {
  const slash = path.lastIndexOf('/');
  if (path[0] !== '/' || slash < 1) {
    return { code: GrpcCode.UNIMPLEMENTED, message: `malformed method name: ${JSON.stringify(path)}` };
  }
  const prefix = path.slice(0, slash + 1);
  const service = path.slice(1, slash);
  for (const known of table.keys()) {
    if (known.startsWith(prefix)) {
      return {
        code: GrpcCode.UNIMPLEMENTED,
        message: `unknown method ${path.slice(slash + 1)} for service ${service}`,
      };
    }
  }
  return { code: GrpcCode.UNIMPLEMENTED, message: `unknown service ${service}` };
}

/** The answer to a `grpc-encoding` that is not installed; it goes with `grpc-accept-encoding` (grpc/doc/compression.md). */
export function unknownEncoding(encoding: string): RpcStatus {
  return {
    code: GrpcCode.UNIMPLEMENTED,
    message: `grpc: Decompressor is not installed for grpc-encoding "${encoding}"; this server accepts ${ACCEPTED_ENCODINGS}`,
  };
}

export function isKnownEncoding(encoding: string): boolean {
  return encoding === '' || encoding === 'identity' || encoding === 'gzip';
}

export function malformedTimeout(text: string): RpcStatus {
  return { code: GrpcCode.INTERNAL, message: `malformed grpc-timeout: ${JSON.stringify(text)}` };
}

export const DEADLINE_EXCEEDED: RpcStatus = { code: GrpcCode.DEADLINE_EXCEEDED, message: 'context deadline exceeded' };
export const REQUEST_TIMEOUT: RpcStatus = {
  code: GrpcCode.DEADLINE_EXCEEDED,
  message: 'the request did not arrive in time',
};
export const HEADERS_TOO_LARGE: RpcStatus = {
  code: GrpcCode.RESOURCE_EXHAUSTED,
  message: 'the request headers exceed the limit of this server',
};
export const SHUTTING_DOWN: RpcStatus = { code: GrpcCode.UNAVAILABLE, message: 'the server is shutting down' };
export const CONNECTION_AGED: RpcStatus = {
  code: GrpcCode.UNAVAILABLE,
  message: 'the connection reached its maximum age',
};

/** A handler that threw: our fault. The text stays in the log, the client learns no internals. */
export const HANDLER_FAILED: RpcStatus = { code: GrpcCode.INTERNAL, message: 'internal error' };
