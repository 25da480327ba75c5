// The examples of RFC 7541 appendix C, and what the RFC calls an error.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ConnectionError } from './errors.ts';
import { FieldKind, type HeaderField } from './header-field.ts';
import { HpackDecoder } from './hpack-decoder.ts';
import { integer, literals } from './hpack-encoder.ts';

function decode(decoder: HpackDecoder, hex: string): string[] {
  const bytes = Buffer.from(hex.replaceAll(' ', ''), 'hex');
  return decodeBytes(decoder, bytes).map(({ name, value }) => `${name}: ${value}`);
}

function decodeBytes(decoder: HpackDecoder, bytes: Buffer): HeaderField[] {
  const fields: HeaderField[] = [];
  decoder.decode(bytes, 0, bytes.length, { addField: (field) => fields.push(field) });
  return fields;
}

function fails(hex: string, what: RegExp): void {
  const code = { name: 'ConnectionError', code: 9, message: what };
  assert.throws(() => decode(new HpackDecoder(), hex), code);
}

const FIRST = [':method: GET', ':scheme: http', ':path: /', ':authority: www.example.com'];
const THIRD = [
  ':method: GET',
  ':scheme: https',
  ':path: /index.html',
  ':authority: www.example.com',
  'custom-key: custom-value',
];

describe('HPACK decoding', () => {
  it('reads requests without Huffman coding (RFC 7541 C.3)', () => {
    const decoder = new HpackDecoder();
    assert.deepEqual(decode(decoder, '8286 8441 0f77 7777 2e65 7861 6d70 6c65 2e63 6f6d'), FIRST);
    assert.deepEqual(decode(decoder, '8286 84be 5808 6e6f 2d63 6163 6865'), [...FIRST, 'cache-control: no-cache']);
    assert.deepEqual(
      decode(decoder, '8287 85bf 400a 6375 7374 6f6d 2d6b 6579 0c63 7573 746f 6d2d 7661 6c75 65'),
      THIRD,
    );
  });

  it('reads requests with Huffman coding (RFC 7541 C.4)', () => {
    const decoder = new HpackDecoder();
    assert.deepEqual(decode(decoder, '8286 8441 8cf1 e3c2 e5f2 3a6b a0ab 90f4 ff'), FIRST);
    assert.deepEqual(decode(decoder, '8286 84be 5886 a8eb 1064 9cbf'), [...FIRST, 'cache-control: no-cache']);
    assert.deepEqual(decode(decoder, '8287 85bf 4088 25a8 49e9 5ba9 7d7f 8925 a849 e95b b8e8 b4bf'), THIRD);
  });

  it('reads literals without indexing and never indexed (RFC 7541 C.2)', () => {
    const decoder = new HpackDecoder();
    assert.deepEqual(decode(decoder, '040c 2f73 616d 706c 652f 7061 7468'), [':path: /sample/path']);
    assert.deepEqual(decode(decoder, '1008 7061 7373 776f 7264 0673 6563 7265 74'), ['password: secret']);
    assert.throws(() => decode(decoder, 'be'), ConnectionError);
  });

  it('gives all references to an entry the same object', () => {
    const decoder = new HpackDecoder();
    const [first] = decodeBytes(decoder, literals([[':path', '/a.B/C']], 0x40));
    assert.equal(decodeBytes(decoder, Buffer.of(0xbe))[0], first);
  });

  it('evicts the oldest entries when the table is full (RFC 7541 4.4)', () => {
    const decoder = new HpackDecoder();
    for (let i = 0; i < 200; i++) decodeBytes(decoder, literals([[`x-${i}`, 'v'.repeat(60)]], 0x40));
    // 4,096 / (name + 60 + 32) entries are left
    const left = Math.floor(4096 / (5 + 60 + 32));
    assert.equal(decodeBytes(decoder, Buffer.of(0x80 | 62))[0]!.name, 'x-199');
    assert.equal(decodeBytes(decoder, Buffer.of(0x80 | (61 + left)))[0]!.name, `x-${200 - left}`);
    assert.throws(() => decodeBytes(decoder, Buffer.of(0x80 | (62 + left))), ConnectionError);
  });

  it('empties the table for an entry that is larger than it (RFC 7541 4.4)', () => {
    const decoder = new HpackDecoder();
    decodeBytes(decoder, literals([['x-small', 'v']], 0x40));
    assert.equal(decodeBytes(decoder, literals([['x-large', 'v'.repeat(5000)]], 0x40))[0]!.value.length, 5000);
    assert.throws(() => decodeBytes(decoder, Buffer.of(0xbe)), ConnectionError);
  });

  it('follows size updates at the start of a block (RFC 7541 4.2)', () => {
    const decoder = new HpackDecoder();
    decodeBytes(decoder, literals([['x-a', '1']], 0x40));
    decodeBytes(decoder, Buffer.concat([integer(0, 5, 0x20), integer(4096, 5, 0x20), Buffer.of(0x82)]));
    assert.throws(() => decodeBytes(decoder, Buffer.of(0xbe)), ConnectionError);
    const small = new HpackDecoder();
    decodeBytes(small, Buffer.concat([integer(40, 5, 0x20), literals([['x-a', '1']], 0x40)]));
    decodeBytes(small, literals([['x-b', '2']], 0x40));
    assert.equal(decodeBytes(small, Buffer.of(0xbe))[0]!.name, 'x-b');
    assert.throws(() => decodeBytes(small, Buffer.of(0xbf)), ConnectionError);
  });

  it('refuses what the RFC forbids', () => {
    fails('80', /index 0/);
    fails('be', /index beyond/);
    fails('ff ff ff ff ff 0f', /integer/);
    fails('ff', /integer/);
    fails('82 20', /size update inside/);
    fails('20 20 20 82', /size update inside/);
    fails('3f e2 1f', /size update over/);
    fails('40', /string/);
    fails('40 05 61', /string length/);
    fails('40 01 61 81 00', /Huffman/);
  });

  it('marks fields that make a request malformed (RFC 9113 8.2)', () => {
    const kind = (name: string, value: string): number =>
      decodeBytes(new HpackDecoder(), literals([[name, value]], 0x00))[0]!.kind;
    for (const name of ['X-Upper', 'connection', 'transfer-encoding', ':unknown', ':status', 'a b', '']) {
      assert.equal(kind(name, 'v'), FieldKind.FORBIDDEN, name);
    }
    for (const value of [' lead', 'trail ', '\ttab', 'a\nb', 'a\rb', 'a\0b', `${'x'.repeat(50)}\n`]) {
      assert.equal(kind('x-a', value), FieldKind.FORBIDDEN, JSON.stringify(value));
    }
    assert.equal(kind('x-a', ''), FieldKind.OTHER);
    assert.equal(kind('x-a', 'ünd'), FieldKind.OTHER);
    assert.equal(kind('x-a', 'x'.repeat(50)), FieldKind.OTHER);
  });

  it('does not hold a bad value against the name of its entry', () => {
    const decoder = new HpackDecoder();
    decodeBytes(decoder, literals([['x-a', 'bad\n']], 0x40));
    const named = Buffer.concat([integer(62, 4, 0x00), Buffer.of(2), Buffer.from('ok')]);
    assert.equal(decodeBytes(decoder, named)[0]!.kind, FieldKind.OTHER);
  });
});
