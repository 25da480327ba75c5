// The namespace of a request of which nothing else is needed. Main loop.

import { Reader } from '../proto/wire.ts';

/** Field 1 of the requests that this reads. */
const NAMESPACE_TAG = 10;

export function readNamespace(message: Uint8Array): { readonly namespace: string } {
  const reader = new Reader(message);
  let namespace = '';
  while (reader.pos < reader.end) {
    const tag = reader.uint32();
    if (tag === NAMESPACE_TAG) namespace = reader.string();
    else reader.skip(tag);
  }
  return { namespace };
}
