/** JSON that is not the message it is read as. */
export class JsonDecodeError extends Error {
  override readonly name = 'JsonDecodeError';
}
