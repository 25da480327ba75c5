// From a step of a program, with its oddity, to the request or command that is sent.

export { commandOf } from './command.ts';
export { MOVES_BY_ITSELF } from './moves-by-itself.ts';
export type { Names } from './names.ts';
export { startActivityRequest } from './start-activity.ts';
export { startRequest } from './start-request.ts';
export { oddMessages, updateMessages } from './update-messages.ts';
