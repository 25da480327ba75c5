// Visibility in a map, without indexes: for tests and the simulator, and the oracle that the SQL stores are compared with.

import type { Predicate } from '../filter/predicate.ts';
import type { SearchableRow, VisibilityRow } from '../visibility-row.ts';
import {
  type ListRequest,
  lastWrites,
  type PagePosition,
  positionOf,
  type RowWrite,
  type StatusCount,
  type VisibilityStore,
} from '../visibility-store.ts';
import { compareText } from './compare-text.ts';
import { evaluate } from './evaluate.ts';

export class MemoryVisibilityStore implements VisibilityStore {
  readonly name = 'memory';
  /** By namespace id, then run id. */
  private readonly namespaces = new Map<string, Map<string, SearchableRow>>();

  prepareSchema(): void {}

  record(batch: readonly RowWrite[]): void {
    for (const write of lastWrites(batch)) {
      const { namespaceId, runId } = write.kind === 'upsert' ? write.row : write;
      const rows = this.rowsOf(namespaceId);
      const stored = rows.get(runId);
      if (write.kind === 'upsert') {
        if (stored === undefined || stored.version < write.row.version) rows.set(runId, write.row);
      } else if (stored !== undefined && stored.version <= write.version) {
        rows.delete(runId);
      }
    }
  }

  list(request: ListRequest): readonly VisibilityRow[] {
    const { after } = request;
    return this.matching(request.namespaceId, request.predicate)
      .filter((row) => after === undefined || compare(positionOf(row), after) > 0)
      .sort((a, b) => compare(positionOf(a), positionOf(b)))
      .slice(0, request.limit);
  }

  count(namespaceId: string, predicate: Predicate): number {
    return this.matching(namespaceId, predicate).length;
  }

  countByStatus(namespaceId: string, predicate: Predicate): readonly StatusCount[] {
    const counts = new Map<number, number>();
    for (const { status } of this.matching(namespaceId, predicate)) counts.set(status, (counts.get(status) ?? 0) + 1);
    return [...counts].map(([status, count]) => ({ status, count })).sort((a, b) => a.status - b.status);
  }

  deleteNamespace(namespaceId: string): void {
    this.namespaces.delete(namespaceId);
  }

  close(): void {}

  private rowsOf(namespaceId: string): Map<string, SearchableRow> {
    let rows = this.namespaces.get(namespaceId);
    if (rows === undefined) {
      rows = new Map();
      this.namespaces.set(namespaceId, rows);
    }
    return rows;
  }

  private matching(namespaceId: string, predicate: Predicate): SearchableRow[] {
    return [...this.rowsOf(namespaceId).values()].filter((row) => evaluate(predicate, row) === true);
  }
}

function compare(a: PagePosition, b: PagePosition): number {
  return b.closeMicros - a.closeMicros || b.startMicros - a.startMicros || compareText(a.runId, b.runId);
}
