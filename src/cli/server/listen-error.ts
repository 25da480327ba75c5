// Why a port could not be opened, in words for the operator.

import { FatalError } from '../fatal.ts';

/** `hint` names a way out, for a port that nobody asked for. */
export function listenError(host: string, port: number, cause: unknown, hint?: string): Error {
  const { code, message } = cause as NodeJS.ErrnoException;
  const address = `${host}:${port}`;
  switch (code) {
    case 'EADDRINUSE':
      return new FatalError(`port ${port} on ${host} is already in use${hint === undefined ? '' : ` (${hint})`}`, {
        cause,
      });
    case 'EACCES':
      return new FatalError(`no permission to listen on ${address}`, { cause });
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return new FatalError(`this machine has no address ${host}`, { cause });
    default:
      return new FatalError(`cannot listen on ${address}: ${message}`, { cause });
  }
}
