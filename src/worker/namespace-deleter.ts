// Removes what a deleted namespace leaves: its executions through history, its task queues, its visibility rows, and last its
// record. Goes on after a restart: the record says that the namespace is deleted. Worker thread. Temporal 1.31
// service/worker/deletenamespace does the same with system workflows.

import { ApiRequest } from '#proto/ostinato/history/v1';
import { DeleteNamespaceQueuesRequest } from '#proto/ostinato/matching/v1';
import type { NamespaceRecord } from '#proto/ostinato/worker/v1';
import { NamespaceState } from '#proto/temporal/api/enums/v1';
import { DeleteActivityExecutionRequest, DeleteWorkflowExecutionRequest } from '#proto/temporal/api/workflowservice/v1';
import { GrpcCode, ServiceError } from '../base/service-error.ts';
import type { DynamicConfig } from '../config/dynamic-config.ts';
import type { Logger } from '../metrics/logger.ts';
import type { NamespaceStore } from '../namespace/index.ts';
import type { Clock, TimerHandle } from '../runtime/clock.ts';
import type { Router } from '../runtime/router.ts';
import { shardIdOf } from '../runtime/shard-id.ts';
import { isActivityRow, type Predicate, type VisibilityRow, type VisibilityStore } from '../visibility/index.ts';
import type { MeasureVisibility } from './metrics.ts';
import { DELETE_NAMESPACE_PAGE_SIZE, DELETE_NAMESPACE_RPS } from './settings.ts';

/**
 * Before the first round: by then every registry knows that the namespace is deleted and refuses new executions, and visibility
 * has heard of those before (registries refresh every 2 s; Temporal waits 11 s for its own).
 */
const SETTLE_DELAY_MS = 3000;
/** Between rounds: history removes visibility rows after it has answered a deletion. */
const ROUND_DELAY_MS = 1000;
/** After a round that failed. */
const RETRY_DELAY_MS = 10_000;
/** A removed record stays for this long, marked, so that every thread and host hears of the removal. */
const TOMBSTONE_MS = 60_000;
const SECOND_MS = 1000;

/** Rows of all divisions. */
const EVERYTHING: Predicate = { kind: 'and', operands: [] };

export interface NamespaceDeleterOptions {
  readonly namespaces: NamespaceStore;
  readonly visibility: VisibilityStore;
  readonly router: Router;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly config: DynamicConfig;
  readonly measure: MeasureVisibility;
  readonly historyShardCount: number;
}

export class NamespaceDeleter {
  private readonly options: NamespaceDeleterOptions;
  private readonly timers = new Set<TimerHandle>();
  /** Ids of namespaces being deleted. */
  private readonly active = new Set<string>();
  private stopped = false;

  constructor(options: NamespaceDeleterOptions) {
    this.options = options;
  }

  /** Takes up what an earlier process left. */
  resume(records: Iterable<NamespaceRecord>): void {
    for (const record of records) {
      if (record.deleted) this.removeTombstone(record.id);
      else if (record.state === NamespaceState.DELETED) this.begin(record, 0);
    }
  }

  /** `delayMs` passes between the last execution's end and the record's. */
  begin(record: NamespaceRecord, delayMs: number): void {
    if (this.active.has(record.id)) return;
    this.active.add(record.id);
    this.again(SETTLE_DELAY_MS, () => this.run(record, delayMs));
  }

  stop(): void {
    this.stopped = true;
    for (const timer of this.timers) timer.cancel();
    this.timers.clear();
  }

  private async run(record: NamespaceRecord, delayMs: number): Promise<void> {
    const { logger } = this.options;
    try {
      if (await this.deleteExecutions(record)) {
        this.again(ROUND_DELAY_MS, () => this.run(record, delayMs));
        return;
      }
      await this.deleteTaskQueues(record);
      if (delayMs > 0) this.again(delayMs, () => this.finish(record));
      else await this.finish(record);
    } catch (error) {
      if (this.stopped) return;
      logger.warn({ err: error, namespace: record.name }, 'could not delete a namespace yet');
      this.again(RETRY_DELAY_MS, () => this.run(record, delayMs));
    }
  }

  private again(delayMs: number, run: () => Promise<void>): void {
    if (this.stopped) return;
    const timer = this.options.clock.after(delayMs, () => {
      this.timers.delete(timer);
      run().catch((error: unknown) => this.options.logger.error({ err: error }, 'deletion of a namespace failed'));
    });
    this.timers.add(timer);
  }

  /** Asks history to delete every execution that visibility knows. True if there were any. */
  private async deleteExecutions(record: NamespaceRecord): Promise<boolean> {
    const { visibility, measure, config } = this.options;
    const limit = Math.max(1, config.get(DELETE_NAMESPACE_PAGE_SIZE));
    const request = { namespaceId: record.id, predicate: EVERYTHING, limit, after: undefined };
    const rows = await measure('ListWorkflowExecutions', () => visibility.list(request));
    const perSecond = Math.max(1, config.get(DELETE_NAMESPACE_RPS));
    for (let start = 0; start < rows.length && !this.stopped; start += perSecond) {
      if (start > 0) await this.sleep(SECOND_MS);
      await Promise.all(rows.slice(start, start + perSecond).map((row) => this.deleteExecution(record, row)));
    }
    return rows.length > 0;
  }

  private async deleteExecution(record: NamespaceRecord, row: VisibilityRow): Promise<void> {
    const { visibility } = this.options;
    const { workflowId, runId } = row;
    const { name: namespace } = record;
    // A workflow may have been given the division of activities by its owner.
    const isDeleted =
      (isActivityRow(row) &&
        (await this.askHistory(
          record.id,
          workflowId,
          'DeleteActivityExecution',
          DeleteActivityExecutionRequest.encode({ namespace, activityId: workflowId, runId }),
        ))) ||
      (await this.askHistory(
        record.id,
        workflowId,
        'DeleteWorkflowExecution',
        DeleteWorkflowExecutionRequest.encode({ namespace, workflowExecution: { workflowId, runId } }),
      ));
    // History has nothing left of it: only the row is to go.
    if (!isDeleted)
      await visibility.record([{ kind: 'delete', namespaceId: record.id, runId, version: Number.MAX_SAFE_INTEGER }]);
  }

  /** False if history does not know the execution. */
  private async askHistory(
    namespaceId: string,
    id: string,
    method: 'DeleteActivityExecution' | 'DeleteWorkflowExecution',
    request: Uint8Array,
  ): Promise<boolean> {
    const { router, historyShardCount } = this.options;
    try {
      await router.callHistory(
        shardIdOf(namespaceId, id, historyShardCount),
        method,
        ApiRequest.encode({ namespaceId, request }),
      );
      return true;
    } catch (error) {
      if (!(error instanceof ServiceError) || error.code !== GrpcCode.NOT_FOUND) throw error;
      return false;
    }
  }

  private async deleteTaskQueues(record: NamespaceRecord): Promise<void> {
    const request = DeleteNamespaceQueuesRequest.encode({ namespaceId: record.id });
    await this.options.router.callMatching(record.id, 'DeleteNamespaceQueues', request);
  }

  private async finish(record: NamespaceRecord): Promise<void> {
    const { namespaces, visibility, measure, logger } = this.options;
    await measure('DeleteNamespace', () => visibility.deleteNamespace(record.id));
    const current = await namespaces.byId(record.id);
    if (current !== undefined) await namespaces.update(current.name, (stored) => ({ ...stored, deleted: true }));
    logger.info({ namespace: record.name, namespaceId: record.id }, 'the namespace is deleted');
    this.active.delete(record.id);
    this.removeTombstone(record.id);
  }

  private removeTombstone(id: string): void {
    this.again(TOMBSTONE_MS, () => this.options.namespaces.remove(id));
  }

  private sleep(delayMs: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = this.options.clock.after(delayMs, () => {
        this.timers.delete(timer);
        resolve();
      });
      this.timers.add(timer);
    });
  }
}
