import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Payload } from '#proto/temporal/api/common/v1';
import { IndexedValueType } from '#proto/temporal/api/enums/v1';
import { decodeValue, encodeValue, InvalidValueError, indexedValueTypeFromString } from './value.ts';

const { BOOL, DATETIME, DOUBLE, INT, KEYWORD, KEYWORD_LIST, TEXT, UNSPECIFIED } = IndexedValueType;

function payload(json: string, type?: string): Payload {
  const metadata = new Map<string, Uint8Array>([['encoding', Buffer.from('json/plain')]]);
  if (type !== undefined) metadata.set('type', Buffer.from(type));
  return Payload.decode(Payload.encode({ metadata, data: Buffer.from(json) }));
}

test('a value keeps its meaning from payload to payload', () => {
  for (const [type, json, written] of [
    [BOOL, 'true', 'true'],
    [INT, '-7', '-7'],
    [INT, '9223372036854775807', '9223372036854775807'],
    [INT, '[3]', '3'],
    [DOUBLE, '1.50', '1.5'],
    [DOUBLE, '1e3', '1000'],
    [KEYWORD, '"a<b>&"', '"a\\u003cb\\u003e\\u0026"'],
    [TEXT, '"\u00e9"', '"\u00e9"'],
    [DATETIME, '"2024-01-01T00:00:00Z"', '"2024-01-01T00:00:00Z"'],
    [DATETIME, '"2024-01-01T00:00:00.120000000+00:00"', '"2024-01-01T00:00:00.12Z"'],
    [DATETIME, '"2024-01-01T00:00:00.123456789-05:30"', '"2024-01-01T00:00:00.123456789-05:30"'],
    [KEYWORD_LIST, '["a","b"]', '["a","b"]'],
    [KEYWORD_LIST, '[]', '[]'],
    [KEYWORD_LIST, '["a",null]', '["a",""]'],
  ] as const) {
    const value = decodeValue(payload(json), type, false);
    const encoded = Payload.decode(encodeValue(value!, type));
    assert.equal(Buffer.from(encoded.data).toString(), written, json);
    assert.equal(Buffer.from(encoded.metadata.get('encoding')!).toString(), 'json/plain');
  }
});

test('the type metadata counts when no type is given, and is written', () => {
  assert.equal(decodeValue(payload('"a"', 'Keyword'), UNSPECIFIED, true), 'a');
  assert.throws(() => decodeValue(payload('"a"', 'Int'), UNSPECIFIED, true), InvalidValueError);
  assert.throws(() => decodeValue(payload('"a"'), UNSPECIFIED, true), InvalidValueError);
  const encoded = Payload.decode(encodeValue('a', KEYWORD));
  assert.equal(Buffer.from(encoded.metadata.get('type')!).toString(), 'Keyword');
});

test('null and empty lists mean no value', () => {
  assert.equal(decodeValue(payload('null'), INT, true), undefined);
  assert.equal(decodeValue(payload('[]'), INT, true), undefined);
  const nil = new Map<string, Uint8Array>([['encoding', Buffer.from('binary/null')]]);
  assert.equal(decodeValue(Payload.decode(Payload.encode({ metadata: nil })), KEYWORD, true), undefined);
});

test('types have a short name and a long one', () => {
  assert.equal(indexedValueTypeFromString('KeywordList'), KEYWORD_LIST);
  assert.equal(indexedValueTypeFromString('INDEXED_VALUE_TYPE_KEYWORD_LIST'), KEYWORD_LIST);
  assert.equal(indexedValueTypeFromString('keyword'), undefined);
});
