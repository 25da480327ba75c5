// A server as a command: starts, says where it listens, runs until a signal, drains, exits.

import { OSTINATO_VERSION } from '../base/version.ts';
import { type RunningServer, startServer } from './server/server.ts';
import type { ListenAddress, ServerOptions, WebUiServerOptions } from './server/server-options.ts';

/** A drain that hangs ends here: SIGTERM to exit takes at most 5 s (issue 3). */
const STOP_LIMIT_MS = 4_800;

/** Signals closer together than this are one wish: Ctrl-C reaches the whole process group, npm included. */
const SAME_SIGNAL_MS = 500;

/** The address as a client types it. */
function clientAddress(host: string, port: number): string {
  const reachable = host === '0.0.0.0' || host === '::' ? 'localhost' : host;
  return reachable.includes(':') ? `[${reachable}]:${port}` : `${reachable}:${port}`;
}

function webUiLine({ host, port }: ListenAddress, options: WebUiServerOptions | undefined): string {
  const url = `http://${clientAddress(host, port)}${options?.publicPath ?? ''}`;
  return options?.assets === undefined ? `${url} (not installed; the page says how)` : url;
}

/** Returns when the server is to end; the caller exits. */
export async function runServer(
  options: ServerOptions,
  describeStore: string,
  notices: readonly string[] = [],
): Promise<void> {
  const server = await startServer(options);
  const ended = untilSignal(server);
  for (const notice of notices) server.logger.warn({ notice }, 'static configuration');
  const lines = [
    `Ostinato ${OSTINATO_VERSION}`,
    '',
    `Temporal gRPC:  ${clientAddress(server.grpc.host, server.grpc.port)}`,
    ...(server.http === undefined
      ? []
      : [
          `HTTP API:       ${options.tls === undefined ? 'http' : 'https'}://${clientAddress(server.http.host, server.http.port)}`,
        ]),
    ...(server.webUi === undefined ? [] : [`Web UI:         ${webUiLine(server.webUi, options.webUi)}`]),
    ...(server.metrics === undefined
      ? []
      : [`Metrics:        http://${clientAddress(server.metrics.host, server.metrics.port)}/metrics`]),
    ...(options.namespaces.length === 0 ? [] : [`Namespaces:     ${options.namespaces.join(', ')}`]),
    `Data:           ${describeStore}`,
    `Threads:        ${server.topology.threads.map((thread) => thread.name).join(', ')}`,
    `Ready in ${Math.round(performance.now())} ms`,
    '',
  ];
  process.stdout.write(lines.join('\n'));
  await ended;
}

function untilSignal(server: RunningServer): Promise<void> {
  return new Promise<void>((resolve) => {
    let stoppingSinceMs: number | undefined;
    const stop = (signal: string) => {
      if (stoppingSinceMs !== undefined) {
        // Whoever asks twice does not want to wait; the store is crash safe. npm may pass on what the terminal sent already.
        if (performance.now() - stoppingSinceMs > SAME_SIGNAL_MS) process.exit(1);
        return;
      }
      stoppingSinceMs = performance.now();
      server.logger.info({ signal }, 'stopping');
      const limit = setTimeout(() => {
        server.logger.error({ limitMs: STOP_LIMIT_MS }, 'the server did not stop in time');
        process.exitCode = 1;
        resolve();
      }, STOP_LIMIT_MS);
      void server.stop().finally(() => {
        clearTimeout(limit);
        resolve();
      });
    };
    process.on('SIGTERM', stop);
    process.on('SIGINT', stop);
    // A bug in one call must not take the others down; what is durable is on other threads.
    process.on('uncaughtException', (error) => server.logger.error({ err: error }, 'uncaught exception'));
    process.on('unhandledRejection', (error) => server.logger.error({ err: error }, 'unhandled rejection'));
  });
}
