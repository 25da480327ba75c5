// Other people's gRPC clients against our port: grpc-go, grpc-java, grpcio, grpcurl, curl and the Rust core of the SDKs, plain and over
// TLS, with gzip and without. A client that is not on this machine is skipped, saying so. @grpc/grpc-js has transport.test.ts.
// `node --test test/rpc/interop.test.ts`; GRPCURL and PYTHON name other places of those two.

import assert from 'node:assert/strict';
import { type ChildProcess, execFile, spawn, spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { NativeConnection } from '@temporalio/worker';

const here = (name: string): string => fileURLToPath(new URL(name, import.meta.url));
const GRPCURL = process.env.GRPCURL ?? 'grpcurl';
const PYTHON = process.env.PYTHON ?? 'python3';
const WORKFLOW_SERVICE = 'temporal.api.workflowservice.v1.WorkflowService';
/** Builds and slow interpreters included. */
const TIMEOUT_MS = 180_000;

for (const transport of ['ostinato', 'node']) {
  for (const secure of [false, true]) {
    describe(`other clients on the ${transport} transport, ${secure ? 'TLS' : 'plain'}`, () => {
      let child: ChildProcess;
      let address: string;
      let ca: string;
      let work: string;

      before(async () => {
        work = mkdtempSync(join(tmpdir(), 'ostinato-interop-'));
        const flags = ['--transport', transport, ...(secure ? ['--tls'] : [])];
        child = spawn(process.execPath, [here('lab-server.ts'), ...flags], { stdio: ['ignore', 'pipe', 'inherit'] });
        const line = await new Promise<string>((resolve) => {
          child.stdout!.once('data', (chunk: Buffer) => resolve(String(chunk)));
        });
        const listening = JSON.parse(line) as { host: string; port: number; ca?: string };
        address = `${listening.host}:${listening.port}`;
        ca = listening.ca ?? '';
      });

      after(() => {
        child.kill();
        rmSync(work, { recursive: true });
      });

      it('grpc-go', { skip: missing('go', ['version']), timeout: TIMEOUT_MS }, async (context) => {
        const binary = join(work, 'interop');
        const build = await run('go', ['build', '-o', binary, '.'], here('interop/go'));
        if (build.code !== 0) {
          context.skip(`its module cannot be built here: ${build.output.slice(0, 200)}`);
          return;
        }
        for (const gzip of [[], ['-gzip']]) {
          const { code, output } = await run(binary, ['check', '-addr', address, '-ca', ca, ...gzip]);
          assert.equal(code, 0, output);
          assert.ok(!output.includes('FAIL'), output);
        }
      });

      it('grpc-java on Netty', { skip: missing('mvn', ['-v']), timeout: 2 * TIMEOUT_MS }, async (context) => {
        cpSync(here('interop/java'), join(work, 'java'), { recursive: true });
        const build = await run('mvn', ['-q', '-B', 'compile', 'dependency:copy-dependencies'], join(work, 'java'));
        if (build.code !== 0) {
          context.skip(`it cannot be built here: ${build.output.slice(0, 200)}`);
          return;
        }
        const classes = `${join(work, 'java/target/classes')}:${join(work, 'java/target/dependency')}/*`;
        const { code, output } = await run('java', ['-cp', classes, 'Check', address, ...(secure ? [ca] : [])]);
        assert.equal(code, 0, output);
      });

      it('grpcio', { skip: missing(PYTHON, ['-c', 'import grpc']), timeout: TIMEOUT_MS }, async () => {
        const { code, output } = await run(PYTHON, [here('interop/python/check.py'), address, ...(secure ? [ca] : [])]);
        assert.equal(code, 0, output);
      });

      it('grpcurl, by reflection', { skip: missing(GRPCURL, ['-version']), timeout: TIMEOUT_MS }, async () => {
        const flags = secure ? ['-cacert', ca] : ['-plaintext'];
        const grpcurl = (...args: string[]) => run(GRPCURL, [...flags, ...args]);
        assert.match((await grpcurl(address, 'list')).output, /grpc\.health\.v1\.Health/);
        const described = await grpcurl(address, 'describe', 'temporal.api.common.v1.Memo');
        assert.match(described.output, /map<string, \.temporal\.api\.common\.v1\.Payload> fields = 1;/);
        const info = await grpcurl(address, `${WORKFLOW_SERVICE}/GetSystemInfo`);
        assert.deepEqual(JSON.parse(info.output), { serverVersion: '1.2.3' });
        const health = await grpcurl(address, 'grpc.health.v1.Health/Check');
        assert.deepEqual(JSON.parse(health.output), { status: 'SERVING' });
        const unknown = await grpcurl('-d', '{"service":"nope"}', address, 'grpc.health.v1.Health/Check');
        assert.match(unknown.output, /NotFound.*unknown service/s);
      });

      it('curl', { skip: missing('curl', ['--version']), timeout: TIMEOUT_MS }, async () => {
        const scheme = secure ? 'https' : 'http';
        const curl = (path: string, ...args: string[]) => {
          const flags = secure ? ['--cacert', ca, '--http2'] : ['--http2-prior-knowledge'];
          return run('curl', ['-s', '-i', ...flags, ...args, `${scheme}://${address}${path}`]);
        };
        assert.match((await curl('/')).output, /^HTTP\/2 404/);
        assert.match((await curl('/lab.Test/Echo')).output, /^HTTP\/2 405/);
        assert.match((await curl('/lab.Test/Echo', '-d', 'hello')).output, /^HTTP\/2 415/);
        assert.match((await curl('/lab.Test/Echo', '--head')).output, /^HTTP\/2 405/);
        const body = ['-H', 'content-type: application/grpc', '--data-binary', `@${here('interop/hello.grpc')}`];
        assert.match((await curl('/lab.Test/Echo', ...body)).output, /hello.*grpc-status: 0/s);
        if (transport === 'node') return; // node:http2 hangs up on HTTP/1
        const old = await run('curl', [
          '-s',
          '-i',
          '--http1.1',
          ...(secure ? ['--cacert', ca] : []),
          `${scheme}://${address}/`,
        ]);
        assert.match(old.output, /^HTTP\/1\.1 400/);
      });

      it('the Rust core of the SDKs', { timeout: TIMEOUT_MS }, async () => {
        const tls = secure ? { serverRootCACertificate: readFileSync(ca) } : false;
        const connection = await NativeConnection.connect({ address, tls });
        try {
          for (let i = 0; i < 20; i++) {
            const info = await connection.workflowService.getSystemInfo({});
            assert.equal(info.serverVersion, '1.2.3');
          }
          await assert.rejects(connection.workflowService.describeNamespace({ namespace: 'x' }), /unknown method/);
        } finally {
          await connection.close();
        }
      });
    });
  }
}

/** The reason to skip, or false when the command works. */
function missing(command: string, args: string[]): string | false {
  return spawnSync(command, args, { stdio: 'ignore' }).status === 0
    ? false
    : `${command} ${args.join(' ')} does not work here`;
}

function run(command: string, args: string[], cwd?: string): Promise<{ code: number; output: string }> {
  return new Promise((resolve) => {
    const options = { timeout: TIMEOUT_MS, maxBuffer: 64 << 20, ...(cwd === undefined ? {} : { cwd }) };
    execFile(command, args, options, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : 1, output: stdout + stderr });
    });
  });
}
