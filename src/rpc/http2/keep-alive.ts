// Keep-alive of one connection, both ways: pings of the client that come too often (grpc/doc/keepalive.md, "server
// enforcement"), our own pings to a silent peer, idleness and age. Decides; the connection acts. Main loop.

import type { KeepAlivePolicy } from '../limits.ts';

/** As many pings in excess as grpc-go forgives (internal/transport/http2_server.go, maxPingStrikes). */
const MAX_PING_STRIKES = 2;
/** How far apart pings must be without a call in progress, where that is not permitted at the usual rate (grpc-go). */
const MIN_PING_WITHOUT_STREAM_MS = 2 * 60 * 60 * 1000;
/** Spreads the reconnections of clients that all came at once (grpc-go: 10 %). */
const AGE_JITTER = 0.1;

export type KeepAliveAction = 'none' | 'ping' | 'ping timeout' | 'idle' | 'aged' | 'age grace over';

export class KeepAlive {
  readonly #policy: KeepAlivePolicy;
  readonly #agesMs: number;
  #lastPingMs = Number.NEGATIVE_INFINITY;
  #strikes = 0;
  #lastReadMs: number;
  #idleSinceMs: number;
  #pingSentMs = Number.NaN;

  constructor(policy: KeepAlivePolicy, nowMs: number, random: () => number) {
    this.#policy = policy;
    this.#agesMs = nowMs + policy.maxConnectionAgeMs * (1 + AGE_JITTER * (2 * random() - 1));
    this.#lastReadMs = nowMs;
    this.#idleSinceMs = nowMs;
  }

  /** Something was read: the peer lives. */
  noteRead(nowMs: number): void {
    this.#lastReadMs = nowMs;
    this.#pingSentMs = Number.NaN;
  }

  /** HEADERS or DATA were sent: a client that estimates bandwidth answers them with pings, which is its right (grpc-go). */
  noteDataSent(): void {
    this.#strikes = 0;
  }

  noteIdle(nowMs: number): void {
    this.#idleSinceMs = nowMs;
  }

  /** A ping arrived. False when it was one too many. */
  allowPing(nowMs: number, hasStreams: boolean): boolean {
    const relaxed = hasStreams || this.#policy.permitWithoutStream;
    const minMs = relaxed ? this.#policy.minTimeMs : MIN_PING_WITHOUT_STREAM_MS;
    if (nowMs - this.#lastPingMs < minMs) this.#strikes++;
    this.#lastPingMs = nowMs;
    return this.#strikes <= MAX_PING_STRIKES;
  }

  /** What is due. Called about once a second. */
  check(nowMs: number, hasStreams: boolean): KeepAliveAction {
    const policy = this.#policy;
    if (nowMs >= this.#agesMs + policy.maxConnectionAgeGraceMs) return 'age grace over';
    if (nowMs >= this.#agesMs) return 'aged';
    if (!hasStreams && nowMs - this.#idleSinceMs >= policy.maxConnectionIdleMs) return 'idle';
    if (!Number.isNaN(this.#pingSentMs)) return nowMs - this.#pingSentMs >= policy.timeoutMs ? 'ping timeout' : 'none';
    if (nowMs - this.#lastReadMs < policy.timeMs) return 'none';
    this.#pingSentMs = nowMs;
    return 'ping';
  }
}
