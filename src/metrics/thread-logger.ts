// The logger of a thread that is not the main one: makes pino's JSON lines and hands them on in batches, in order. The main
// loop writes them (log-output.ts).

import type { Logger } from './logger.ts';

/** pino's numbers. */
export const LOG_LEVELS = { debug: 20, info: 30, warn: 40, error: 50, silent: 100 } as const;
export type LogLevel = keyof typeof LOG_LEVELS;

export interface LineSink {
  /** One JSON object without line end. */
  write(line: string): void;
}

export function createLineLogger(level: number, sink: LineSink, fields: object = {}): Logger {
  const log = (lineLevel: number, lineFields: object, message: string) => {
    const line = { level: lineLevel, time: Date.now(), ...fields, ...plain(lineFields), msg: message };
    sink.write(JSON.stringify(line, jsonValue));
  };
  const silent = () => {};
  const at = (lineLevel: number) =>
    lineLevel < level ? silent : (lineFields: object, message: string) => log(lineLevel, lineFields, message);
  return {
    debug: at(LOG_LEVELS.debug),
    info: at(LOG_LEVELS.info),
    warn: at(LOG_LEVELS.warn),
    error: at(LOG_LEVELS.error),
    child: (more) => createLineLogger(level, sink, { ...fields, ...plain(more) }),
  };
}

/** Errors carry nothing enumerable: their parts are named, as pino's serializer for `err` does. */
function plain(fields: object): object {
  const result: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(fields)) {
    result[name] = value instanceof Error ? errorFields(value) : value;
  }
  return result;
}

function errorFields(error: Error): object {
  const { code } = error as Error & { code?: unknown };
  return {
    type: error.name,
    message: error.message,
    ...(code === undefined ? {} : { code }),
    stack: error.stack,
    ...(error.cause instanceof Error ? { cause: errorFields(error.cause) } : {}),
  };
}

function jsonValue(_name: string, value: unknown): unknown {
  if (typeof value === 'bigint') return value.toString();
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64');
  return value;
}
