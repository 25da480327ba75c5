// Where log lines go: JSON as they are, or readable by pino-pretty. Main loop; the other threads' lines are written here too.

import { destination } from 'pino';
import type { LineSink } from './thread-logger.ts';

export type LogFormat = 'json' | 'pretty';

export interface LogOutput extends LineSink {
  /** Everything written so far is out when it returns. */
  flush(): void;
}

/** Lines that wait for a slow terminal or pipe before they are dropped: bounded memory, and the server goes on. */
const MAX_WAITING_BYTES = 16 * 1024 * 1024;

/** stderr: stdout belongs to what a command prints. */
const LOG_FILE_DESCRIPTOR = 2;

export async function createLogOutput(format: LogFormat): Promise<LogOutput> {
  const file = destination({ fd: LOG_FILE_DESCRIPTOR, sync: false, maxLength: MAX_WAITING_BYTES });
  // A closed pipe must not end the server; whoever closed it does not want the lines.
  file.on('error', () => {});
  const flush = () => {
    try {
      file.flushSync();
    } catch {
      // Not open yet, or nobody reads: nothing to save.
    }
  };
  if (format === 'json') {
    return { write: (line) => void file.write(`${line}\n`), flush };
  }
  const { prettyFactory } = await import('pino-pretty');
  const pretty = prettyFactory({
    colorize: process.stderr.isTTY === true,
    translateTime: 'SYS:HH:MM:ss.l',
    ignore: 'pid,hostname,thread',
    messageFormat: '{if thread}[{thread}] {end}{msg}',
  });
  return { write: (line) => void file.write(pretty(JSON.parse(line))), flush };
}
