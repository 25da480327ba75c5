// Visibility on SQLite: a file of its own beside the data files, so that lists and history's commits never wait for each other.
// Written with synchronous=NORMAL: what a power cut takes is replayed from history's visibility queue, which is acknowledged only
// after a batch, and rows carry versions, so a replay changes nothing that is newer. Worker thread.

import type { DatabaseSync, SQLInputValue, StatementSync } from 'node:sqlite';
import { IN_MEMORY_PATH, openDatabase } from '../../persistence/sqlite/open-database.ts';
import { prepareDatabaseSchema } from '../../persistence/sqlite/schema.ts';
import type { FilterColumn, FilterValue, Predicate } from '../filter/predicate.ts';
import { ATTRIBUTE_FIELDS } from '../search-attributes/definitions.ts';
import { afterPosition, LIST_ORDER, predicateSql, type SqlDialect } from '../sql/predicate-sql.ts';
import { ROW_COLUMNS, rowFromColumns, rowValues, type StoredRow, searchValue } from '../sql/row-columns.ts';
import type { SearchableRow, VisibilityRow } from '../visibility-row.ts';
import {
  type ListRequest,
  lastWrites,
  type RowDelete,
  type RowWrite,
  type StatusCount,
  type VisibilityStore,
} from '../visibility-store.ts';
import { sqliteVisibilitySchema } from './schema.ts';

/** Statements of filters kept prepared: dashboards repeat a few filters. */
const MAX_CACHED_STATEMENTS = 100;
export const FILE_SUFFIX = '-visibility';

export interface SqliteVisibilityOptions {
  /** The main data file: visibility's is beside it. ':memory:' keeps everything in memory. */
  readonly path: string;
  /** Extra pragmas, name to value. */
  readonly pragmas: Readonly<Record<string, string>>;
}

export class SqliteVisibilityStore implements VisibilityStore {
  readonly name = 'sqlite';
  private readonly location: string;
  private readonly database: DatabaseSync;
  private readonly statements = new Map<string, StatementSync>();
  /** Namespace id to its number. */
  private readonly numbers = new Map<string, number>();
  private closed = false;

  constructor(options: SqliteVisibilityOptions) {
    this.location = options.path === IN_MEMORY_PATH ? options.path : options.path + FILE_SUFFIX;
    this.database = openDatabase({
      path: this.location,
      pragmas: { synchronous: 'NORMAL', ...options.pragmas },
      locking: 'exclusive',
    });
  }

  prepareSchema(options: { readonly upgrade: boolean }): void {
    prepareDatabaseSchema(this.database, this.location, sqliteVisibilitySchema, options);
  }

  record(batch: readonly RowWrite[]): void {
    if (batch.length === 0) return;
    this.transaction(() => {
      for (const write of lastWrites(batch)) {
        if (write.kind === 'upsert') this.upsert(write.row);
        else this.remove(write);
      }
    });
  }

  private upsert(row: SearchableRow): void {
    const values: SQLInputValue[] = [this.numberForWriting(row.namespaceId), ...rowValues(row)];
    if (row.attributes.size === 0) {
      this.statement(UPSERT_PLAIN).run(...values); // most rows: 20 values to bind instead of 60
      return;
    }
    for (const [field, type] of ATTRIBUTE_FIELDS) values.push(searchValue(row.attributes.get(field), type));
    this.statement(UPSERT_FULL).run(...values);
  }

  private remove({ namespaceId, runId, version }: RowDelete): void {
    const namespace = this.numberOf(namespaceId);
    if (namespace !== undefined) this.statement(DELETE_ROW).run(namespace, runId, version);
  }

  list(request: ListRequest): readonly VisibilityRow[] {
    const { namespaceId, predicate, after, limit } = request;
    const namespace = this.numberOf(namespaceId);
    if (namespace === undefined) return [];
    const parameters: SQLInputValue[] = [namespace];
    let where = `namespace = ? AND ${predicateSql(predicate, parameters, SQLITE)}`;
    if (after !== undefined) {
      where += ` AND ${afterPosition(['?', '?', '?', '?', '?'])}`;
      parameters.push(after.closeMicros, after.closeMicros, after.startMicros, after.startMicros, after.runId);
    }
    parameters.push(limit);
    const columns = ROW_COLUMNS.join(', ');
    const statement = this.statement(`SELECT ${columns} FROM executions WHERE ${where} ORDER BY ${LIST_ORDER} LIMIT ?`);
    const rows = statement.all(...parameters) as unknown as StoredRow[];
    return rows.map((row) => rowFromColumns(namespaceId, row));
  }

  count(namespaceId: string, predicate: Predicate): number {
    const counted = this.select(namespaceId, predicate, 'SELECT count(*) AS count FROM executions WHERE', '');
    return counted[0]?.count ?? 0;
  }

  countByStatus(namespaceId: string, predicate: Predicate): readonly StatusCount[] {
    const select = 'SELECT status, count(*) AS count FROM executions WHERE';
    const rows = this.select(namespaceId, predicate, select, 'GROUP BY status ORDER BY status');
    return rows.map(({ status, count }) => ({ status, count }));
  }

  private select(namespaceId: string, predicate: Predicate, select: string, rest: string): readonly StatusCount[] {
    const namespace = this.numberOf(namespaceId);
    if (namespace === undefined) return [];
    const parameters: SQLInputValue[] = [namespace];
    const condition = predicateSql(predicate, parameters, SQLITE);
    const statement = this.statement(`${select} namespace = ? AND ${condition} ${rest}`);
    return statement.all(...parameters) as unknown as StatusCount[];
  }

  deleteNamespace(namespaceId: string): void {
    const namespace = this.numberOf(namespaceId);
    if (namespace === undefined) return;
    this.transaction(() => {
      this.statement('DELETE FROM executions WHERE namespace = ?').run(namespace);
      this.statement('DELETE FROM namespaces WHERE number = ?').run(namespace);
    });
    this.numbers.delete(namespaceId);
  }

  /** Undefined for a namespace that has never had a row. */
  private numberOf(namespaceId: string): number | undefined {
    const known = this.numbers.get(namespaceId);
    if (known !== undefined) return known;
    const row = this.statement('SELECT number FROM namespaces WHERE id = ?').get(namespaceId);
    if (row === undefined) return undefined;
    const number = row.number as number;
    this.numbers.set(namespaceId, number);
    return number;
  }

  private numberForWriting(namespaceId: string): number {
    const known = this.numberOf(namespaceId);
    if (known !== undefined) return known;
    this.statement('INSERT INTO namespaces (id) VALUES (?)').run(namespaceId);
    return this.numberOf(namespaceId)!;
  }

  close(): void {
    if (this.closed) return;
    this.closed = true;
    this.statements.clear();
    this.database.close();
  }

  private transaction(run: () => void): void {
    this.database.exec('BEGIN IMMEDIATE');
    try {
      run();
      this.database.exec('COMMIT');
    } catch (error) {
      if (this.database.isTransaction) this.database.exec('ROLLBACK');
      this.numbers.clear(); // numbers given in the transaction are void
      throw error;
    }
  }

  /** Prepared once; the least recently used goes when there are too many. */
  private statement(sql: string): StatementSync {
    const statement = this.statements.get(sql) ?? this.database.prepare(sql);
    this.statements.delete(sql);
    this.statements.set(sql, statement);
    if (this.statements.size > MAX_CACHED_STATEMENTS) {
      this.statements.delete(this.statements.keys().next().value!);
    }
    return statement;
  }
}

const DELETE_ROW = 'DELETE FROM executions WHERE namespace = ? AND run_id = ? AND version <= ?';

const ATTRIBUTE_COLUMNS = [...ATTRIBUTE_FIELDS.keys()].map((field) => `"${field}"`);
const UPSERT_PLAIN = upsertSql(['namespace', ...ROW_COLUMNS]);
const UPSERT_FULL = upsertSql(['namespace', ...ROW_COLUMNS, ...ATTRIBUTE_COLUMNS]);

/** Columns that are not inserted become null on an update too: the row is replaced, not merged. */
function upsertSql(inserted: readonly string[]): string {
  const replaced = [...ROW_COLUMNS, ...ATTRIBUTE_COLUMNS].map((column) => `${column} = excluded.${column}`);
  return `INSERT INTO executions (${inserted.join(', ')}) VALUES (${inserted.map(() => '?').join(', ')})
    ON CONFLICT (namespace, run_id) DO UPDATE SET ${replaced.join(', ')} WHERE version < excluded.version`;
}

const SQLITE: SqlDialect<SQLInputValue> = {
  parameter(parameters: SQLInputValue[], _column: FilterColumn, value: FilterValue): string {
    parameters.push(value);
    return '?';
  },
  textParameter(parameters, value) {
    parameters.push(value);
    return '?';
  },
  startsWith: (column, parameter) => `(instr(${column}, ${parameter}) = 1)`,
  listHolds(parameters, column, values) {
    parameters.push(...values);
    const places = values.map(() => '?').join(', ');
    return `EXISTS (SELECT 1 FROM json_each(${column}) WHERE json_each.value IN (${places}))`;
  },
  contains: (column, parameter) => `(instr(${column}, ${parameter}) > 0)`,
};
