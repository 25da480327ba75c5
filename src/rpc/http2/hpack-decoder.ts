// HPACK decoding (RFC 7541): one decoder per connection, fed every header block in order, refused ones too, because each may
// change the dynamic table. Main loop.

import { ConnectionError, ErrorCode } from './errors.ts';
import { FieldCache } from './field-cache.ts';
import { FieldKind, HeaderField, isFieldValue, kindOfName } from './header-field.ts';
import { huffmanDecode } from './huffman.ts';
import { STATIC_TABLE } from './static-table.ts';

/** SETTINGS_HEADER_TABLE_SIZE: the default of RFC 9113 6.5.2, which all clients know without being told. */
export const HEADER_TABLE_BYTES = 4096;
/** The ring begins with this many slots, a power of two; it doubles as needed. Most clients keep about ten entries. */
const FIRST_RING_SLOTS = 16;
/** RFC 7541 5.1 leaves the limit to us: 4 continuation bytes reach 2^28, more than any block holds. */
const MAX_INTEGER_SHIFT = 21;
/** Strings up to this are built in JavaScript; beyond, a call into C++ pays. */
const SHORT_STRING_BYTES = 24;

const STATIC_FIELDS: readonly HeaderField[] = STATIC_TABLE.map(([name, value]) => {
  const field = new HeaderField(name, value, kindOfName(name));
  field.route = null; // shared by all servers, and no gRPC method is called `/` or `/index.html`
  return field;
});
const NO_RING: (HeaderField | undefined)[] = [];
const FIRST_DYNAMIC_INDEX = STATIC_FIELDS.length + 1;

/** Takes the fields of a block in order. */
export interface FieldSink {
  addField(field: HeaderField): void;
}

export class HpackDecoder {
  readonly #cache: FieldCache;
  #ring: (HeaderField | undefined)[] = NO_RING;
  #head = 0;
  #count = 0;
  #sizeBytes = 0;
  #maxBytes = HEADER_TABLE_BYTES;
  #at = 0;

  constructor(cache: FieldCache = new FieldCache()) {
    this.#cache = cache;
  }

  /** Decodes the block `bytes[from .. to)`. Throws COMPRESSION_ERROR, after which the connection is lost (RFC 7541 4). */
  decode(bytes: Buffer, from: number, to: number, sink: FieldSink): void {
    this.#at = from;
    let sizeUpdates = 2; // RFC 7541 4.2: at the block's start only, and no more than the smallest and the last value
    while (this.#at < to) {
      const first = bytes[this.#at++]!;
      if (first >= 0x80) {
        sink.addField(this.#entry(this.#integer(bytes, to, first, 0x7f))); // 6.1, indexed
      } else if (first >= 0x40) {
        const field = this.#literal(bytes, to, this.#integer(bytes, to, first, 0x3f), true); // 6.2.1, incremental indexing
        this.#add(field);
        sink.addField(field);
      } else if (first >= 0x20) {
        const maxBytes = this.#integer(bytes, to, first, 0x1f); // 6.3, size update
        if (sizeUpdates-- <= 0) throw broken('size update inside a block');
        if (maxBytes > HEADER_TABLE_BYTES) throw broken('size update over the setting');
        this.#maxBytes = maxBytes;
        this.#evict(maxBytes);
        continue;
      } else {
        sink.addField(this.#literal(bytes, to, this.#integer(bytes, to, first, 0x0f), false)); // 6.2.2 and 6.2.3
      }
      sizeUpdates = 0;
    }
  }

  /** RFC 7541 2.3.3: the static table, then the dynamic one from its newest entry. */
  #entry(index: number): HeaderField {
    if (index < FIRST_DYNAMIC_INDEX) {
      if (index === 0) throw broken('index 0');
      return STATIC_FIELDS[index - 1]!;
    }
    const age = index - FIRST_DYNAMIC_INDEX;
    if (age >= this.#count) throw broken('index beyond the table');
    return this.#ring[(this.#head - 1 - age) & (this.#ring.length - 1)]!;
  }

  #literal(bytes: Buffer, to: number, nameIndex: number, keeps: boolean): HeaderField {
    let name: string;
    let kind: number;
    if (nameIndex === 0) {
      name = this.#string(bytes, to);
      kind = kindOfName(name);
    } else {
      const named = this.#entry(nameIndex);
      name = named.name;
      kind = named.kind;
      // a bad value made its entry forbidden, not its name
      if (kind === FieldKind.FORBIDDEN) kind = kindOfName(name);
    }
    const value = this.#string(bytes, to);
    if (!isFieldValue(value)) kind = FieldKind.FORBIDDEN;
    return keeps ? this.#cache.share(name, value, kind) : new HeaderField(name, value, kind);
  }

  /** RFC 7541 4.4: makes room first; an entry larger than the table empties it. */
  #add(field: HeaderField): void {
    if (field.sizeBytes > this.#maxBytes) {
      this.#evict(0);
      return;
    }
    this.#evict(this.#maxBytes - field.sizeBytes);
    if (this.#count === this.#ring.length) this.#growRing();
    this.#ring[this.#head] = field;
    this.#head = (this.#head + 1) & (this.#ring.length - 1);
    this.#count++;
    this.#sizeBytes += field.sizeBytes;
  }

  #evict(maxBytes: number): void {
    while (this.#sizeBytes > maxBytes) {
      const oldest = (this.#head - this.#count) & (this.#ring.length - 1);
      this.#sizeBytes -= this.#ring[oldest]!.sizeBytes;
      this.#ring[oldest] = undefined;
      this.#count--;
    }
  }

  /** The ring is full: its oldest entry, at the head, comes first in the larger one. */
  #growRing(): void {
    const old = this.#ring;
    const grown = new Array<HeaderField | undefined>(Math.max(FIRST_RING_SLOTS, old.length * 2)).fill(undefined);
    for (let i = 0; i < this.#count; i++) grown[i] = old[(this.#head + i) & (old.length - 1)];
    this.#ring = grown;
    this.#head = this.#count;
  }

  /** RFC 7541 5.1, an integer whose prefix is `first & mask`. */
  #integer(bytes: Buffer, to: number, first: number, mask: number): number {
    let value = first & mask;
    if (value < mask) return value;
    let shift = 0;
    for (;;) {
      if (this.#at >= to || shift > MAX_INTEGER_SHIFT) throw broken('integer');
      const byte = bytes[this.#at++]!;
      value += (byte & 0x7f) << shift;
      if (byte < 0x80) return value;
      shift += 7;
    }
  }

  /** RFC 7541 5.2. Bytes become characters one by one (latin1): HTTP's field values are octets. */
  #string(bytes: Buffer, to: number): string {
    if (this.#at >= to) throw broken('string');
    const first = bytes[this.#at++]!;
    const length = this.#integer(bytes, to, first, 0x7f);
    const from = this.#at;
    const end = from + length;
    if (end > to) throw broken('string length');
    this.#at = end;
    if (first < 0x80) return latin1(bytes, from, end);
    const target = scratchFor(length * 2);
    const decoded = huffmanDecode(bytes, from, end, target);
    if (decoded < 0) throw broken('Huffman code');
    return latin1(target, 0, decoded);
  }
}

function latin1(bytes: Buffer, from: number, to: number): string {
  if (to - from > SHORT_STRING_BYTES) return bytes.toString('latin1', from, to);
  let text = '';
  for (let i = from; i < to; i++) text += String.fromCharCode(bytes[i]!);
  return text;
}

/** Decoded strings pass through here; nothing of it outlives a call. Grows to twice the largest header block. */
let scratch = Buffer.allocUnsafe(8192);

function scratchFor(length: number): Buffer {
  if (scratch.length < length) scratch = Buffer.allocUnsafe(length);
  return scratch;
}

function broken(what: string): ConnectionError {
  return new ConnectionError(ErrorCode.COMPRESSION_ERROR, `HPACK: ${what}`);
}
