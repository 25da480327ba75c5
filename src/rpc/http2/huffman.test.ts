// RFC 7541 5.2 and appendix B.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { huffmanDecode, huffmanEncode } from './huffman.ts';

function decode(bytes: Uint8Array): Buffer | undefined {
  const target = Buffer.alloc(bytes.length * 2 + 1);
  const length = huffmanDecode(bytes, 0, bytes.length, target);
  return length < 0 ? undefined : target.subarray(0, length);
}

describe('the Huffman code', () => {
  it('decodes what it encodes, for every byte and pair of bytes', () => {
    for (let a = 0; a < 256; a++) {
      for (let b = 0; b < 256; b++) {
        const text = Buffer.of(a, b, a);
        assert.deepEqual(decode(huffmanEncode(text)), text);
      }
    }
  });

  it('agrees with the examples of RFC 7541 C.4', () => {
    assert.equal(huffmanEncode(Buffer.from('www.example.com')).toString('hex'), 'f1e3c2e5f23a6ba0ab90f4ff');
    assert.equal(huffmanEncode(Buffer.from('custom-value')).toString('hex'), '25a849e95bb8e8b4bf');
  });

  it('accepts padding of up to seven one-bits only', () => {
    assert.deepEqual(decode(Buffer.of(0x1f)), Buffer.from('a')); // 00011 111
    assert.equal(decode(Buffer.of(0x1f, 0xff)), undefined);
    assert.equal(decode(Buffer.of(0x18)), undefined); // 00011 000
    assert.equal(decode(Buffer.of(0xff)), undefined);
  });

  it('refuses EOS inside a string', () => {
    assert.equal(decode(Buffer.of(0xff, 0xff, 0xff, 0xff)), undefined);
    assert.equal(decode(Buffer.of(0xff, 0xff, 0xff, 0xfc, 0x1f)), undefined);
  });
});
