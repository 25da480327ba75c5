// Keeps other web pages from calling the API in a visitor's name: a call that changes something must come from the UI's own origin, by the
// browser's word (Sec-Fetch-Site), or carry the token of a cookie that only this origin can read. As Temporal's UI server has it
// (server/csrf, ui-server v2.54; without origins to trust, as `temporal server start-dev` runs it). Main loop.

import { randomBytes, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';

const COOKIE = '_csrf';
const MAX_AGE_SECONDS = 24 * 60 * 60;
const TOKEN_BYTES = 16;

const SAFE_METHODS: ReadonlySet<string | undefined> = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE']);

export interface CsrfRefusal {
  readonly status: 400 | 403;
  readonly message: string;
}

/** Undefined: the request may go on. */
export function csrfRefusal(request: IncomingMessage): CsrfRefusal | undefined {
  if (SAFE_METHODS.has(request.method)) return undefined;
  // Nobody else's page knows that value.
  if (request.headers.authorization) return undefined;
  const site = request.headers['sec-fetch-site'];
  if (site === 'same-origin' || site === 'none') return undefined;
  if (site !== undefined && site !== 'same-site') return { status: 403, message: 'cross-site request blocked by CSRF' };
  const sent = request.headers['x-csrf-token'];
  if (typeof sent !== 'string') return { status: 400, message: 'missing csrf token in request header' };
  const token = tokenOf(request);
  return token !== undefined && equal(token, sent) ? undefined : { status: 403, message: 'invalid csrf token' };
}

/** The Set-Cookie header for a browser that has no token yet. */
export function csrfCookie(request: IncomingMessage): string | undefined {
  if (tokenOf(request) !== undefined) return undefined;
  const token = randomBytes(TOKEN_BYTES).toString('hex');
  return `${COOKIE}=${token}; Path=/; Max-Age=${MAX_AGE_SECONDS}; SameSite=Strict`;
}

function tokenOf({ headers }: IncomingMessage): string | undefined {
  for (const pair of (headers.cookie ?? '').split(';')) {
    const at = pair.indexOf('=');
    if (pair.slice(0, at).trim() === COOKIE) return pair.slice(at + 1).trim() || undefined;
  }
  return undefined;
}

function equal(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)];
  return left.length === right.length && timingSafeEqual(left, right);
}
