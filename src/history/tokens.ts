// Tokens that clients carry back: task tokens and history page tokens, and what is said of those that are not ours.

import { HistoryPageToken, type HistoryPageTokenInit, TaskToken } from '#proto/ostinato/token/v1';
import type { ServiceError } from '../base/service-error.ts';
import { invalidArgument } from '../proto/service-errors.ts';
import { WireError } from '../proto/wire.ts';
import { deserializingToken } from './errors.ts';

/** Throws INVALID_ARGUMENT for bytes that are no task token. */
export function decodeTaskToken(bytes: Uint8Array): TaskToken {
  return decode(TaskToken, bytes, deserializingToken);
}

export const encodeHistoryPageToken = (token: HistoryPageTokenInit): Uint8Array => HistoryPageToken.encode(token);

/** Throws INVALID_ARGUMENT for bytes that are no page token, or that belong to another run than the one asked for. */
export function decodeHistoryPageToken(bytes: Uint8Array, requestedRunId: string): HistoryPageToken {
  const token = decode(HistoryPageToken, bytes, invalidPageToken);
  if (token.runId === '') throw invalidPageToken();
  if (requestedRunId !== '' && token.runId !== requestedRunId) {
    throw invalidArgument('RunId in the request does not match the NextPageToken.');
  }
  return token;
}

const invalidPageToken = (): ServiceError => invalidArgument('Invalid NextPageToken.');

function decode<T>(codec: { decode(bytes: Uint8Array): T }, bytes: Uint8Array, problem: () => ServiceError): T {
  try {
    return codec.decode(bytes);
  } catch (error) {
    if (error instanceof WireError) throw problem();
    throw error;
  }
}
