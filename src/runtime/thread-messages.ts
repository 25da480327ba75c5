// What the main thread and the others tell each other outside the rings: links, life and death, log lines, metric snapshots.
// Rare, and needed before rings exist and after they are gone; so it goes by postMessage.

import type { SettingDeclaration } from '../config/dynamic-config.ts';
import type { KnownInstruments, MetricsSnapshot } from '../metrics/metrics-snapshot.ts';
import type { LinkEnd } from './link.ts';
import type { Topology } from './topology.ts';

/** A thread's workerData. */
export interface ThreadSetup {
  readonly thread: number;
  readonly topology: Topology;
  readonly bells: SharedArrayBuffer;
  readonly pollBoard: SharedArrayBuffer;
  readonly loads: SharedArrayBuffer;
  /** Threads whose link is on its way: the service begins when it has heard of all of them. */
  readonly peers: readonly number[];
  /** Lines below this pino level number are not made. */
  readonly logLevel: number;
  /** What the composition root wants its threads to know; survives structured clone. */
  readonly settings: unknown;
}

export type ToThread =
  | { readonly kind: 'link'; readonly end: LinkEnd }
  | { readonly kind: 'unlink'; readonly peer: number }
  /** Finish what is in progress: parked polls are answered empty. Answered by `drained`. */
  | { readonly kind: 'drain' }
  /** Stop; the thread ends by itself. */
  | { readonly kind: 'stop' }
  | { readonly kind: 'collectMetrics'; readonly request: number; readonly known: KnownInstruments | undefined };

export type FromThread =
  /** `declaredSettings`: what this thread's code reads, so that unknown keys can be told. */
  | { readonly kind: 'ready'; readonly declaredSettings: readonly SettingDeclaration[] }
  /** The service could not start; the thread ends. */
  | { readonly kind: 'failed'; readonly message: string; readonly stack: string | undefined }
  | { readonly kind: 'drained' }
  | { readonly kind: 'log'; readonly lines: readonly string[] }
  | { readonly kind: 'metrics'; readonly request: number; readonly snapshot: MetricsSnapshot };
