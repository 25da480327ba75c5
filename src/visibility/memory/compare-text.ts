import { Buffer } from 'node:buffer';

/** By UTF-8 bytes, the order of the SQL stores; JavaScript's own order differs for characters beyond the basic plane. */
export function compareText(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}
