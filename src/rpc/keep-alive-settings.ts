// The keep-alive policy of the public port as dynamic configuration, with Temporal's keys. Read when the port is opened, as
// Temporal reads it. Main loop.

import { type DynamicConfig, defineSetting } from '../config/dynamic-config.ts';
import { DEFAULT_KEEP_ALIVE, type KeepAlivePolicy } from './limits.ts';

const time = (key: string, defaultValue: number) =>
  defineSetting<number>({ key, type: 'durationMs', scope: 'global', defaultValue });

const MIN_TIME = time('frontend.keepAliveMinTime', DEFAULT_KEEP_ALIVE.minTimeMs);
const PERMIT_WITHOUT_STREAM = defineSetting<boolean>({
  key: 'frontend.keepAlivePermitWithoutStream',
  type: 'bool',
  scope: 'global',
  defaultValue: DEFAULT_KEEP_ALIVE.permitWithoutStream,
});
const MAX_CONNECTION_IDLE = time('frontend.keepAliveMaxConnectionIdle', DEFAULT_KEEP_ALIVE.maxConnectionIdleMs);
const MAX_CONNECTION_AGE = time('frontend.keepAliveMaxConnectionAge', DEFAULT_KEEP_ALIVE.maxConnectionAgeMs);
const MAX_CONNECTION_AGE_GRACE = time(
  'frontend.keepAliveMaxConnectionAgeGrace',
  DEFAULT_KEEP_ALIVE.maxConnectionAgeGraceMs,
);
const TIME = time('frontend.keepAliveTime', DEFAULT_KEEP_ALIVE.timeMs);
const TIMEOUT = time('frontend.keepAliveTimeout', DEFAULT_KEEP_ALIVE.timeoutMs);

const MINUTE_MS = 60_000;
const { POSITIVE_INFINITY: NEVER } = Number;

/** Zero means what it means to grpc-go (internal/transport/defaults.go): no limit, or gRPC's own default. */
export function keepAlivePolicy(config: DynamicConfig): KeepAlivePolicy {
  return {
    minTimeMs: config.get(MIN_TIME) || 5 * MINUTE_MS,
    permitWithoutStream: config.get(PERMIT_WITHOUT_STREAM),
    maxConnectionIdleMs: config.get(MAX_CONNECTION_IDLE) || NEVER,
    maxConnectionAgeMs: config.get(MAX_CONNECTION_AGE) || NEVER,
    maxConnectionAgeGraceMs: config.get(MAX_CONNECTION_AGE_GRACE) || NEVER,
    timeMs: config.get(TIME) || 120 * MINUTE_MS,
    timeoutMs: config.get(TIMEOUT) || 20_000,
  };
}
