import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatRfc3339, parseRfc3339 } from './rfc3339.ts';

test('times are read to the microsecond, in any zone', () => {
  for (const [text, micros] of [
    ['1970-01-01T00:00:00Z', 0],
    ['1970-01-01T01:00:00+01:00', 0],
    ['1969-12-31T23:59:59.999999999Z', -1],
    ['2024-02-29T12:00:00.5Z', Date.UTC(2024, 1, 29, 12) * 1000 + 500_000],
    ['0001-01-01T00:00:00Z', -62135596800000000],
    ['9999-12-31T23:59:59Z', 253402300799000000],
  ] as const) {
    assert.equal(parseRfc3339(text)?.micros, micros, text);
  }
});

test('what is no full time is refused', () => {
  for (const text of [
    '',
    '2024-01-01',
    '2024-01-01T00:00:00',
    '2024-01-01 00:00:00Z',
    '2024-13-01T00:00:00Z',
    '2023-02-29T00:00:00Z',
    '2024-01-01T24:00:00Z',
    '2024-01-01T00:60:00Z',
    '2024-01-01T00:00:60Z',
    '2024-01-01T00:00:00.Z',
    '2024-01-01T00:00:00+1:00',
    'x2024-01-01T00:00:00Z',
  ]) {
    assert.equal(parseRfc3339(text), undefined, text);
  }
});

test('a time is written as it was read, without trailing zeros', () => {
  for (const text of ['2024-01-01T00:00:00Z', '2024-01-01T00:00:00.000000001+05:45', '0001-01-01T00:00:00Z']) {
    assert.equal(formatRfc3339(parseRfc3339(text)!), text);
  }
  assert.equal(formatRfc3339(parseRfc3339('2024-01-01T00:00:00.100-00:00')!), '2024-01-01T00:00:00.1Z');
});
