// Where completion callbacks may go: component.callbacks.allowedAddresses (components/callbacks/config.go, v1.31). Main loop.

import { defineSetting } from '../../config/dynamic-config.ts';
import { invalidArgument } from '../../proto/service-errors.ts';
import type { RpcCall } from '../rpc-call.ts';
import { wildcardPattern } from './wildcard.ts';

/** A list of `{ Pattern: 'host:port with *', AllowInsecure: bool }`. None: no outside address is allowed. */
export const ALLOWED_ADDRESSES = defineSetting({
  key: 'component.callbacks.allowedAddresses',
  type: 'map',
  scope: 'namespace',
  defaultValue: {} as Readonly<Record<string, unknown>>,
});

/** Callbacks within the server. */
const OWN_ADDRESSES: ReadonlySet<string> = new Set(['temporal://system', 'temporal://internal']);

interface AddressRule {
  readonly pattern: RegExp;
  readonly allowInsecure: boolean;
}

export function checkCallbackAddress(call: RpcCall, address: string): void {
  if (OWN_ADDRESSES.has(address)) return;
  const { scheme, host } = splitAddress(address);
  if (scheme !== 'http' && scheme !== 'https') throw invalidArgument(`invalid url: unknown scheme: ${address}`);
  if (host === '') throw invalidArgument('invalid url: missing host');
  for (const rule of rulesOf(call.setting(ALLOWED_ADDRESSES))) {
    if (!rule.pattern.test(host)) continue;
    if (rule.allowInsecure || scheme === 'https') return;
    throw invalidArgument(`invalid url: callback address does not allow insecure connections: ${address}`);
  }
  throw invalidArgument(`invalid url: url does not match any configured callback address: ${address}`);
}

function splitAddress(address: string): { readonly scheme: string; readonly host: string } {
  const match = /^(?:([A-Za-z][A-Za-z0-9+.-]*):)?(?:\/\/(?:[^/?#@]*@)?([^/?#]*))?/.exec(address);
  return { scheme: (match?.[1] ?? '').toLowerCase(), host: match?.[2] ?? '' };
}

function rulesOf(setting: unknown): readonly AddressRule[] {
  if (!Array.isArray(setting)) return [];
  return setting.flatMap((entry: unknown) => {
    const { Pattern, AllowInsecure } = (entry ?? {}) as { Pattern?: unknown; AllowInsecure?: unknown };
    if (typeof Pattern !== 'string' || Pattern === '') return [];
    return [{ pattern: wildcardPattern(Pattern), allowInsecure: AllowInsecure === true }];
  });
}
