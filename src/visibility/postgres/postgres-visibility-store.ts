// Visibility on PostgreSQL, in tables of its own beside the data. Worker thread.

import { IndexedValueType } from '#proto/temporal/api/enums/v1';
import { ArrayLiteral, fromStoredText, toStoredText } from '../../persistence/postgres/array-literal.ts';
import { type Parameter, PostgresClient } from '../../persistence/postgres/client.ts';
import { prepareDatabaseSchema } from '../../persistence/postgres/schema.ts';
import type { FilterColumn, FilterValue, Predicate } from '../filter/predicate.ts';
import { afterPosition, LIST_ORDER, predicateSql, type SqlDialect } from '../sql/predicate-sql.ts';
import { ROW_COLUMNS, rowFromColumns, type StoredRow } from '../sql/row-columns.ts';
import type { VisibilityRow } from '../visibility-row.ts';
import {
  type ListRequest,
  lastWrites,
  type RowWrite,
  type StatusCount,
  type VisibilityStore,
} from '../visibility-store.ts';
import { RECORD_STATEMENT, recordParameters } from './record-batch.ts';
import { EXECUTIONS, postgresVisibilitySchema, VISIBILITY_SCHEMA_NAME } from './schema.ts';

export interface PostgresVisibilityOptions {
  readonly url: string;
  readonly maxConnections: number;
}

export class PostgresVisibilityStore implements VisibilityStore {
  /** The name that Temporal gives its PostgreSQL plugin. */
  readonly name = 'postgres12';
  private readonly client: PostgresClient;
  private readonly url: string;

  constructor(options: PostgresVisibilityOptions) {
    this.url = options.url;
    this.client = new PostgresClient({ ...options, planning: 'statistics' });
  }

  async prepareSchema(options: { readonly upgrade: boolean }): Promise<void> {
    const target = { url: this.url, name: VISIBILITY_SCHEMA_NAME, steps: postgresVisibilitySchema };
    await prepareDatabaseSchema(target, options);
  }

  async record(batch: readonly RowWrite[]): Promise<void> {
    if (batch.length === 0) return;
    await this.client.query('record visibility', RECORD_STATEMENT, recordParameters(lastWrites(batch)));
  }

  async list(request: ListRequest): Promise<readonly VisibilityRow[]> {
    const parameters: Parameter[] = [];
    let where = whereClause(request.namespaceId, request.predicate, parameters);
    if (request.after !== undefined) {
      const { closeMicros, startMicros, runId } = request.after;
      const close = bigintParameter(parameters, closeMicros);
      const start = bigintParameter(parameters, startMicros);
      const run = textParameter(parameters, runId);
      where += ` AND ${afterPosition([close, close, start, start, run])}`;
    }
    const text = `SELECT ${ROW_COLUMNS.join(', ')} FROM ${EXECUTIONS} WHERE ${where} ORDER BY ${LIST_ORDER} LIMIT ${request.limit}`;
    const rows = await this.client.queryOnce('list executions', text, parameters);
    return rows.map((row) => rowFromColumns(request.namespaceId, readableTexts(row) as StoredRow));
  }

  async count(namespaceId: string, predicate: Predicate): Promise<number> {
    const parameters: Parameter[] = [];
    const where = whereClause(namespaceId, predicate, parameters);
    const text = `SELECT count(*) AS count FROM ${EXECUTIONS} WHERE ${where}`;
    const [row] = await this.client.queryOnce('count executions', text, parameters);
    return Number(row?.count ?? 0);
  }

  async countByStatus(namespaceId: string, predicate: Predicate): Promise<readonly StatusCount[]> {
    const parameters: Parameter[] = [];
    const where = whereClause(namespaceId, predicate, parameters);
    const text = `SELECT status, count(*) AS count FROM ${EXECUTIONS} WHERE ${where} GROUP BY status ORDER BY status`;
    const rows = await this.client.queryOnce('count executions by status', text, parameters);
    return rows.map(({ status, count }) => ({ status: Number(status), count: Number(count) }));
  }

  async deleteNamespace(namespaceId: string): Promise<void> {
    const text = `DELETE FROM ${EXECUTIONS} WHERE namespace_id = $1`;
    await this.client.query('delete a namespace from visibility', text, [namespaceId]);
  }

  async close(): Promise<void> {
    await this.client.close();
  }
}

function whereClause(namespaceId: string, predicate: Predicate, parameters: Parameter[]): string {
  const namespace = textParameter(parameters, namespaceId);
  return `namespace_id = ${namespace} AND ${predicateSql(predicate, parameters, POSTGRES)}`;
}

function textParameter(parameters: Parameter[], value: string): string {
  parameters.push(toStoredText(value));
  return `$${parameters.length}::text`;
}

function bigintParameter(parameters: Parameter[], value: number): string {
  parameters.push(BigInt(value).toString());
  return `$${parameters.length}::bigint`;
}

const INT64_LIMIT = 2 ** 63;

const POSTGRES: SqlDialect<Parameter> = {
  parameter(parameters: Parameter[], column: FilterColumn, value: FilterValue): string {
    if (typeof value === 'string') return textParameter(parameters, value);
    parameters.push(String(value));
    const place = `$${parameters.length}`;
    if (column.type === IndexedValueType.DOUBLE) return `${place}::double precision`;
    // A column of whole numbers is looked up by a whole number; anything else is compared as numeric, which is exact.
    const isInt64 =
      typeof value === 'bigint'
        ? BigInt.asIntN(64, value) === value
        : Number.isInteger(value) && Math.abs(value) < INT64_LIMIT;
    if (!isInt64) return `${place}::numeric`;
    parameters[parameters.length - 1] = BigInt(value).toString();
    return `${place}::bigint`;
  },
  textParameter,
  startsWith: (column, parameter) => `starts_with(${column}, ${parameter})`,
  listHolds(parameters, column, values) {
    const array = new ArrayLiteral();
    for (const value of values) array.string(value);
    parameters.push(array.toString());
    return `COALESCE(${column} ?| $${parameters.length}::text[], false)`;
  },
  contains: (column, parameter) => `(strpos(${column}, ${parameter}) > 0)`,
};

function readableTexts(row: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const readable: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(row)) {
    readable[name] = typeof value === 'string' ? fromStoredText(value) : value;
  }
  return readable;
}
