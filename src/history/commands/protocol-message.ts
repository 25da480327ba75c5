import type { CommandHandler } from './command.ts';
import { validateProtocolMessage } from './validate/index.ts';

export const protocolMessage: CommandHandler = (completion, command) => {
  const { attributes } = validateProtocolMessage(command.protocolMessageCommandAttributes);
  completion.handleMessage(attributes.messageId);
};
