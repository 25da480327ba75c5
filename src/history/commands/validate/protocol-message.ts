// ProtocolMessage: where in the order of commands a message of the same call is handled.

import type { ProtocolMessageCommandAttributes } from '#proto/temporal/api/command/v1';
import { WorkflowTaskFailedCause } from '#proto/temporal/api/enums/v1';
import type { Message } from '#proto/temporal/api/protocol/v1';
import type { CommandContext } from './command-context.ts';
import { CommandError } from './command-error.ts';
import { checkSize } from './size-checks.ts';

const CAUSE = WorkflowTaskFailedCause.BAD_UPDATE_WORKFLOW_EXECUTION_MESSAGE;

export function validateProtocolMessage(attributes: ProtocolMessageCommandAttributes | undefined): {
  attributes: ProtocolMessageCommandAttributes;
} {
  if (attributes === undefined) {
    throw new CommandError(CAUSE, 'ProtocolMessageCommandAttributes is not set on ProtocolMessageCommand.');
  }
  if (attributes.messageId === '') throw new CommandError(CAUSE, 'MessageID is not set on ProtocolMessageCommand.');
  return { attributes };
}

/** Takes the message out of those not handled yet. Messages that no command names are handled after all commands. */
export function takeMessage(messages: Map<string, Message>, messageId: string): Message {
  const message = messages.get(messageId);
  if (message === undefined) {
    throw new CommandError(CAUSE, `ProtocolMessageCommand referenced absent message ID ${messageId}`);
  }
  messages.delete(messageId);
  return message;
}

/** The full name of a message's body, `temporal.api.update.v1.Acceptance`; the protocol is the package. */
export function messageTypeOf(message: Message): string {
  return message.body?.typeUrl.slice(message.body.typeUrl.lastIndexOf('/') + 1) ?? '';
}

export function validateMessageSize(message: Message, { limits }: Pick<CommandContext, 'limits'>): void {
  const { body } = message;
  if (body === undefined) return;
  checkSize(
    body.value.length + Buffer.byteLength(body.typeUrl),
    limits.blobSizeErrorBytes,
    CAUSE,
    `Message type ${messageTypeOf(message)} exceeds size limit.`,
  );
}
