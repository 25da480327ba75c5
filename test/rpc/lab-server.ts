// Serves the lab methods, health and reflection on a port, for runners in other languages and for trying things by hand:
// `node test/rpc/lab-server.ts [--transport node] [--port 7000] [--tls]`. Prints one line of JSON when it listens.

import { createRpcServer, type MethodHandler, type TransportName } from '../../src/rpc/index.ts';
import { HEALTH_SERVICE, HealthState, healthService, reflectionService } from '../../src/rpc/services/index.ts';
import { labService } from './lab-service.ts';
import { testCertificates } from './test-certificates.ts';

const args = process.argv.slice(2);
const transport: TransportName = args.includes('node') ? 'node' : 'ostinato';
const port = Number(args[args.indexOf('--port') + 1] ?? 0);
const certificates = args.includes('--tls') ? await testCertificates() : undefined;

const WORKFLOW_SERVICE = 'temporal.api.workflowservice.v1.WorkflowService';
const methods = new Map<string, MethodHandler>([
  ...labService().methods,
  ...healthService(new HealthState()),
  ...reflectionService({
    services: [HEALTH_SERVICE, WORKFLOW_SERVICE],
    loadDescriptors: async () => (await import('../../src/rpc/services/descriptors.ts')).loadPublicDescriptors(),
  }),
  // GetSystemInfoResponse { server_version = 1 }: what grpcurl shows as JSON when descriptors are right
  [`/${WORKFLOW_SERVICE}/GetSystemInfo`, { kind: 'unary', handle: (call) => call.respond(SYSTEM_INFO) }],
]);
const SYSTEM_INFO = Buffer.concat([Buffer.of(0x0a, 5), Buffer.from('1.2.3')]);

const server = createRpcServer({
  transport,
  host: '127.0.0.1',
  port: args.includes('--port') ? port : 0,
  methods,
  ...(certificates === undefined ? {} : { tls: certificates.server }),
});
const address = await server.start();
console.log(
  JSON.stringify({ ...address, ca: certificates === undefined ? undefined : `${certificates.folder}/ca.pem` }),
);
process.on('SIGTERM', () => void server.stop(0).then(() => process.exit(0)));
