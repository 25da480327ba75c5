// Restate from npm: its server with its defaults (own log, synced), and a service of one handler with one durable step in a
// process of its own, as a worker is. Driven over its ingress; the CPU that counts is the server's, without the service's.

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { HttpDriver } from '../client/http-driver.ts';
import { freePorts } from './free-ports.ts';
import { installedPackages } from './npm-packages.ts';
import { PeerUnavailable, type StartedPeer, spawnServer, temporaryFolder } from './peer.ts';

const REGISTER_DEADLINE_MS = 30_000;
/** The workload that this is the counterpart of. */
const COMPARABLE = 'one-activity';

export async function startRestate(name: string): Promise<StartedPeer> {
  const packages = installedPackages();
  const executable = packages.pathOf(
    `@restatedev/restate-server-${process.platform}-${process.arch}/bin/restate-server`,
  );
  if (!existsSync(executable)) {
    throw new PeerUnavailable(`npm has no Restate for ${process.platform} on ${process.arch}`);
  }
  const folder = temporaryFolder(name);
  const [port = 0, admin = 0, node = 0, servicePort = 0] = await freePorts(4);
  const server = await spawnServer(
    executable,
    ['--no-logo', '--listen-mode', 'tcp', '--node-name', 'bench', '--base-dir', folder.path, '--log-filter', 'error'],
    {
      port,
      cwd: folder.path,
      env: {
        ...process.env,
        RESTATE_BIND_IP: '127.0.0.1',
        RESTATE_BIND_PORT: String(node),
        RESTATE_INGRESS__BIND_PORT: String(port),
        RESTATE_ADMIN__BIND_PORT: String(admin),
        RESTATE_DISABLE_TELEMETRY: 'true',
      },
    },
  );
  const service = await spawnServer(
    process.execPath,
    [join(import.meta.dirname, 'restate-service.ts'), packages.urlOf('@restatedev/restate-sdk'), String(servicePort)],
    { port: servicePort },
  );
  await register(`http://127.0.0.1:${admin}/deployments`, `http://127.0.0.1:${servicePort}`);
  return {
    name,
    address: `127.0.0.1:${port}`,
    pid: server.pid,
    databaseUrl: undefined,
    openDriver: (workload) =>
      workload.name === COMPARABLE
        ? Promise.resolve(new HttpDriver(`http://127.0.0.1:${port}/bench/charge`))
        : undefined,
    async stop() {
      await service.stop();
      await server.stop();
      folder.remove();
    },
  };
}

async function register(deployments: string, uri: string): Promise<void> {
  const deadline = performance.now() + REGISTER_DEADLINE_MS;
  for (;;) {
    const answer = await fetch(deployments, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ uri }),
    }).catch((error: Error) => error);
    if (!(answer instanceof Error) && answer.ok) return;
    if (performance.now() > deadline) {
      throw new Error(
        `Restate did not register the service: ${answer instanceof Error ? answer.message : await answer.text()}`,
      );
    }
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}
