// `ostinato start` with `global.tls.frontend`: client certificates, new certificates without a restart, clear refusals.

import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { get } from 'node:https';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { connect } from 'node:tls';
import { Connection } from '@temporalio/client';
import { stringify } from 'yaml';
import { type Identity, type TestCertificates, testCertificates } from '../rpc/test-certificates.ts';
import { ServerProcess } from './server-process.ts';

const REFRESH_INTERVAL_MS = 100;
const RELOAD_LIMIT_MS = 10_000;
const LOOK_INTERVAL_MS = 50;
/** gRPC tries a refused connection again until here. */
const REFUSED_AFTER_MS = 1_500;

let certificates: TestCertificates;
before(async () => {
  certificates = await testCertificates();
});
const running: ServerProcess[] = [];
after(async () => {
  await Promise.all(running.map((server) => server.stop()));
});

const inFolder = (name: string): string => join(certificates.folder, name);

/** A configuration with its own data; the folder goes with the certificates. Returns the flags for it. */
function writeConfig(name: string, tls: object): readonly string[] {
  const databaseName = inFolder(`${name}.db`);
  writeFileSync(
    inFolder(`${name}.yaml`),
    stringify({
      log: { level: 'info' },
      persistence: {
        defaultStore: 'default',
        numHistoryShards: 1,
        datastores: { default: { sql: { pluginName: 'sqlite', databaseName } } },
      },
      global: { tls },
      services: { frontend: { rpc: { grpcPort: 0, httpPort: 0, bindOnLocalHost: true } } },
    }),
  );
  return ['start', '--config', certificates.folder, '--env', name, '--history-threads', '1'];
}

function start(flags: readonly string[]): ServerProcess {
  const server = new ServerProcess(flags);
  running.push(server);
  return server;
}

const client = (address: string, identity?: Identity) =>
  Connection.connect({
    address,
    connectTimeout: identity === undefined ? REFUSED_AFTER_MS : RELOAD_LIMIT_MS,
    tls: {
      serverRootCACertificate: certificates.ca,
      serverNameOverride: 'localhost', // a TLS server name is no IP address
      ...(identity && { clientCertPair: { crt: identity.cert, key: identity.key } }),
    },
  });

async function describeSystem(connection: Connection): Promise<string | null | undefined> {
  const { namespaceInfo } = await connection.workflowService.describeNamespace({ namespace: 'temporal-system' });
  return namespaceInfo?.name;
}

/** O of the certificate that a new connection sees: `first` or `second`. */
function organisation(address: string): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const { ca, client } = certificates;
    const socket = connect({ host: '127.0.0.1', port: portOf(address), ca, ...client, ALPNProtocols: ['h2'] }, () => {
      resolve(socket.getPeerCertificate().subject.O);
      socket.destroy();
    });
    socket.once('error', reject);
  });
}

async function seen(address: string, expected: string): Promise<void> {
  const deadlineMs = performance.now() + RELOAD_LIMIT_MS;
  let last: unknown;
  while (performance.now() < deadlineMs) {
    last = await organisation(address);
    if (last === expected) return;
    await setTimeout(LOOK_INTERVAL_MS);
  }
  assert.equal(last, expected);
}

function portOf(address: string): number {
  return Number(address.slice(address.lastIndexOf(':') + 1));
}

/** GET of the HTTP API; the status, or the error's code. */
function httpStatus(port: number, identity?: Identity): Promise<number | string | undefined> {
  return new Promise((resolve) => {
    const request = get(
      { host: '127.0.0.1', port, path: '/api/v1/system-info', ca: certificates.ca, agent: false, ...identity },
      (response) => {
        response.resume();
        resolve(response.statusCode);
      },
    );
    request.once('error', (error: NodeJS.ErrnoException) => resolve(error.code));
  });
}

for (const transport of ['ostinato', 'node']) {
  test(`clients need a certificate, and see the server's new one without a restart (${transport})`, async () => {
    const certFile = inFolder(`used-${transport}.pem`);
    const keyFile = inFolder(`used-${transport}.key`);
    const install = ({ cert, key }: Identity): void => {
      writeFileSync(keyFile, key);
      writeFileSync(certFile, cert);
    };
    install(certificates.server);
    const flags = writeConfig(`mutual-${transport}`, {
      refreshInterval: `${REFRESH_INTERVAL_MS}ms`,
      frontend: { server: { certFile, keyFile, clientCaFiles: [inFolder('ca.pem')], requireClientAuth: true } },
    });
    const server = start([...flags, '--transport', transport]);
    const address = await server.ready();

    const connection = await client(address, certificates.client);
    try {
      assert.equal(await describeSystem(connection), 'temporal-system');
      await assert.rejects(client(address), /Failed to connect/);
      await assert.rejects(Connection.connect({ address, connectTimeout: REFUSED_AFTER_MS }), /Failed to connect/);

      assert.equal(await organisation(address), 'first');
      writeFileSync(certFile, 'not a certificate');
      await server.printed('TLS certificates cannot be loaded, the last ones stay');
      assert.equal(await organisation(address), 'first');
      install(certificates.renewed);
      await seen(address, 'second');

      assert.equal(await describeSystem(connection), 'temporal-system', 'an open connection goes on');
      const later = await client(address, certificates.client);
      assert.equal(await describeSystem(later), 'temporal-system');
      await later.close();
      await assert.rejects(client(address), /Failed to connect/, 'the new certificate lets nobody else in');

      const httpPort = Number(/HTTP API:\s+https:\/\/127\.0\.0\.1:(\d+)/.exec(server.stdout)?.[1]);
      assert.equal(await httpStatus(httpPort, certificates.client), 200);
      assert.match(String(await httpStatus(httpPort)), /^(ERR_SSL_|ECONNRESET)/);
    } finally {
      await connection.close();
    }
    const { code, stderr } = await server.stop();
    assert.equal(code, 0, stderr);
    const failures = stderr.split('\n').filter((line) => line.includes('cannot be loaded'));
    assert.ok(failures.length <= 2, `one line for each failure, not each poll:\n${failures.join('\n')}`);
  });
}

test('certificates stand in the configuration itself, and clients need none', async () => {
  const base64 = (pem: Buffer): string => pem.toString('base64');
  const { cert, key } = certificates.server;
  const server = start(writeConfig('data', { frontend: { server: { certData: base64(cert), keyData: base64(key) } } }));
  const connection = await Connection.connect({
    address: await server.ready(),
    tls: { serverRootCACertificate: certificates.ca, serverNameOverride: 'localhost' },
  });
  assert.equal(await describeSystem(connection), 'temporal-system');
  await connection.close();
});

test('certificates that cannot be used are one line and exit code 1', async () => {
  const file = { certFile: inFolder('server.pem'), keyFile: inFolder('server.key') };
  writeFileSync(inFolder('empty.pem'), '');
  const cases: readonly (readonly [object, RegExp])[] = [
    [
      { ...file, certFile: inFolder('none.pem') },
      /^error: global\.tls\.frontend\.server\.certFile cannot be read: ENOENT/,
    ],
    [{ ...file, keyFile: inFolder('client.key') }, /keyFile \(.*client\.key\) is not the key of the certificate in /],
    [{ ...file, keyFile: inFolder('server.pem') }, /keyFile \(.*server\.pem\) is not a PEM private key/],
    [
      { ...file, requireClientAuth: true, clientCaFiles: [inFolder('ca.pem'), inFolder('empty.pem')] },
      /clientCaFiles \(.*empty\.pem\) is not a PEM certificate/,
    ],
    [{ ...file, certFile: '', certData: '????' }, /^error: global\.tls\.frontend\.server\.certData is not a PEM cert/],
    [{ certFile: file.certFile }, /^error: global\.tls\.frontend\.server\.keyFile or keyData is required/],
  ];
  for (const [index, [server, expected]] of cases.entries()) {
    const { code, stderr } = await new ServerProcess(writeConfig(`bad-${index}`, { frontend: { server } })).ended();
    assert.equal(code, 1, stderr);
    assert.match(stderr, expected);
    assert.equal(stderr.trimEnd().split('\n').length, 1, stderr);
  }
});
