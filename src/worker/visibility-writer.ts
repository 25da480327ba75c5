// Writes what history records. Batches that arrive while one is being written go together in the next: one transaction for all.
// Worker thread.

import type { VisibilityRecord } from '#proto/ostinato/worker/v1';
import { type MaybePromise, whenReady } from '../base/maybe-promise.ts';
import type { Logger } from '../metrics/logger.ts';
import type { Counter } from '../metrics/metrics.ts';
import type { ThreadNamespaceRegistry } from '../namespace/index.ts';
import { resourceExhausted, unavailable } from '../proto/service-errors.ts';
import type { Clock } from '../runtime/clock.ts';
import {
  type RowWrite,
  rowFromRecord,
  type SearchableRow,
  type VisibilityStore,
  WRITE_REST_MS,
} from '../visibility/index.ts';
import type { MeasureVisibility } from './metrics.ts';

/** Rows in one transaction: a larger one holds up lists without getting cheaper per row. */
const MAX_BATCH_ROWS = 1000;
/** Rows that wait for their transaction; history keeps what is refused in its queue and tries again. */
const MAX_WAITING_ROWS = 100_000;
/** temporal.api.enums.v1.ResourceExhaustedCause: the system is overloaded. */
const CAUSE_SYSTEM_OVERLOADED = 3;
/** An attribute may be unknown only to this thread. After asking the store once, the answer counts for this long. */
const UNKNOWN_ATTRIBUTE_MS = 1000;
/** Attributes remembered as unknown; the oldest is forgotten first, and asked for again. */
const MAX_UNKNOWN_ATTRIBUTES = 1000;

interface Waiting {
  readonly writes: readonly RowWrite[];
  readonly done: () => void;
  readonly failed: (error: unknown) => void;
}

export interface VisibilityWriterOptions {
  readonly store: VisibilityStore;
  readonly registry: ThreadNamespaceRegistry;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly measure: MeasureVisibility;
  readonly skippedAttributes: Counter;
}

export class VisibilityWriter {
  private readonly options: VisibilityWriterOptions;
  private waiting: Waiting[] = [];
  private waitingRows = 0;
  private writing = false;
  /** Until the records that came so far have their rows; undefined while none waits for any. */
  private converting: Promise<void> | undefined;
  /** Namespace id and attribute to the time until which nobody asks for it. */
  private readonly unknown = new Map<string, number>();

  constructor(options: VisibilityWriterOptions) {
    this.options = options;
  }

  /** Resolves when the records are written. */
  async record(records: readonly VisibilityRecord[]): Promise<void> {
    if (records.length === 0) return;
    const writes = this.toWrites(records);
    const earlier = this.converting;
    if (earlier === undefined && !(writes instanceof Promise)) {
      await this.enqueue(writes);
      return;
    }
    // In the order in which they came: a row that is written after its own deletion would stay.
    const enqueued = Promise.all([writes, earlier]).then(([ready]) => ({ written: this.enqueue(ready) }));
    const settled = enqueued
      .catch(() => {})
      .then(() => {
        if (this.converting === settled) this.converting = undefined;
      });
    this.converting = settled;
    await (await enqueued).written;
  }

  private enqueue(writes: readonly RowWrite[]): Promise<void> {
    return new Promise<void>((done, failed) => {
      if (this.waitingRows + writes.length > MAX_WAITING_ROWS) {
        failed(resourceExhausted('visibility store is overloaded', CAUSE_SYSTEM_OVERLOADED));
        return;
      }
      this.waiting.push({ writes, done, failed });
      this.waitingRows += writes.length;
      if (!this.writing) void this.drain();
    });
  }

  private async drain(): Promise<void> {
    this.writing = true;
    while (this.waiting.length > 0) {
      const batch = this.takeBatch();
      try {
        const writes = batch.flatMap((waiting) => waiting.writes);
        await this.options.measure('RecordVisibility', () => this.options.store.record(writes));
        for (const { done } of batch) done();
      } catch (error) {
        this.options.logger.error({ err: error }, 'could not write visibility records');
        const reason = error instanceof Error ? error.message : String(error);
        for (const { failed } of batch) failed(unavailable(`visibility store failed: ${reason}`));
      }
      await new Promise<void>((resolve) => this.options.clock.after(WRITE_REST_MS, resolve));
    }
    this.writing = false;
  }

  private takeBatch(): readonly Waiting[] {
    let rows = 0;
    let count = 0;
    do {
      rows += this.waiting[count]!.writes.length;
      count++;
    } while (count < this.waiting.length && rows + this.waiting[count]!.writes.length <= MAX_BATCH_ROWS);
    this.waitingRows -= rows;
    return this.waiting.splice(0, count);
  }

  private toWrites(records: readonly VisibilityRecord[]): MaybePromise<readonly RowWrite[]> {
    const writes = records.map((record) => this.toWrite(record));
    const present = (all: readonly (RowWrite | undefined)[]) => all.filter((write) => write !== undefined);
    if (writes.some((write) => write instanceof Promise)) return Promise.all(writes).then(present);
    return present(writes as (RowWrite | undefined)[]);
  }

  private toWrite(record: VisibilityRecord): MaybePromise<RowWrite | undefined> {
    const { namespaceId, runId, version } = record;
    if (record.deleted) return { kind: 'delete', namespaceId, runId, version };
    return whenReady(this.toRow(record), (row) => row && { kind: 'upsert', row });
  }

  /** Undefined when the namespace is gone: nobody can list its rows any more. */
  private toRow(record: VisibilityRecord): MaybePromise<SearchableRow | undefined> {
    const { registry, skippedAttributes, logger } = this.options;
    const skipped: string[] = [];
    const read = (): SearchableRow | undefined => {
      skipped.length = 0;
      const namespace = registry.byId(record.namespaceId);
      return namespace && rowFromRecord(record, namespace, (attribute) => skipped.push(attribute));
    };
    const row = read();
    const isUnknown = row === undefined || skipped.some((attribute) => this.isNews(record.namespaceId, attribute));
    return whenReady(isUnknown ? registry.refresh().then(read) : row, (known) => {
      if (skipped.length > 0) {
        skippedAttributes.add(skipped.length);
        const { namespaceId, workflowId, runId } = record;
        logger.debug(
          { namespaceId, workflowId, runId, skipped },
          'search attributes without a field are not searchable',
        );
      }
      return known;
    });
  }

  /** Whether the attribute was not asked for lately; from now on it was. */
  private isNews(namespaceId: string, attribute: string): boolean {
    const key = `${namespaceId}/${attribute}`;
    const nowMs = this.options.clock.nowMs();
    if (nowMs < (this.unknown.get(key) ?? Number.NEGATIVE_INFINITY)) return false;
    this.unknown.delete(key);
    this.unknown.set(key, nowMs + UNKNOWN_ATTRIBUTE_MS);
    if (this.unknown.size > MAX_UNKNOWN_ATTRIBUTES) this.unknown.delete(this.unknown.keys().next().value!);
    return true;
  }
}
