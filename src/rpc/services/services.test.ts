// Health and reflection as a gRPC client sees them.

import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { Client, credentials } from '@grpc/grpc-js';
import protobuf from 'protobufjs';
import descriptor from 'protobufjs/ext/descriptor.js';
import { createRpcServer, type RpcServer } from '../index.ts';
import { bytesField, stringField } from '../protobuf-fields.ts';
import { HealthState, healthService, reflectionService, ServingStatus } from './index.ts';

const raw = (bytes: Uint8Array): Buffer => Buffer.from(bytes);
const CHECK = '/grpc.health.v1.Health/Check';
const REFLECTION = '/grpc.reflection.v1.ServerReflection/ServerReflectionInfo';
const WORKFLOW_SERVICE = 'temporal.api.workflowservice.v1.WorkflowService';

let server: RpcServer;
let client: Client;
let loads = 0;
const health = new HealthState();

before(async () => {
  const methods = new Map([
    ...healthService(health),
    ...reflectionService({
      services: [WORKFLOW_SERVICE],
      loadDescriptors: async () => {
        loads++;
        return (await import('./descriptors.ts')).loadPublicDescriptors();
      },
    }),
  ]);
  server = createRpcServer({ host: '127.0.0.1', port: 0, methods });
  client = new Client(`127.0.0.1:${(await server.start()).port}`, credentials.createInsecure());
});

after(async () => {
  client.close();
  await server.stop(0);
});

function unary(path: string, request: Uint8Array): Promise<{ code: number; text: string; bytes: Buffer | undefined }> {
  return new Promise((resolve) => {
    client.makeUnaryRequest(path, raw, raw, Buffer.from(request), (error, bytes) => {
      resolve({ code: error?.code ?? 0, text: error?.details ?? '', bytes });
    });
  });
}

describe('health', () => {
  it('tells the whole server and each service', async () => {
    assert.deepEqual((await unary(CHECK, Buffer.alloc(0))).bytes, Buffer.of(8, 1));
    const unknown = await unary(CHECK, stringField(1, 'some.Service'));
    assert.deepEqual([unknown.code, unknown.text], [5, 'unknown service']);
    health.set('some.Service', ServingStatus.NOT_SERVING);
    assert.deepEqual((await unary(CHECK, stringField(1, 'some.Service'))).bytes, Buffer.of(8, 2));
    assert.equal((await unary(CHECK, Buffer.of(0x0a, 5))).code, 13);
  });

  it('lists what it knows', async () => {
    const expected = [...health.entries].map(([name, status]) =>
      bytesField(1, Buffer.concat([stringField(1, name), bytesField(2, Buffer.of(8, status))])),
    );
    assert.deepEqual((await unary('/grpc.health.v1.Health/List', Buffer.alloc(0))).bytes, Buffer.concat(expected));
  });

  it('tells a watcher each change, and forgets it when it goes', async () => {
    const stream = client.makeServerStreamRequest('/grpc.health.v1.Health/Watch', raw, raw, stringField(1, 'watched'));
    stream.on('error', () => undefined);
    const next = (): Promise<number> =>
      new Promise((resolve) => stream.once('data', (bytes: Buffer) => resolve(bytes[1]!)));
    assert.equal(await next(), ServingStatus.SERVICE_UNKNOWN);
    for (const status of [ServingStatus.SERVING, ServingStatus.NOT_SERVING] as const) {
      const told = next();
      health.set('other', status);
      health.set('watched', status);
      assert.equal(await told, status);
    }
    assert.equal(health.watchCount, 1);
    stream.cancel();
    while (health.watchCount > 0) await new Promise((resolve) => setImmediate(resolve));
  });

  it('is NOT_SERVING for good once it is shut down', async () => {
    const state = new HealthState();
    state.set('some.Service', ServingStatus.SERVING);
    state.shutDown();
    state.set('some.Service', ServingStatus.SERVING);
    assert.deepEqual(
      [state.get(''), state.get('some.Service')],
      [ServingStatus.NOT_SERVING, ServingStatus.NOT_SERVING],
    );
  });
});

/** Asks one after the other; the answers without `valid_host` and the question. */
async function ask(path: string, questions: Buffer[]): Promise<protobuf.Message[]> {
  const stream = client.makeBidiStreamRequest(path, raw, raw);
  const answers: protobuf.Message[] = [];
  const ended = new Promise((resolve, reject) => {
    stream.on('end', resolve);
    stream.on('error', reject);
  });
  stream.on('data', (bytes: Buffer) => answers.push(Answer.decode(bytes)));
  for (const question of questions) stream.write(question);
  stream.end();
  await ended;
  return answers;
}

const Answer = protobuf
  .parse(`
  syntax = "proto3";
  message Answer {
    string host = 1; bytes question = 2; Files files = 4; Services services = 6; Failure error = 7;
  }
  message Files { repeated bytes file = 1; }
  message Services { repeated Service service = 1; }
  message Service { string name = 1; }
  message Failure { int32 code = 1; string message = 2; }
`)
  .root.lookupType('Answer');

interface Reply {
  readonly files?: { readonly file: Buffer[] };
  readonly services?: { readonly service: { readonly name: string }[] };
  readonly error?: { readonly code: number };
}

describe('reflection', () => {
  it('loads nothing before it is asked', () => assert.equal(loads, 0));

  it('lists the services, in both versions', async () => {
    for (const path of [REFLECTION, REFLECTION.replace('v1', 'v1alpha')]) {
      const [answer] = (await ask(path, [stringField(7, '')])) as unknown as Reply[];
      assert.deepEqual(
        answer!.services!.service.map(({ name }) => name),
        ['grpc.reflection.v1.ServerReflection', 'grpc.reflection.v1alpha.ServerReflection', WORKFLOW_SERVICE],
      );
    }
  });

  it('describes a service so that a fresh root can be built from it, each file sent once', async () => {
    const questions = [
      stringField(4, WORKFLOW_SERVICE),
      stringField(4, 'temporal.api.history.v1.HistoryEvent.event_id'),
    ];
    const answers = (await ask(REFLECTION, questions)) as unknown as Reply[];
    assert.equal(loads, 1);
    const files = answers[0]!.files!.file;
    assert.equal(answers[1]!.files!.file.length, 1);
    const set = descriptor.FileDescriptorSet.create({
      file: files.map((file) => descriptor.FileDescriptorProto.decode(file)),
    });
    const root = protobuf.Root.fromDescriptor(set as never).resolveAll();
    const service = root.lookupService(WORKFLOW_SERVICE);
    assert.ok(Object.keys(service.methods).includes('PollWorkflowTaskQueue'));
    const request = root.lookupType('temporal.api.workflowservice.v1.StartWorkflowExecutionRequest');
    const original = {
      workflowId: 'w',
      memo: { fields: { a: { data: Buffer.from('x') } } },
      requestEagerExecution: true,
    };
    const decoded = request.toObject(request.decode(request.encode(request.fromObject(original)).finish()));
    assert.equal(decoded.workflowId, 'w');
    assert.equal(decoded.requestEagerExecution, true);
    assert.equal(String((decoded.memo as typeof original.memo).fields.a.data), 'x');
  });

  it('finds files, methods, nested messages and enum values by name', async () => {
    const symbols = [
      `${WORKFLOW_SERVICE}.StartWorkflowExecution`,
      'temporal.api.enums.v1.EventType.EVENT_TYPE_WORKFLOW_EXECUTION_STARTED',
      'google.protobuf.Timestamp',
    ];
    const questions = [
      ...symbols.map((symbol) => stringField(4, symbol)),
      stringField(3, 'google/protobuf/duration.proto'),
    ];
    for (const answer of (await ask(REFLECTION, questions)) as unknown as Reply[]) {
      assert.ok(answer.files!.file.length > 0);
    }
  });

  it('says what it does not have', async () => {
    const questions = [
      stringField(4, 'no.such.Symbol'),
      stringField(4, `${WORKFLOW_SERVICE}.Nope`),
      stringField(3, 'nope.proto'),
      bytesField(5, stringField(1, 'x')),
      stringField(6, 'x'),
      stringField(1, 'only a host'),
    ];
    const answers = (await ask(REFLECTION, questions)) as unknown as Reply[];
    assert.deepEqual(
      answers.map(({ error }) => error?.code),
      [5, 5, 5, 5, 5, 3],
    );
    await assert.rejects(ask(REFLECTION, [Buffer.of(0x0a, 9)]), { code: 3 });
  });
});
