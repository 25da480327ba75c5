// Bytes that are not the request message. Whoever decodes a request says so with this error; the frontend answers it as grpc-go
// answers what it cannot unmarshal, before any interceptor. Any thread.

import { GrpcCode, ServiceError } from '../base/service-error.ts';
import { WireError } from './wire.ts';

/** Marks the error on its way to the frontend, which takes the mark off. */
export const UNREADABLE_REQUEST = 'ostinato.runtime.v1.UnreadableRequest';
const INVALID_UTF8 = 'string field contains invalid UTF-8';

export function unreadableRequest(error: WireError): ServiceError {
  const reason = error.message === INVALID_UTF8 ? INVALID_UTF8 : 'proto: cannot parse invalid wire-format data';
  const mark = { typeUrl: `type.googleapis.com/${UNREADABLE_REQUEST}`, value: Buffer.alloc(0) };
  return new ServiceError(GrpcCode.INTERNAL, `grpc: error unmarshalling request: ${reason}`, [mark], { cause: error });
}

/** Decodes what a client sent. */
export function decodeRequest<T>(codec: { decode(bytes: Uint8Array): T }, bytes: Uint8Array): T {
  try {
    return codec.decode(bytes);
  } catch (error) {
    throw error instanceof WireError ? unreadableRequest(error) : error;
  }
}
