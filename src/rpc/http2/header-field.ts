// One header field as the decoder hands it out, and what its name means to this server. A field that the dynamic table holds
// is one object for all the calls that refer to it, so what is learnt about it once is known for all of them. Main loop.

import type { MethodHandler } from '../handler.ts';

/** RFC 7541 4.1: what an entry costs beyond its name and value. */
const ENTRY_OVERHEAD_BYTES = 32;

/** What a name means; the request head switches on it. */
export const FieldKind = {
  OTHER: 0,
  PATH: 1,
  METHOD: 2,
  SCHEME: 3,
  AUTHORITY: 4,
  CONTENT_TYPE: 5,
  CONTENT_LENGTH: 6,
  TE: 7,
  GRPC_TIMEOUT: 8,
  GRPC_ENCODING: 9,
  /** A name that makes the request malformed (RFC 9113 8.2.1, 8.2.2, 8.3). */
  FORBIDDEN: 10,
} as const;

const KIND_BY_NAME = new Map<string, number>([
  [':path', FieldKind.PATH],
  [':method', FieldKind.METHOD],
  [':scheme', FieldKind.SCHEME],
  [':authority', FieldKind.AUTHORITY],
  ['content-type', FieldKind.CONTENT_TYPE],
  ['content-length', FieldKind.CONTENT_LENGTH],
  ['te', FieldKind.TE],
  ['grpc-timeout', FieldKind.GRPC_TIMEOUT],
  ['grpc-encoding', FieldKind.GRPC_ENCODING],
  // RFC 9113 8.2.2: connection-specific fields
  ['connection', FieldKind.FORBIDDEN],
  ['proxy-connection', FieldKind.FORBIDDEN],
  ['keep-alive', FieldKind.FORBIDDEN],
  ['transfer-encoding', FieldKind.FORBIDDEN],
  ['upgrade', FieldKind.FORBIDDEN],
]);

/** RFC 9110 5.6.2 `token`, without upper case (RFC 9113 8.2.1). Pseudo-header fields are in the map above, or unknown. */
const FIELD_NAME = /^[!#$%&'*+\-.^_`|~0-9a-z]+$/;

export function kindOfName(name: string): number {
  return KIND_BY_NAME.get(name) ?? (FIELD_NAME.test(name) ? FieldKind.OTHER : FieldKind.FORBIDDEN);
}

/** RFC 9113 8.2.1: no NUL, CR or LF, and no blank at either end. */
export function isFieldValue(value: string): boolean {
  const length = value.length;
  if (length === 0) return true;
  const first = value.charCodeAt(0);
  const last = value.charCodeAt(length - 1);
  if (first === 0x20 || first === 0x09 || last === 0x20 || last === 0x09) return false;
  if (length > 32) return !(value.includes('\0') || value.includes('\r') || value.includes('\n'));
  for (let i = 0; i < length; i++) {
    const unit = value.charCodeAt(i);
    if (unit === 0 || unit === 0x0d || unit === 0x0a) return false;
  }
  return true;
}

export class HeaderField {
  readonly name: string;
  readonly value: string;
  readonly kind: number;
  /** RFC 7541 4.1. */
  readonly sizeBytes: number;
  /** For `:path`: the method behind it, looked up at first use. null: there is none. */
  route: MethodHandler | null | undefined;

  constructor(name: string, value: string, kind: number) {
    this.name = name;
    this.value = value;
    this.kind = kind;
    this.sizeBytes = name.length + value.length + ENTRY_OVERHEAD_BYTES;
    this.route = undefined;
  }
}
