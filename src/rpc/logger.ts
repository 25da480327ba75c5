// The part of pino's interface that the transports use, and a logger that is silent. Main loop.

export interface RpcLogger {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

function silent(): void {
  // no logger was given
}

export const NO_LOGGER: RpcLogger = { debug: silent, info: silent, warn: silent, error: silent };
