// The messages of the update protocol: their bodies in a google.protobuf.Any, and what makes one valid.

import type { Message } from '#proto/temporal/api/protocol/v1';
import { Acceptance, Rejection, Request, Response } from '#proto/temporal/api/update/v1';
import { invalidArgument } from '../../../proto/service-errors.ts';
import { WireError } from '../../../proto/wire.ts';

const TYPE_URL_PREFIX = 'type.googleapis.com/';
export const REQUEST_TYPE_URL = TYPE_URL_PREFIX + Request.typeName;
export const UPDATE_PROTOCOL = 'temporal.api.update.v1';

export type UpdateMessage =
  | { readonly kind: 'Acceptance'; readonly body: Acceptance }
  | { readonly kind: 'Rejection'; readonly body: Rejection }
  | { readonly kind: 'Response'; readonly body: Response };

/** Throws INVALID_ARGUMENT for a body that a worker may not send. */
export function decodeUpdateMessage(updateId: string, message: Message): UpdateMessage {
  const { body } = message;
  if (body === undefined) throw invalidArgument(`Update ${updateId} received message with nil body`);
  const typeName = body.typeUrl.slice(body.typeUrl.lastIndexOf('/') + 1);
  try {
    switch (typeName) {
      case Acceptance.typeName:
        return { kind: 'Acceptance', body: Acceptance.decode(body.value) };
      case Rejection.typeName:
        return { kind: 'Rejection', body: Rejection.decode(body.value) };
      case Response.typeName:
        return { kind: 'Response', body: Response.decode(body.value) };
    }
  } catch (error) {
    if (!(error instanceof WireError)) throw error;
    throw invalidArgument(`unable to unmarshal request: proto: ${error.message}`);
  }
  throw invalidArgument(`Message type *update.${typeName.slice(typeName.lastIndexOf('.') + 1)} not supported`);
}

const notSet = (kind: string, field: string) => invalidArgument(`invalid *update.${kind}: ${field} is not set`);

/** Throws INVALID_ARGUMENT. */
export function validateRequest(updateId: string, { meta, input }: Request): void {
  if (meta === undefined) throw notSet('Request', 'meta');
  checkUpdateId('Request', meta.updateId, updateId);
  if (input === undefined) throw notSet('Request', 'input');
  if (input.name === '') throw notSet('Request', 'input.name');
}

export function validateAcceptance(acceptance: Acceptance): void {
  if (acceptance.acceptedRequestSequencingEventId === 0) {
    throw notSet('Acceptance', 'accepted_request_sequencing_event_id');
  }
  if (acceptance.acceptedRequestMessageId === '') throw notSet('Acceptance', 'accepted_request_message_id');
}

export function validateResponse(updateId: string, { meta, outcome }: Response): void {
  if (meta === undefined) throw notSet('Response', 'meta');
  checkUpdateId('Response', meta.updateId, updateId);
  if (outcome === undefined) throw notSet('Response', 'outcome');
}

function checkUpdateId(kind: string, given: string, expected: string): void {
  if (given === '') throw notSet(kind, 'meta.update_id');
  if (given !== expected) throw invalidArgument(`invalid *update.${kind}: meta.update_id != ${expected}`);
}
