// One of the servers under measurement, in a process of its own: `node server.ts ostinato|node|grpc-js [--tls]`. Answers
// Small at once, Later after 1 to 6 ms, Park never, and Usage with its own CPU time and memory. Prints its port.

import { Server, ServerCredentials, type ServiceDefinition, type UntypedServiceImplementation } from '@grpc/grpc-js';
import { createRpcServer, type MethodHandler, type TlsOptions, type TransportName } from '../../../src/rpc/index.ts';
import { testCertificates } from '../../../test/rpc/test-certificates.ts';

const REPLY = Buffer.alloc(60, 0x41);
const LAB = '/lab.Test/';
const name = process.argv[2] as TransportName | 'grpc-js';
const certificates = process.argv.includes('--tls') ? await testCertificates() : undefined;

type Answer = (bytes: Buffer) => void;
let parked = 0;
const answers: Readonly<Record<string, (answer: Answer) => void>> = {
  Small: (answer) => answer(REPLY),
  Later: (answer) => {
    setTimeout(() => answer(REPLY), 1 + Math.random() * 5);
  },
  Park: () => {
    parked++;
  },
  Usage: (answer) => answer(usage()),
};

function usage(): Buffer {
  globalThis.gc?.();
  const { user, system } = process.cpuUsage();
  const { rss, heapUsed, external } = process.memoryUsage();
  return Buffer.from(JSON.stringify({ User: user, System: system, rss, heapUsed, external, parked }));
}

const port = name === 'grpc-js' ? await startGrpcJs() : await startOurs(name, certificates?.server);
console.log(JSON.stringify({ port, ca: certificates === undefined ? '' : `${certificates.folder}/ca.pem` }));

async function startOurs(transport: TransportName, tls: TlsOptions | undefined): Promise<number> {
  const methods = new Map<string, MethodHandler>();
  for (const [method, run] of Object.entries(answers)) {
    methods.set(LAB + method, { kind: 'unary', handle: (call) => run((bytes) => call.respond(bytes)) });
  }
  const server = createRpcServer({
    transport,
    host: '127.0.0.1',
    port: 0,
    methods,
    ...(tls === undefined ? {} : { tls }),
  });
  return (await server.start()).port;
}

async function startGrpcJs(): Promise<number> {
  const definition: Record<string, ServiceDefinition[string]> = {};
  const implementation: UntypedServiceImplementation = {};
  const same = (bytes: Buffer): Buffer => bytes;
  for (const [method, run] of Object.entries(answers)) {
    definition[method] = {
      path: LAB + method,
      requestStream: false,
      responseStream: false,
      requestSerialize: same,
      requestDeserialize: same,
      responseSerialize: same,
      responseDeserialize: same,
    };
    implementation[method] = (_call: unknown, done: (error: null, bytes: Buffer) => void) => {
      run((bytes) => done(null, bytes));
    };
  }
  const server = new Server();
  server.addService(definition, implementation);
  const pairs = certificates?.server;
  const credentials =
    pairs === undefined
      ? ServerCredentials.createInsecure()
      : ServerCredentials.createSsl(null, [{ cert_chain: pairs.cert, private_key: pairs.key }]);
  return new Promise((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', credentials, (error, bound) => (error === null ? resolve(bound) : reject(error)));
  });
}
process.on('SIGINT', () => process.exit(0));
