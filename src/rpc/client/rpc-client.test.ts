import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { GrpcCode, ServiceError } from '../../base/service-error.ts';
import { createRpcServer, type MethodHandler, type RpcServer, rpcStatus, type ServerCall } from '../index.ts';
import { createRpcClient, type RpcClient } from './index.ts';

describe('the client for calls between hosts', () => {
  let server: RpcServer;
  let client: RpcClient;
  let address: string;
  let failures = 0;
  const parked = new Set<ServerCall>();
  const methods = new Map<string, MethodHandler>([
    ['/t.T/Echo', { kind: 'unary', handle: (call, message) => call.respond(Buffer.from(message)) }],
    [
      '/t.T/Fail',
      {
        kind: 'unary',
        handle: (call) =>
          call.fail(rpcStatus(GrpcCode.NOT_FOUND, 'no such ü', [{ typeName: 't.D', value: Buffer.of(7) }])),
      },
    ],
    [
      '/t.T/Unavailable',
      {
        kind: 'unary',
        handle: (call) => {
          if (failures-- > 0) call.fail({ code: GrpcCode.UNAVAILABLE, message: 'shard moves' });
          else call.respond(Buffer.from(call.metadata.get('x-caller') ?? ''));
        },
      },
    ],
    [
      '/t.T/Park',
      {
        kind: 'unary',
        handle: (call) => {
          parked.add(call);
          call.onCancel(() => parked.delete(call));
        },
      },
    ],
  ]);

  before(async () => {
    server = createRpcServer({ host: '127.0.0.1', port: 0, methods });
    const { port } = await server.start();
    address = `127.0.0.1:${port}`;
    client = createRpcClient({ address, random: () => 0 });
  });

  after(async () => {
    client.close();
    client.close();
    await server.stop(0);
  });

  const failure = async (call: Promise<unknown>): Promise<ServiceError> => {
    const error = await call.then(
      () => undefined,
      (reason: unknown) => reason,
    );
    assert.ok(error instanceof ServiceError);
    return error;
  };

  it('carries bytes both ways', async () => {
    assert.equal(Buffer.from(await client.call('/t.T/Echo', Buffer.from('abc'))).toString(), 'abc');
    assert.equal((await client.call('/t.T/Echo', new Uint8Array(3 << 20))).length, 3 << 20);
  });

  it('turns a status into the ServiceError that the handler had', async () => {
    const error = await failure(client.call('/t.T/Fail', new Uint8Array(0)));
    assert.deepEqual([error.code, error.message], [GrpcCode.NOT_FOUND, 'no such ü']);
    assert.ok(error.is('t.D'));
    assert.deepEqual(Buffer.from(error.details[0]!.value), Buffer.of(7));
  });

  it('tries again while the other host is unavailable, up to its limit', async () => {
    failures = 3;
    const reply = await client.call('/t.T/Unavailable', new Uint8Array(0), { metadata: { 'x-caller': 'me' } });
    assert.equal(Buffer.from(reply).toString(), 'me');
    failures = 100;
    assert.equal((await failure(client.call('/t.T/Unavailable', new Uint8Array(0)))).code, GrpcCode.UNAVAILABLE);
    assert.equal(failures, 95);
    failures = 1;
    const once = client.call('/t.T/Unavailable', new Uint8Array(0), { retry: false });
    assert.equal((await failure(once)).code, GrpcCode.UNAVAILABLE);
  });

  it('gives up at the deadline', async () => {
    const error = await failure(client.call('/t.T/Park', new Uint8Array(0), { timeoutMs: 50 }));
    assert.equal(error.code, GrpcCode.DEADLINE_EXCEEDED);
    while (parked.size > 0) await new Promise((resolve) => setImmediate(resolve));
  });

  it('cancels on the other host', async () => {
    const controller = new AbortController();
    const error = failure(client.call('/t.T/Park', new Uint8Array(0), { signal: controller.signal }));
    while (parked.size === 0) await new Promise((resolve) => setImmediate(resolve));
    controller.abort();
    assert.equal((await error).code, GrpcCode.CANCELLED);
    while (parked.size > 0) await new Promise((resolve) => setImmediate(resolve));
    const late = client.call('/t.T/Echo', new Uint8Array(0), { signal: controller.signal });
    assert.equal((await failure(late)).code, GrpcCode.CANCELLED);
  });

  it('fails calls in progress when it is closed', async () => {
    const controller = new AbortController();
    const other = createRpcClient({ address });
    const error = failure(other.call('/t.T/Park', new Uint8Array(0), { signal: controller.signal }));
    while (parked.size === 0) await new Promise((resolve) => setImmediate(resolve));
    other.close();
    assert.equal((await error).code, GrpcCode.CANCELLED);
  });

  it('is unavailable where nobody listens', async () => {
    const other = createRpcClient({ address: '127.0.0.1:1' });
    const error = await failure(other.call('/t.T/Echo', new Uint8Array(0), { timeoutMs: 300 }));
    assert.equal(error.code, GrpcCode.UNAVAILABLE);
    other.close();
  });

  it('wants a name to verify when TLS goes to an address', () => {
    assert.throws(() => createRpcClient({ address: '127.0.0.1:7233', tls: {} }), /serverName/);
    assert.throws(() => createRpcClient({ address: '[::1]:7233', tls: {} }), /serverName/);
    createRpcClient({ address: 'history-0.local:7234', tls: {} }).close();
  });
});
