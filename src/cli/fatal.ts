// An error that ends a command: one clear line for whoever typed it, exit code 1. Anything else that ends a command is our bug
// and comes with its stack.

export class FatalError extends Error {
  override readonly name = 'FatalError';
}

/** The line for an error of the operating system or a store, which already say what is wrong. */
export function fatalLine(error: unknown): string {
  if (!(error instanceof Error)) return `error: ${String(error)}`;
  return `error: ${error.message.split('\n', 1)[0]}`;
}
