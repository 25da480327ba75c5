// GET /metrics for Prometheus: asks all threads, merges, answers. Main loop.

import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { pipeline } from 'node:stream/promises';
import { MergedMetrics } from '../../metrics/merged-metrics.ts';
import type { PrometheusText } from '../../metrics/prometheus-text.ts';
import type { ThreadContext } from '../../runtime/thread-context.ts';
import type { ThreadSupervisor } from '../../runtime/thread-supervisor.ts';
import { listenError } from './listen-error.ts';
import type { ListenAddress } from './server-options.ts';
import { StallMeter } from './stall-meter.ts';

export interface MetricsEndpoint {
  readonly address: ListenAddress;
  stop(): Promise<void>;
}

export async function startMetricsEndpoint(
  at: ListenAddress,
  context: ThreadContext,
  supervisor: ThreadSupervisor,
): Promise<MetricsEndpoint> {
  let text: PrometheusText | undefined;
  const stalls = new StallMeter(context.metrics, context.clock);
  const merged = new MergedMetrics();
  const answer = async (response: ServerResponse): Promise<void> => {
    // Loaded by the first scrape: most development servers never see one.
    text ??= new (await import('../../metrics/prometheus-text.ts')).PrometheusText();
    stalls.sample();
    const others = await supervisor.collectMetrics((thread) => merged.knownOf(thread));
    const ours = context.metrics.snapshot(merged.knownOf(context.description.name));
    const pieces = text.pieces(merged, merged.sum([ours, ...others]));
    response.writeHead(200, { 'content-type': text.contentType });
    await pipeline(pieces, response);
  };
  const server = createServer((request, response) => {
    if (request.method !== 'GET' || request.url?.split('?', 1)[0] !== '/metrics') {
      response.writeHead(404).end('not found\n');
      return;
    }
    answer(response).catch((error: unknown) => {
      if ((error as NodeJS.ErrnoException).code === 'ERR_STREAM_PREMATURE_CLOSE') return; // nobody reads it any more
      context.logger.error({ err: error }, 'metrics cannot be rendered');
      if (!response.headersSent) response.writeHead(500).end('metrics cannot be rendered\n');
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error) => reject(listenError(at.host, at.port, error)));
    server.listen(at.port, at.host, resolve);
  });
  return {
    address: { host: at.host, port: (server.address() as AddressInfo).port },
    stop: async () => {
      stalls.stop();
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}
