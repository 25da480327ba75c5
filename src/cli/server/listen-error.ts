// Why a port could not be opened, in words for the operator.

import { FatalError } from '../fatal.ts';

export function listenError(host: string, port: number, cause: unknown): Error {
  const { code, message } = cause as NodeJS.ErrnoException;
  const address = `${host}:${port}`;
  switch (code) {
    case 'EADDRINUSE':
      return new FatalError(`port ${port} on ${host} is already in use`, { cause });
    case 'EACCES':
      return new FatalError(`no permission to listen on ${address}`, { cause });
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return new FatalError(`this machine has no address ${host}`, { cause });
    default:
      return new FatalError(`cannot listen on ${address}: ${message}`, { cause });
  }
}
