// Who is on the other end of a socket, in the form handlers see. Both transports. Main loop.

import type { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import type { Peer } from './handler.ts';

export function peerAddress(socket: Pick<Socket, 'remoteAddress' | 'remotePort'>): string {
  const address = socket.remoteAddress ?? 'unknown';
  return address.includes(':') ? `[${address}]:${socket.remotePort}` : `${address}:${socket.remotePort}`;
}

/** The client's certificate, if it presented one that the server's authorities signed. */
export function peerCertificate(socket: TLSSocket): Peer['certificate'] {
  if (!socket.authorized) return undefined;
  const certificate = socket.getPeerCertificate();
  if (certificate.raw === undefined) return undefined;
  const subject: Record<string, string> = {};
  for (const [key, value] of Object.entries(certificate.subject)) {
    if (value !== undefined) subject[key] = Array.isArray(value) ? value.join(',') : value;
  }
  return { raw: certificate.raw, subject };
}
