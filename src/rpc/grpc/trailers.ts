// How a status goes into trailers, and which response headers every call carries. Both transports. Main loop.

import type { RpcStatus } from '../handler.ts';
import { percentEncode } from './percent-encoding.ts';

export const GRPC_CONTENT_TYPE = 'application/grpc';
/** What this server can inflate, in its answer to every call (grpc/doc/compression.md). */
export const ACCEPTED_ENCODINGS = 'identity,gzip';

/** Longest status message sent, in UTF-16 units: grpc-java refuses trailers over 8 KiB, and a message is for people. */
const MAX_STATUS_MESSAGE_LENGTH = 4096;
/** Longest encoded `google.rpc.Status` sent: half of the smallest header limit that SDKs set by themselves (64 KiB). */
const MAX_STATUS_DETAILS_BYTES = 32 * 1024;

/** Name and value pairs, in the order in which they are sent. */
export type HeaderPairs = [name: string, value: string][];

export function statusTrailers(status: RpcStatus): HeaderPairs {
  const pairs: HeaderPairs = [['grpc-status', String(status.code)]];
  if (status.message !== '') pairs.push(['grpc-message', percentEncode(clip(status.message))]);
  const details = status.details;
  if (details !== undefined && details.length > 0 && details.length <= MAX_STATUS_DETAILS_BYTES) {
    // base64 without padding, as the protocol asks of senders
    pairs.push(['grpc-status-details-bin', base64(details).replace(/=+$/, '')]);
  }
  return pairs;
}

function clip(message: string): string {
  return message.length <= MAX_STATUS_MESSAGE_LENGTH ? message : message.slice(0, MAX_STATUS_MESSAGE_LENGTH - 1) + '…';
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64');
}

const HEADER_NAME = /^[0-9a-z_.-]+$/;
const HEADER_VALUE = /^[\x20-\x7e]*$/;
const RESERVED = /^(grpc-|:|content-type$|te$|connection$|transfer-encoding$|content-length$)/;

/** Throws on a response header that a handler must not set: a fault of ours, not of the client. */
export function assertResponseHeader(name: string, value: string): void {
  if (!HEADER_NAME.test(name) || RESERVED.test(name)) throw new TypeError(`response header name not allowed: ${name}`);
  if (!HEADER_VALUE.test(value)) throw new TypeError(`response header ${name} has a value that is not printable ASCII`);
}
