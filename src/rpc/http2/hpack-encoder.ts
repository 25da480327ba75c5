// HPACK encoding of what a gRPC server says (RFC 7541 section 6). Three fields occur in every answer; they are put into the
// peer's dynamic table by the first answer and are one byte each from then on. All others are literals. Main loop.

import { ACCEPTED_ENCODINGS, GRPC_CONTENT_TYPE, type HeaderPairs } from '../grpc/trailers.ts';
import { STATIC_TABLE } from './static-table.ts';

const STATUS_200 = 0x88; // static entry 8
const FIRST_DYNAMIC_INDEX = STATIC_TABLE.length + 1;
/** What our three entries take (RFC 7541 4.1), rounded up. With a smaller table at the peer nothing is indexed. */
const NEEDED_TABLE_BYTES = 256;
const SIZE_UPDATE_TO_ZERO = 0x20; // RFC 7541 6.3

const HEAD_FIELDS: HeaderPairs = [
  ['content-type', GRPC_CONTENT_TYPE],
  ['grpc-accept-encoding', ACCEPTED_ENCODINGS],
];
const OK_FIELD: HeaderPairs = [['grpc-status', '0']];

// How far the peer's dynamic table is filled by us; each answer moves on from one to the next, or stays.
const NOTHING_INDEXED = 0;
const HEAD_INDEXED = 1;
const ALL_INDEXED = 2;
const NEVER_INDEX = 3;

const LITERAL_HEAD = Buffer.concat([Buffer.of(STATUS_200), literals(HEAD_FIELDS, 0x00)]);
const HEAD_BLOCKS: readonly Buffer[] = [
  Buffer.concat([Buffer.of(STATUS_200), literals(HEAD_FIELDS, 0x40)]),
  indexedHead(FIRST_DYNAMIC_INDEX),
  indexedHead(FIRST_DYNAMIC_INDEX + 1), // one entry further away behind grpc-status
  LITERAL_HEAD,
];
const LITERAL_OK = literals(OK_FIELD, 0x00);
const OK_BLOCKS: readonly Buffer[] = [
  LITERAL_OK,
  literals(OK_FIELD, 0x40),
  Buffer.of(0x80 | FIRST_DYNAMIC_INDEX),
  LITERAL_OK,
];

/** One per connection. Each block must be sent in the order in which it was taken: taking one changes the peer's table. */
export class HpackEncoder {
  #state = NOTHING_INDEXED;
  #peerTableBytes = 4096;
  #sizeUpdateDue = false;

  /** The block that begins every gRPC answer: `:status 200` and the fields all answers share. */
  takeHead(): Buffer {
    const block = HEAD_BLOCKS[this.#state]!;
    if (this.#state === NOTHING_INDEXED) this.#state = HEAD_INDEXED;
    return this.#sizeUpdateDue ? this.#withSizeUpdate(block) : block;
  }

  /** The trailers of a call that went well. Never the first block on a connection: a head went before. */
  takeOkTrailers(): Buffer {
    const block = OK_BLOCKS[this.#state]!;
    if (this.#state === HEAD_INDEXED) this.#state = ALL_INDEXED;
    return this.#sizeUpdateDue ? this.#withSizeUpdate(block) : block;
  }

  /** Any other block. */
  takeLiterals(pairs: HeaderPairs): Buffer {
    const block = literals(pairs, 0x00);
    return this.#sizeUpdateDue ? this.#withSizeUpdate(block) : block;
  }

  /**
   * SETTINGS_HEADER_TABLE_SIZE of the peer. RFC 9113 4.3.1: after a reduction the next block begins with a size update; ours
   * empties the table for good, which every later size allows.
   */
  setPeerTableBytes(bytes: number): void {
    if (bytes < this.#peerTableBytes) {
      this.#sizeUpdateDue = true;
      this.#state = NEVER_INDEX;
    } else if (bytes < NEEDED_TABLE_BYTES) {
      this.#state = NEVER_INDEX;
    }
    this.#peerTableBytes = bytes;
  }

  #withSizeUpdate(block: Buffer): Buffer {
    this.#sizeUpdateDue = false;
    return Buffer.concat([Buffer.of(SIZE_UPDATE_TO_ZERO), block]);
  }
}

/** Literal fields: `representation` 0x00 is without indexing (RFC 7541 6.2.2), 0x40 with it (6.2.1). */
export function literals(pairs: HeaderPairs, representation: 0x00 | 0x40): Buffer {
  const parts: Buffer[] = [];
  for (const [name, value] of pairs) {
    const index = STATIC_TABLE.findIndex(([known]) => known === name) + 1;
    if (index > 0) parts.push(integer(index, representation === 0x40 ? 6 : 4, representation));
    else parts.push(Buffer.of(representation), text(name));
    parts.push(text(value));
  }
  return Buffer.concat(parts);
}

/** `:status` of an answer that is not gRPC. */
export function statusField(status: number): HeaderPairs {
  return [[':status', String(status)]];
}

function indexedHead(newest: number): Buffer {
  return Buffer.of(STATUS_200, 0x80 | (newest + 1), 0x80 | newest);
}

/** RFC 7541 5.2, not Huffman-coded: our strings are short, and decoding costs the client. */
function text(value: string): Buffer {
  const bytes = Buffer.from(value, 'latin1');
  return Buffer.concat([integer(bytes.length, 7, 0), bytes]);
}

/** RFC 7541 5.1. */
export function integer(value: number, prefixBits: number, firstByte: number): Buffer {
  const mask = (1 << prefixBits) - 1;
  if (value < mask) return Buffer.of(firstByte | value);
  const bytes = [firstByte | mask];
  let rest = value - mask;
  while (rest >= 128) {
    bytes.push((rest & 0x7f) | 0x80);
    rest = Math.floor(rest / 128);
  }
  bytes.push(rest);
  return Buffer.from(bytes);
}
