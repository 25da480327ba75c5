// Runs h2spec against the gRPC port, plain and over TLS: `node test/rpc/h2spec.ts [--transport node] [section ...]`.
// h2spec is `go install github.com/summerwind/h2spec/cmd/h2spec@v2.2.1+incompatible`; it is looked for in H2SPEC, PATH and ~/go/bin, and
// the run is skipped, saying so, when it is missing. Exit code 1 when a case fails.

import { spawn, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { createRpcServer, type TransportName } from '../../src/rpc/index.ts';
import { labService } from './lab-service.ts';
import { testCertificates } from './test-certificates.ts';

const args = process.argv.slice(2);
const transport: TransportName = args.includes('node') ? 'node' : 'ostinato';
const sections = args.filter((arg) => arg !== '--transport' && arg !== 'node');

const h2spec = findH2spec();
if (h2spec === undefined) {
  console.log(
    'skipped: h2spec is not installed (go install github.com/summerwind/h2spec/cmd/h2spec@v2.2.1+incompatible)',
  );
} else {
  for (const secure of [false, true]) {
    if (!(await run(h2spec, secure))) process.exitCode = 1;
  }
}

async function run(command: string, secure: boolean): Promise<boolean> {
  const certificates = secure ? await testCertificates() : undefined;
  const server = createRpcServer({
    transport,
    host: '127.0.0.1',
    port: 0,
    methods: labService().methods,
    ...(certificates === undefined ? {} : { tls: certificates.server }),
  });
  const { port } = await server.start();
  const flags = ['-h', '127.0.0.1', '-p', String(port), '-o', '3', ...(secure ? ['-t', '-k'] : []), ...sections];
  const child = spawn(command, flags, { stdio: ['ignore', 'pipe', 'inherit'] });
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => {
    output += chunk.toString();
  });
  const code = await new Promise((resolve) => child.on('close', resolve));
  await server.stop(0);
  const failures = output.includes('Failures:') ? output.slice(output.indexOf('Failures:')) : '';
  const summary = output.match(/\d+ tests, .*/)?.[0] ?? output;
  console.log(`${transport} ${secure ? 'TLS' : 'plain'}: ${summary}`);
  if (failures !== '') console.log(failures);
  return code === 0;
}

function findH2spec(): string | undefined {
  const candidates = [process.env.H2SPEC, join(homedir(), 'go/bin/h2spec')];
  for (const candidate of candidates) if (candidate !== undefined && existsSync(candidate)) return candidate;
  return spawnSync('h2spec', ['--version']).error === undefined ? 'h2spec' : undefined;
}
