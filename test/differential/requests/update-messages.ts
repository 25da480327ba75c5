// Messages about updates that a worker sends with its workflow task.

import {
  api,
  applicationFailure,
  type ProtocolMessage,
  payloads,
  type WorkflowTask,
} from '../../end-to-end/harness/api.ts';

/** What a worker answers to an update in a workflow task. */
export function updateMessages(message: ProtocolMessage, how: 'complete' | 'accept' | 'reject'): ProtocolMessage[] {
  const { Acceptance, Rejection, Request, Response } = api.update.v1;
  const request = Request.decode(message.body?.value as Uint8Array);
  const protocolInstanceId = message.protocolInstanceId ?? '';
  const wrap = (name: string, type: string, value: Uint8Array): ProtocolMessage => ({
    id: `${message.id}/${name}`,
    protocolInstanceId,
    body: { type_url: `type.googleapis.com/temporal.api.update.v1.${type}`, value },
  });
  const sequencing = message.eventId ?? null;
  if (how === 'reject') {
    const rejection = Rejection.encode({
      rejectedRequestMessageId: message.id ?? '',
      rejectedRequestSequencingEventId: sequencing,
      rejectedRequest: request,
      failure: applicationFailure('rejected'),
    });
    return [wrap('reject', 'Rejection', rejection.finish())];
  }
  const acceptance = Acceptance.encode({
    acceptedRequestMessageId: message.id ?? '',
    acceptedRequestSequencingEventId: sequencing,
    acceptedRequest: request,
  });
  const accepted = wrap('accept', 'Acceptance', acceptance.finish());
  if (how === 'accept') return [accepted];
  const response = Response.encode({ meta: request.meta ?? null, outcome: { success: payloads('updated') } });
  return [accepted, wrap('complete', 'Response', response.finish())];
}

/** Messages that no worker should send with its workflow task. */
export function oddMessages(oddity: string | undefined, task: WorkflowTask | undefined): ProtocolMessage[] {
  const { Acceptance, Response } = api.update.v1;
  const body = (type: string, value: Uint8Array) => ({ type_url: `type.googleapis.com/${type}`, value });
  const response = Response.encode({ meta: { updateId: 'nobody' }, outcome: { success: payloads('x') } }).finish();
  switch (oddity) {
    case 'unknownUpdate':
      return [{ id: 'm', protocolInstanceId: 'nobody', body: body('temporal.api.update.v1.Response', response) }];
    case 'emptyMessage':
      return [{ id: 'm', protocolInstanceId: 'nobody' }];
    case 'strangeMessage':
      return [{ id: 'm', protocolInstanceId: 'nobody', body: body('somebody.else.v1.Message', response) }];
    case 'wrongUpdate': {
      const [message] = task?.messages ?? [];
      if (!message) return [];
      const acceptance = Acceptance.encode({ acceptedRequestMessageId: 'another' }).finish();
      const accepted = body('temporal.api.update.v1.Acceptance', acceptance);
      // Completed before it is accepted.
      const early = body('temporal.api.update.v1.Response', response);
      const protocolInstanceId = message.protocolInstanceId ?? '';
      return [
        { id: 'm1', protocolInstanceId, body: early },
        { id: 'm2', protocolInstanceId, body: accepted },
      ];
    }
    default:
      return [];
  }
}
