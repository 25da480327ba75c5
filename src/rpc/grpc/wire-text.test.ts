// The texts of gRPC's headers and trailers: timeouts, percent-encoding, statuses, content types.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { percentEncode } from './percent-encoding.ts';
import { httpAnswerFor, isGrpcContentType, unknownMethod } from './routing.ts';
import { parseGrpcTimeout } from './timeout.ts';
import { assertResponseHeader, statusTrailers } from './trailers.ts';

describe('grpc-timeout', () => {
  it('knows all units', () => {
    const texts = ['1H', '2M', '3S', '4m', '5u', '6n', '99999999m'];
    const expected = [3_600_000, 120_000, 3000, 4, 0.005, 6e-6, 99_999_999];
    assert.deepEqual(
      texts.map((text) => Number(parseGrpcTimeout(text).toPrecision(12))),
      expected,
    );
  });

  it('refuses anything else', () => {
    for (const text of ['', 'm', '5', '5x', '-5m', '1.5S', '123456789m', ' 5m', '5 m']) {
      assert.ok(Number.isNaN(parseGrpcTimeout(text)), text);
    }
  });
});

describe('grpc-message', () => {
  it('keeps printable ASCII, and encodes everything else and the percent sign', () => {
    assert.equal(percentEncode('plain ~ text!'), 'plain ~ text!');
    assert.equal(percentEncode('100% ü\n'), '100%25 %C3%BC%0A');
    assert.equal(decodeURIComponent(percentEncode('日本 \u0001')), '日本 \u0001');
  });

  it('is clipped, and details that are too large are left out', () => {
    const pairs = new Map(statusTrailers({ code: 3, message: 'x'.repeat(10_000), details: Buffer.alloc(40_000) }));
    assert.ok(pairs.get('grpc-message')!.length < 4200);
    assert.equal(pairs.has('grpc-status-details-bin'), false);
    assert.deepEqual(statusTrailers({ code: 0, message: '', details: Buffer.of(1, 2, 3, 4) }), [
      ['grpc-status', '0'],
      ['grpc-status-details-bin', 'AQIDBA'],
    ]);
  });
});

describe('routing', () => {
  const table = new Map([['/a.B/C', { kind: 'unary' as const, handle: () => undefined }]]);

  it('tells gRPC from other content', () => {
    for (const type of ['application/grpc', 'application/grpc+proto', 'application/grpc;x=y']) {
      assert.ok(isGrpcContentType(type), type);
    }
    for (const type of ['', 'application/json', 'application/grpc-web', 'application/grpcx']) {
      assert.equal(isGrpcContentType(type), false, type);
    }
  });

  it('answers what is not gRPC in HTTP', () => {
    const status = (...args: [string, string, string]) => httpAnswerFor(...args, table)?.status;
    assert.equal(status('POST', 'application/grpc', '/nope'), undefined);
    assert.equal(status('GET', '', '/'), 404);
    assert.equal(status('GET', '', '/a.B/C'), 405);
    assert.equal(status('POST', 'text/plain', '/a.B/C'), 415);
  });

  it('words unknown methods as grpc-go does', () => {
    assert.equal(unknownMethod('/a.B/D', table).message, 'unknown method D for service a.B');
    assert.equal(unknownMethod('/a.X/D', table).message, 'unknown service a.X');
    assert.equal(unknownMethod('nope', table).message, 'malformed method name: "nope"');
    assert.equal(unknownMethod('/nope', table).message, 'malformed method name: "/nope"');
  });
});

describe('response headers', () => {
  it('may not be reserved or unprintable', () => {
    assertResponseHeader('x-some', 'value');
    for (const name of ['grpc-status', ':status', 'content-type', 'X-Upper', '']) {
      assert.throws(() => assertResponseHeader(name, ''), TypeError, name);
    }
    assert.throws(() => assertResponseHeader('x-some', 'a\nb'), TypeError);
  });
});
