// What a request's header block says (RFC 9113 section 8.3): collected and checked field by field as HPACK yields them. It is
// also the metadata that handlers see. One per stream. Main loop.

import { parseGrpcTimeout } from '../grpc/timeout.ts';
import type { RequestMetadata } from '../handler.ts';
import { ConnectionError, ErrorCode } from './errors.ts';
import { FieldKind, type HeaderField } from './header-field.ts';
import type { FieldSink } from './hpack-decoder.ts';

// Which fields were seen; the first four are bound to order or number.
const SEEN_REGULAR = 1;
const SEEN_PATH = 2;
const SEEN_METHOD = 4;
const SEEN_SCHEME = 8;
const SEEN_AUTHORITY = 16;
const SEEN_REQUIRED = SEEN_PATH | SEEN_METHOD | SEEN_SCHEME;
const SEEN_PSEUDO = SEEN_REQUIRED | SEEN_AUTHORITY;

/** A list this many times over the limit is no accident but an HPACK bomb: the connection ends. */
const BOMB_FACTOR = 16;

export class RequestHead implements RequestMetadata, FieldSink {
  path: HeaderField | undefined;
  method = '';
  contentType = '';
  encoding = '';
  /** The text of `grpc-timeout`, and its value: Infinity without one, NaN when malformed. */
  timeoutText = '';
  timeoutMs = Number.POSITIVE_INFINITY;
  /** -1 without a content-length. */
  contentLength = -1;
  /** RFC 9113 8.1.1: to be answered with a stream error. */
  malformed = false;
  /** Over SETTINGS_MAX_HEADER_LIST_SIZE. */
  tooLarge = false;
  readonly #fields: HeaderField[] = [];
  readonly #maxBytes: number;
  #sizeBytes = 0;
  #seen = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** Whether all that a request must have was there (RFC 9113 8.3.1). */
  get complete(): boolean {
    return !this.malformed && (this.#seen & SEEN_REQUIRED) === SEEN_REQUIRED;
  }

  /** Whether any pseudo-header field was there: trailers must have none (RFC 9113 8.1). */
  get hasPseudoHeader(): boolean {
    return (this.#seen & SEEN_PSEUDO) !== 0;
  }

  get(name: string): string | undefined {
    for (const field of this.#fields) if (field.name === name) return field.value;
    return undefined;
  }

  getAll(name: string): readonly string[] {
    const values: string[] = [];
    for (const field of this.#fields) if (field.name === name) values.push(field.value);
    return values;
  }

  addField(field: HeaderField): void {
    this.#sizeBytes += field.sizeBytes;
    if (this.#sizeBytes > this.#maxBytes) {
      this.#overflow();
      return;
    }
    switch (field.kind) {
      case FieldKind.OTHER:
        this.#regular(field);
        break;
      case FieldKind.PATH:
        this.#pseudo(SEEN_PATH, field);
        if (!isPath(field.value)) this.malformed = true;
        this.path = field;
        break;
      case FieldKind.METHOD:
        this.#pseudo(SEEN_METHOD, field);
        this.method = field.value;
        break;
      case FieldKind.SCHEME:
        this.#pseudo(SEEN_SCHEME, field);
        if (field.value !== 'http' && field.value !== 'https' && !SCHEME.test(field.value)) this.malformed = true;
        break;
      case FieldKind.AUTHORITY:
        this.#pseudo(SEEN_AUTHORITY, field);
        break;
      case FieldKind.CONTENT_TYPE:
        this.#regular(field);
        if (this.contentType === '') this.contentType = field.value; // of several the first counts, as in node:http2
        break;
      case FieldKind.GRPC_TIMEOUT:
        this.#regular(field);
        if (this.timeoutText === '') {
          this.timeoutText = field.value;
          this.timeoutMs = parseGrpcTimeout(field.value);
        }
        break;
      case FieldKind.GRPC_ENCODING:
        this.#regular(field);
        if (this.encoding === '') this.encoding = field.value;
        break;
      case FieldKind.TE:
        this.#regular(field);
        if (field.value !== 'trailers') this.malformed = true; // RFC 9113 8.2.2
        break;
      case FieldKind.CONTENT_LENGTH:
        this.#regular(field);
        this.#contentLength(field.value);
        break;
      default:
        this.malformed = true;
    }
  }

  #regular(field: HeaderField): void {
    this.#seen |= SEEN_REGULAR;
    this.#fields.push(field);
  }

  /** RFC 9113 8.3: each once, and all before the first regular field. */
  #pseudo(bit: number, field: HeaderField): void {
    if ((this.#seen & (SEEN_REGULAR | bit)) !== 0) this.malformed = true;
    this.#seen |= bit;
    if (bit === SEEN_AUTHORITY) this.#fields.push(field);
  }

  /** RFC 9110 8.6: digits; repeated ones must agree. */
  #contentLength(text: string): void {
    const length = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
    if (Number.isNaN(length) || (this.contentLength >= 0 && this.contentLength !== length)) this.malformed = true;
    else this.contentLength = length;
  }

  /** Decoding goes on, because the dynamic table must follow; nothing more is kept. */
  #overflow(): void {
    this.tooLarge = true;
    if (this.#sizeBytes > this.#maxBytes * BOMB_FACTOR) {
      throw new ConnectionError(ErrorCode.ENHANCE_YOUR_CALM, 'header list far over its limit');
    }
  }
}

/** RFC 3986 3.1. */
const SCHEME = /^[A-Za-z][A-Za-z0-9+.-]*$/;

/** RFC 9113 8.3.1: never empty, and begins with a slash but for the asterisk of OPTIONS. */
function isPath(value: string): boolean {
  return value.charCodeAt(0) === 0x2f || value === '*';
}
