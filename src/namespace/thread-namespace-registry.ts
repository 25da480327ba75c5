// The namespaces as one thread knows them: loaded from the worker thread, refreshed when it says that something changed, and now
// and then for changes that another host made. Main loop, history threads, matching thread.

import {
  ListNamespaceRecordsRequest,
  ListNamespaceRecordsResponse,
  type NamespaceRecord,
} from '#proto/ostinato/worker/v1';
import type { MaybePromise } from '../base/maybe-promise.ts';
import type { DynamicConfig } from '../config/dynamic-config.ts';
import type { Logger } from '../metrics/logger.ts';
import { namespaceNotFound } from '../proto/service-errors.ts';
import type { Clock, TimerHandle } from '../runtime/clock.ts';
import type { Router } from '../runtime/router.ts';
import type { NamespaceRegistry } from './namespace-registry.ts';
import { CACHE_REFRESH_INTERVAL } from './settings.ts';

/** A name that was not there is not asked for again for this long: unknown names must not flood the worker thread. */
const MISSING_FOR_MS = 1000;
/** Missing names and ids remembered; the oldest goes first. */
const MAX_MISSING = 10_000;

export interface NamespaceRegistryOptions {
  readonly router: Pick<Router, 'callWorker'>;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly config: DynamicConfig;
}

export class ThreadNamespaceRegistry implements NamespaceRegistry {
  private readonly router: Pick<Router, 'callWorker'>;
  private readonly clock: Clock;
  private readonly logger: Logger;
  private readonly config: DynamicConfig;
  private readonly ids = new Map<string, NamespaceRecord>();
  private readonly names = new Map<string, NamespaceRecord>();
  /** Key to the time until which it counts as missing. */
  private readonly missing = new Map<string, number>();
  private readonly listeners: ((record: NamespaceRecord) => void)[] = [];
  private version = 0;
  private refreshing: Promise<void> | undefined;
  /** A refresh was asked for while one ran: what it read may be older than the question. */
  private again = false;
  private timer: TimerHandle | undefined;
  private stopped = false;

  constructor(options: NamespaceRegistryOptions) {
    this.router = options.router;
    this.clock = options.clock;
    this.logger = options.logger;
    this.config = options.config;
  }

  /** Loads all namespaces. The thread serves after that. */
  async start(): Promise<void> {
    await this.refresh();
    this.scheduleRefresh();
  }

  stop(): void {
    this.stopped = true;
    this.timer?.cancel();
  }

  byId(id: string): NamespaceRecord | undefined {
    return this.ids.get(id);
  }

  byName(name: string): NamespaceRecord | undefined {
    return this.names.get(name);
  }

  get size(): number {
    return this.ids.size;
  }

  resolveName(name: string): MaybePromise<NamespaceRecord> {
    return this.names.get(name) ?? this.ask(`name/${name}`, name, () => this.names.get(name));
  }

  resolveId(id: string): MaybePromise<NamespaceRecord> {
    return this.ids.get(id) ?? this.ask(`id/${id}`, id, () => this.ids.get(id));
  }

  /** Hears every record that is new or changed from now on. */
  onChange(listener: (record: NamespaceRecord) => void): void {
    this.listeners.push(listener);
  }

  /** All known records. */
  all(): Iterable<NamespaceRecord> {
    return this.ids.values();
  }

  /** The fact NamespacesChanged arrived. */
  namespacesChanged(version: number): void {
    if (version > this.version) this.refreshLogged();
  }

  private async ask(key: string, identity: string, find: () => NamespaceRecord | undefined): Promise<NamespaceRecord> {
    const missingUntil = this.missing.get(key);
    if (missingUntil !== undefined && this.clock.nowMs() < missingUntil) throw namespaceNotFound(identity);
    await this.refresh();
    const record = find();
    if (record !== undefined) return record;
    this.missing.delete(key);
    this.missing.set(key, this.clock.nowMs() + MISSING_FOR_MS);
    if (this.missing.size > MAX_MISSING) this.missing.delete(this.missing.keys().next().value!);
    throw namespaceNotFound(identity);
  }

  /** Asks the worker thread now. One call at a time; who asks during one gets the result of a later one. */
  refresh(): Promise<void> {
    if (this.refreshing !== undefined) {
      this.again = true;
      return this.refreshing;
    }
    this.refreshing = this.load();
    return this.refreshing;
  }

  private async load(): Promise<void> {
    try {
      do {
        this.again = false;
        const request = ListNamespaceRecordsRequest.encode({ afterVersion: this.version });
        const response = await this.router.callWorker('ListNamespaceRecords', request);
        const { records, version } = ListNamespaceRecordsResponse.decode(response);
        for (const record of records) this.apply(record);
        this.version = Math.max(this.version, version);
      } while (this.again);
    } finally {
      this.refreshing = undefined; // in the same turn as the last look at `again`: nobody joins a load that is over
    }
  }

  private apply(record: NamespaceRecord): void {
    const known = this.ids.get(record.id);
    if (known !== undefined && known.notificationVersion > record.notificationVersion) return;
    // A rename frees the old name, which another namespace may already have.
    if (known !== undefined && this.names.get(known.name)?.id === record.id) this.names.delete(known.name);
    if (record.deleted) {
      this.ids.delete(record.id);
    } else {
      this.ids.set(record.id, record);
      this.names.set(record.name, record);
      this.missing.delete(`name/${record.name}`);
      this.missing.delete(`id/${record.id}`);
    }
    for (const listener of this.listeners) listener(record);
  }

  private scheduleRefresh(): void {
    if (this.stopped) return;
    this.timer = this.clock.after(this.config.get(CACHE_REFRESH_INTERVAL), () => {
      this.refreshLogged();
      this.scheduleRefresh();
    });
  }

  /** Nobody waits for it: a failure is logged, and the next refresh makes up for it. */
  private refreshLogged(): void {
    this.refresh().catch((error: unknown) => {
      if (!this.stopped) this.logger.warn({ err: error }, 'could not refresh namespaces');
    });
  }
}
