// TLS on both transports: ALPN, client certificates, change of certificates while the server runs.

import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import tls from 'node:tls';
import { credentials } from '@grpc/grpc-js';
import { createRpcServer, type RpcServer, type TlsOptions, type TransportName } from '../../src/rpc/index.ts';
import { rawClient } from './grpc-client.ts';
import { LAB, labService } from './lab-service.ts';
import { RawConnection } from './raw-http2.ts';
import { type TestCertificates, testCertificates } from './test-certificates.ts';

const TRANSPORTS: readonly TransportName[] = ['ostinato', 'node'];

let certificates: TestCertificates;
before(async () => {
  certificates = await testCertificates();
});

for (const transport of TRANSPORTS) {
  describe(`TLS on the ${transport} transport`, () => {
    const servers: RpcServer[] = [];
    const start = async (options: TlsOptions): Promise<{ server: RpcServer; port: number }> => {
      const server = createRpcServer({
        transport,
        host: '127.0.0.1',
        port: 0,
        methods: labService().methods,
        tls: options,
      });
      servers.push(server);
      return { server, port: (await server.start()).port };
    };
    const secure = (identity?: { cert: Buffer; key: Buffer }) =>
      credentials.createSsl(certificates.ca, identity?.key ?? null, identity?.cert ?? null);
    after(() => Promise.all(servers.map((server) => server.stop(0))));

    it('serves small and large calls', async () => {
      const { port } = await start(certificates.server);
      const client = rawClient(port, { credentials: secure() });
      const body = Buffer.alloc(2 << 20, 7);
      const answers = await Promise.all([
        client.call(`${LAB}Echo`, body),
        ...Array.from({ length: 200 }, (_, i) => client.call(`${LAB}Echo`, Buffer.from(String(i)))),
      ]);
      assert.ok(answers[0]!.bytes!.equals(body));
      for (let i = 0; i < 200; i++) assert.equal(String(answers[i + 1]!.bytes), String(i));
      client.close();
    });

    it('tells handlers whose certificate it was', async () => {
      const { port } = await start({ ...certificates.server, ca: certificates.ca });
      for (const [identity, subject] of [
        [certificates.client, { CN: 'some worker', O: 'lab' }],
        [undefined, undefined],
      ] as const) {
        const client = rawClient(port, { credentials: secure(identity) });
        const peer = JSON.parse(String((await client.call(`${LAB}Peer`, Buffer.alloc(0))).bytes)) as object;
        assert.deepEqual((peer as { subject?: object }).subject, subject);
        assert.match((peer as { address: string }).address, /^127\.0\.0\.1:\d+$/);
        client.close();
      }
    });

    it('refuses a client without a certificate where one is required', async () => {
      const { port } = await start({ ...certificates.server, ca: certificates.ca, requireClientCertificate: true });
      const stranger = rawClient(port, { credentials: secure() });
      assert.equal((await stranger.call(`${LAB}Small`, Buffer.alloc(0), { deadline: Date.now() + 3000 })).code, 14);
      stranger.close();
      const known = rawClient(port, { credentials: secure(certificates.client) });
      assert.equal((await known.call(`${LAB}Small`, Buffer.alloc(0))).code, 0);
      known.close();
    });

    it('changes its certificate while calls go on', async () => {
      const { server, port } = await start(certificates.server);
      const seen = async (): Promise<string | undefined> => {
        const socket = tls.connect({ port, host: '127.0.0.1', ca: certificates.ca, ALPNProtocols: ['h2'] });
        await new Promise((resolve) => socket.once('secureConnect', resolve));
        const organisation = socket.getPeerCertificate().subject.O;
        socket.destroy();
        return Array.isArray(organisation) ? organisation[0] : organisation;
      };
      const client = rawClient(port, { credentials: secure() });
      assert.equal((await client.call(`${LAB}Small`, Buffer.alloc(0))).code, 0);
      assert.equal(await seen(), 'first');
      server.updateTls(certificates.renewed);
      assert.equal(await seen(), 'second');
      assert.equal((await client.call(`${LAB}Small`, Buffer.alloc(0))).code, 0);
      client.close();
    });

    it('has no certificate to change without TLS', async () => {
      const server = createRpcServer({ transport, host: '127.0.0.1', port: 0, methods: labService().methods });
      assert.throws(() => server.updateTls(certificates.server), /without TLS/);
    });
  });
}

describe('TLS, ours only', () => {
  it('counts connections out as well as in, those too that never shake hands', async () => {
    const { methods } = labService();
    const limits = { maxConnectionsPerAddress: 2 };
    const server = createRpcServer({ host: '127.0.0.1', port: 0, methods, tls: certificates.server, limits });
    const { port } = await server.start();
    for (let i = 0; i < 6; i++) {
      let code = -1;
      // the sockets of the round before may not be closed on the server's side yet
      for (const end = Date.now() + 5000; code !== 0 && Date.now() < end; ) {
        const client = rawClient(port, { credentials: credentials.createSsl(certificates.ca) });
        ({ code } = await client.call(`${LAB}Small`, Buffer.alloc(0)));
        client.close();
      }
      assert.equal(code, 0, `connection ${i}`);
      const plain = await RawConnection.open(port);
      if (i % 2 === 0) plain.write(Buffer.from('nonsense\r\n\r\n'));
      plain.destroy();
    }
    const waiting = await RawConnection.open(port);
    const began = Date.now();
    await server.stop(100);
    assert.ok(Date.now() - began < 2000, 'a handshake in progress holds nobody up');
    await waiting.closing();
  });

  it('answers an HTTP/1 client inside TLS, and survives one that speaks none', async () => {
    const { methods } = labService();
    const server = createRpcServer({ host: '127.0.0.1', port: 0, methods, tls: certificates.server });
    const { port } = await server.start();
    const old = await RawConnection.open(port, { tls: { ca: certificates.ca, ALPNProtocols: ['http/1.1'] } });
    old.write(Buffer.from('GET / HTTP/1.1\r\n\r\n'));
    await old.closing();
    assert.match(old.raw.toString(), /^HTTP\/1\.1 400/);
    const plain = await RawConnection.open(port);
    plain.write(Buffer.from('GET / HTTP/1.1\r\n\r\n'));
    await plain.closing();
    await server.stop(0);
  });
});
