// Bad input: every call is refused with the code, message and detail that Temporal 1.31 gives, and writes nothing. Raw calls.
// The calls of bad-input/ can be made without preparation; what needs a workflow stands with its subject.

import assert from 'node:assert/strict';
import { connect as connectHttp2 } from 'node:http2';
import { connect as connectTcp, type Socket } from 'node:net';
import { after, describe } from 'node:test';
import type { BadCall } from './bad-input/bad-call.ts';
import { NAMESPACE_CALLS } from './bad-input/namespaces.ts';
import { START_CALLS } from './bad-input/starts.ts';
import { WORKER_CALLS } from './bad-input/workers.ts';
import { WORKFLOW_CALLS } from './bad-input/workflows.ts';
import { bytesOf, payloads } from './harness/api.ts';
import { completeWorkflow } from './harness/commands.ts';
import { openEnvironment } from './harness/environment.ts';
import { expectFailure } from './harness/failures.ts';
import { CONCURRENCY, scenario } from './harness/scenario.ts';

/** Half-open connections that the server must survive; few enough for a test machine's file limit. */
const HALF_OPEN_CONNECTIONS = 300;

const env = await openEnvironment();
after(() => env.stop());

const BAD_CALLS: readonly BadCall[] = [...NAMESPACE_CALLS, ...START_CALLS, ...WORKFLOW_CALLS, ...WORKER_CALLS];

describe('bad input', { concurrency: CONCURRENCY }, () => {
  for (const bad of BAD_CALLS) {
    scenario(env, bad.name, async (s) => {
      const call = env.connection.withDeadline(Date.now() + 10_000, () => bad.call(s));
      await expectFailure(call, { code: bad.code, message: bad.message(s), detail: bad.detail });
      await expectFailure(s.describe({ workflowId: s.id }), { code: 'NOT_FOUND' });
    });
  }

  scenario(env, 'a poll without a deadline', async (s) => {
    await expectFailure(s.service.pollWorkflowTaskQueue({ namespace: s.namespace, taskQueue: { name: s.taskQueue } }), {
      code: 'INVALID_ARGUMENT',
      message: 'Context timeout is not set.',
    });
  });

  scenario(env, 'unknown enum values are taken as unset', async (s) => {
    const execution = await s.start({ workflowIdReusePolicy: 77 as never, workflowIdConflictPolicy: 78 as never });
    await s.next(completeWorkflow());
    assert.equal(await s.status(execution), 'Completed');
  });

  scenario(env, 'an unknown command type fails the workflow task', async (s) => {
    const { execution, task } = await s.startAndPoll();
    await expectFailure(s.respondWorkflowTask(task, [{ commandType: 99 as never }]), { code: 'INVALID_ARGUMENT' });
    await s.next(completeWorkflow());
    assert.equal(await s.status(execution), 'Completed');
  });

  scenario(env, 'a payload over the limit is refused', async (s) => {
    await expectFailure(s.start({ input: payloads('x'.repeat(2 * 1024 * 1024 + 10)) }), {
      code: 'INVALID_ARGUMENT',
      message: 'Blob data size exceeds limit.',
    });
    await expectFailure(
      s.start({ memo: { fields: { big: payloads('x'.repeat(2 * 1024 * 1024)).payloads?.[0] ?? {} } } }),
      {
        code: 'INVALID_ARGUMENT',
      },
    );
    await expectFailure(s.describe({ workflowId: s.id }), { code: 'NOT_FOUND' });
  });

  scenario(env, 'a message over the transport’s limit is refused', async (s) => {
    await expectFailure(s.start({ input: payloads('x'.repeat(5 * 1024 * 1024)) }), { code: 'RESOURCE_EXHAUSTED' });
    const execution = await s.start();
    assert.equal(await s.status(execution), 'Running');
  });

  scenario(env, 'garbage instead of protobuf, and methods that do not exist', async () => {
    const session = connectHttp2(`http://${env.address}`);
    try {
      const call = (path: string, body: Uint8Array) =>
        new Promise<{ status: string | undefined; http: number | undefined }>((resolve, reject) => {
          const stream = session.request({
            ':method': 'POST',
            ':path': path,
            'content-type': 'application/grpc',
            te: 'trailers',
          });
          let grpcStatus: string | undefined;
          let http: number | undefined;
          stream.on('response', (headers) => {
            http = headers[':status'];
            grpcStatus = headers['grpc-status'] as string | undefined;
          });
          stream.on('trailers', (trailers) => {
            grpcStatus = (trailers['grpc-status'] as string | undefined) ?? grpcStatus;
          });
          stream.on('error', reject);
          stream.on('close', () => resolve({ status: grpcStatus, http }));
          stream.resume();
          stream.end(body);
        });
      const framed = (message: Uint8Array) => Buffer.concat([Buffer.from([0, 0, 0, 0, message.length]), message]);
      const start = '/temporal.api.workflowservice.v1.WorkflowService/StartWorkflowExecution';
      const garbage = await call(start, framed(bytesOf('\xff\xff\xffgarbage')));
      assert.ok(garbage.status && garbage.status !== '0', `status ${garbage.status}`);
      const unknown = await call(
        '/temporal.api.workflowservice.v1.WorkflowService/NoSuchMethod',
        framed(new Uint8Array()),
      );
      assert.equal(unknown.status, '12');
      const service = await call('/no.such.Service/Method', framed(new Uint8Array()));
      assert.equal(service.status, '12');
      const fine = await call(
        '/temporal.api.workflowservice.v1.WorkflowService/GetSystemInfo',
        framed(new Uint8Array()),
      );
      assert.equal(fine.status, '0', 'the connection still works');
    } finally {
      session.destroy();
    }
  });

  scenario(env, 'half-open and babbling connections disturb nobody', async (s) => {
    const [host = '', port = ''] = env.address.split(':');
    const sockets: Socket[] = [];
    try {
      for (let index = 0; index < HALF_OPEN_CONNECTIONS; index += 1) {
        const socket = connectTcp({ host, port: Number(port) });
        socket.on('error', () => undefined);
        if (index % 3 === 0) socket.write('GET / HTTP/1.1\r\n');
        if (index % 3 === 1) socket.write(Buffer.from('PRI * HTTP/2.0\r\n\r\nSM'));
        sockets.push(socket);
      }
      const execution = await s.start();
      await s.next(completeWorkflow());
      assert.equal(await s.status(execution), 'Completed');
    } finally {
      for (const socket of sockets) socket.destroy();
    }
  });
});
