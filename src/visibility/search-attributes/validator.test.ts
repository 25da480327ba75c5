import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Payload, SearchAttributes } from '#proto/temporal/api/common/v1';
import { GrpcCode, ServiceError } from '../../base/service-error.ts';
import { CONTRACT_NAMESPACE } from '../testing/store-contract.ts';
import { aliasSearchAttributes, unaliasSearchAttributes } from './alias.ts';
import { DEFAULT_SEARCH_ATTRIBUTE_LIMITS, validateSearchAttributes } from './validator.ts';

function payload(json: string, encoding = 'json/plain', type?: string): Uint8Array {
  const metadata = new Map<string, Uint8Array>([['encoding', Buffer.from(encoding)]]);
  if (type !== undefined) metadata.set('type', Buffer.from(type));
  return Payload.encode({ metadata, data: Buffer.from(json) });
}

function encode(fields: Readonly<Record<string, string>>): Uint8Array {
  const indexedFields = new Map(Object.entries(fields).map(([name, json]) => [name, payload(json)]));
  return SearchAttributes.encode({ indexedFields });
}

const names = (attributes: Uint8Array): readonly string[] => [
  ...SearchAttributes.decode(attributes).indexedFields.keys(),
];

function answer(attributes: Uint8Array | undefined, limits = {}): string {
  try {
    validateSearchAttributes(CONTRACT_NAMESPACE, attributes, { ...DEFAULT_SEARCH_ATTRIBUTE_LIMITS, ...limits });
    return 'OK';
  } catch (error) {
    assert.ok(error instanceof ServiceError, String(error));
    assert.equal(error.code, GrpcCode.INVALID_ARGUMENT);
    return error.message;
  }
}

describe('validateSearchAttributes', () => {
  test('values of the right type pass, and lists of them', () => {
    assert.equal(answer(undefined), 'OK');
    for (const fields of [
      { CustomerId: '"ann"', IsVip: 'true', Due: '"2024-01-01T00:00:00.5+01:00"', Total: '1.5', Items: '3' },
      { Tags: '["a","b"]', Note: '"some words"', TemporalChangeVersion: '["a-1"]', BuildIds: '[]' },
      { CustomerId: 'null', Tags: 'null' },
      { CustomerId: '["ann"]', Items: '[1,2]', IsVip: '[]' },
      { Total: '3', Items: '9223372036854775807' },
      { TemporalScheduledById: '"x"', TemporalSchedulePaused: 'false' },
    ]) {
      assert.equal(answer(encode(fields as Record<string, string>)), 'OK', JSON.stringify(fields));
    }
  });

  test('unknown names get the namespace in the message', () => {
    for (const name of ['Nope', 'Keyword01', 'NamespaceId', 'TemporalNope']) {
      assert.equal(
        answer(encode({ [name]: '1' })),
        `Namespace shop has no mapping defined for search attribute ${name}`,
      );
    }
  });

  test("attributes of the system can't be set", () => {
    for (const name of ['WorkflowId', 'StartTime', 'TemporalWorkerDeployment', 'TemporalExternalPayloadCount']) {
      assert.equal(answer(encode({ [name]: '"x"' })), `${name} attribute can't be set in SearchAttributes`);
    }
    const limits = { suppressErrorSetSystemSearchAttribute: true };
    assert.equal(answer(encode({ WorkflowId: '"x"' }), limits), 'OK');
  });

  test('values of a wrong type are printed as Go prints them', () => {
    for (const [name, json, type, printed] of [
      ['Items', '"abc"', 'Int', 'abc'],
      ['Items', '1.5', 'Int', '1.5'],
      ['Items', '1e3', 'Int', '1000'],
      ['Items', '9223372036854775808', 'Int', '9.223372036854776e+18'],
      ['Items', 'true', 'Int', 'true'],
      ['Items', '[1,"a",null]', 'Int', '[1 a <nil>]'],
      ['IsVip', '"true"', 'Bool', 'true'],
      ['Total', '{"b":1,"a":[2]}', 'Double', 'map[a:[2] b:1]'],
      ['CustomerId', '1234567.5', 'Keyword', '1.2345675e+06'],
      ['Due', '"2024-01-01"', 'Datetime', '2024-01-01'],
      ['Tags', '"red"', 'KeywordList', 'red'],
      ['Tags', '[1]', 'KeywordList', '[1]'],
      ['Note', '0.00001', 'Text', '1e-05'],
      ['BuildIds', '5', 'KeywordList', '5'],
    ] as const) {
      assert.equal(
        answer(encode({ [name]: json })),
        `invalid value for search attribute ${name} of type ${type}: ${printed}`,
      );
    }
  });

  test('a payload that is no JSON is printed itself', () => {
    const indexedFields = new Map([['CustomerId', payload('x', 'binary/plain')]]);
    assert.match(
      answer(SearchAttributes.encode({ indexedFields })),
      /^invalid value for search attribute CustomerId of type Keyword: value from <metadata:\{key:"encoding"/,
    );
  });

  test('lists for single values can be forbidden', () => {
    assert.equal(
      answer(encode({ Items: '[1,2]' }), { allowList: false }),
      'invalid value for search attribute Items of type Int: [1 2]',
    );
    assert.equal(answer(encode({ Items: '[1]' }), { allowList: false }), 'OK');
  });

  test('number and sizes are limited', () => {
    assert.equal(
      answer(encode({ CustomerId: '"a"', Items: '1' }), { numberOfKeys: 1 }),
      'number of search attributes 2 exceeds limit 1',
    );
    const long = JSON.stringify('x'.repeat(2047));
    assert.equal(
      answer(encode({ CustomerId: long })),
      'search attribute CustomerId value size 2049 exceeds size limit 2048',
    );
    const attributes = encode({ CustomerId: '"a"' });
    // Temporal measures with field names: Keyword01 is one byte shorter than CustomerId.
    assert.equal(
      answer(attributes, { totalSizeBytes: attributes.length - 2 }),
      `total size of search attributes ${attributes.length - 1} exceeds size limit ${attributes.length - 2}`,
    );
    assert.equal(answer(attributes, { totalSizeBytes: attributes.length - 1 }), 'OK');
  });
});

describe('aliases', () => {
  test('custom attributes become fields and come back', () => {
    const attributes = encode({ CustomerId: '"a"', BuildIds: '["b"]', Items: '1' });
    const fields = unaliasSearchAttributes(CONTRACT_NAMESPACE, attributes);
    assert.deepEqual(names(fields), ['Keyword01', 'BuildIds', 'Int01']);
    assert.deepEqual(aliasSearchAttributes(CONTRACT_NAMESPACE, fields), Buffer.from(attributes));
  });

  test('an alias without a field is refused, a field without an alias left out', () => {
    assert.throws(() => unaliasSearchAttributes(CONTRACT_NAMESPACE, encode({ Nope: '1' })), {
      message: 'Namespace shop has no mapping defined for search attribute Nope',
    });
    assert.deepEqual(names(aliasSearchAttributes(CONTRACT_NAMESPACE, encode({ Keyword09: '"a"', Int01: '1' }))), [
      'Items',
    ]);
  });

  test('attributes without custom names stay the same bytes', () => {
    const attributes = encode({ BuildIds: '["b"]' });
    assert.equal(unaliasSearchAttributes(CONTRACT_NAMESPACE, attributes), attributes);
  });
});
