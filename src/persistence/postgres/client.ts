// The connection pool of one store: prepared statements, time limits, and the driver's errors as the store contract has them.
// Each thread that opens a store has its own.

import { connect, type Socket } from 'node:net';
import postgres from 'postgres';
import { StoreUnavailableError } from '../store-errors.ts';
import { databaseOf } from './database-url.ts';

type Sql = ReturnType<typeof openPool>;
export type Row = Record<string, unknown>;
export type Parameter = string | number | boolean | null | Uint8Array;

/** How long a connection attempt may take, s. */
const CONNECT_TIMEOUT_S = 5;
/** Longest pause between connection attempts, s: a database that comes back is found soon. */
const MAX_RECONNECT_PAUSE_S = 1;
/** Limit the server puts on one statement, ms: locks held by a host that froze must not stop others for longer. */
const STATEMENT_TIMEOUT_MS = 10_000;
const ANSWER_TIMEOUT_MS = 15_000;
/** Idle time until TCP probes the connection, ms: a database host that vanished is noticed between statements. */
const KEEP_ALIVE_MS = 10_000;
const DEFAULT_PORT = 5432;
/** How long close() waits for statements in flight, ms. A server stops within 5 s (SIGTERM). */
const CLOSE_TIMEOUT_MS = 3_000;

export interface PostgresClientOptions {
  readonly url: string;
  readonly maxConnections: number;
  /**
   * How statements are planned. primaryKey: once, for rows found by key. statistics: each time from what the tables hold, for
   * statements that users compose. Default primaryKey.
   */
  readonly planning?: 'primaryKey' | 'statistics';
  /** When we stop waiting for an answer, ms. Above the server's limit, so it matters only if the network swallows packets. */
  readonly answerTimeoutMs?: number;
}

/** Runs a prepared statement; bigint columns arrive as numbers. */
export type Query = (text: string, parameters?: readonly Parameter[]) => Promise<Row[]>;

export class PostgresClient {
  private readonly options: PostgresClientOptions;
  private sql: Sql;
  private closed = false;
  /** Statements that have no answer yet. A number: a set would keep their parameters alive, see docs/decisions/0006. */
  private inFlight = 0;
  private atRest: (() => void) | undefined;

  constructor(options: PostgresClientOptions) {
    this.options = options;
    this.sql = openPool(options);
  }

  /** `what` goes into the error. An error with a SQLSTATE of ours passes through; any other becomes StoreUnavailableError. */
  query(what: string, text: string, parameters: readonly Parameter[] = []): Promise<Row[]> {
    return this.limited(what, (sql) => sql.unsafe<Row[]>(text, [...parameters], { prepare: true }));
  }

  /** For texts that rarely repeat: nothing stays prepared on the connection. Takes two round trips. */
  queryOnce(what: string, text: string, parameters: readonly Parameter[] = []): Promise<Row[]> {
    return this.limited(what, (sql) => sql.unsafe<Row[]>(text, [...parameters], { prepare: false }));
  }

  /** Several statements in one transaction, one round trip each. */
  transaction<T>(what: string, body: (query: Query) => Promise<T>): Promise<T> {
    return this.limited(what, async (sql) => {
      const result = await sql.begin(async (transaction) => {
        const value = await body((text, parameters = []) =>
          transaction.unsafe<Row[]>(text, [...parameters], { prepare: true }),
        );
        return { value };
      });
      return result.value;
    });
  }

  async close(): Promise<void> {
    if (this.closed) return;
    this.closed = true;
    // Our own count, not the driver's: it takes a statement that died with its connection for one still running.
    if (this.inFlight > 0) await this.restWithin(CLOSE_TIMEOUT_MS);
    await this.sql.end({ timeout: 0 });
  }

  private async limited<T>(what: string, run: (sql: Sql) => PromiseLike<T>): Promise<T> {
    if (this.closed) throw new StoreUnavailableError(`${what}: the store is closed`);
    const { sql } = this;
    const statement = run(sql);
    const running = Promise.resolve(statement);
    this.inFlight++;
    const { answerTimeoutMs = ANSWER_TIMEOUT_MS } = this.options;
    let timer: NodeJS.Timeout | undefined;
    let afterSockets: NodeJS.Immediate | undefined;
    const timeout = new Promise<never>((_, reject) => {
      const giveUp = (): void => {
        this.replacePool(sql);
        reject(new StoreUnavailableError(`${what}: no answer from PostgreSQL within ${answerTimeoutMs} ms`));
      };
      // A process that stood still has the time's end and perhaps the answer: Node looks at sockets after timers and before immediates.
      timer = setTimeout(() => {
        afterSockets = setImmediate(giveUp);
      }, answerTimeoutMs);
    });
    try {
      const result = await Promise.race([running, timeout]);
      letGo(statement);
      return result;
    } catch (error) {
      throw storeError(what, error);
    } finally {
      clearTimeout(timer);
      clearImmediate(afterSockets);
      if (--this.inFlight === 0) this.atRest?.();
    }
  }

  private async restWithin(timeoutMs: number): Promise<void> {
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, timeoutMs);
      const atRest = (): void => {
        clearTimeout(timer);
        resolve();
      };
      this.atRest = atRest;
    });
  }

  /** Whatever hangs on the old connections is given up; the next statement gets a new one. */
  private replacePool(hanging: Sql): void {
    if (this.closed || this.sql !== hanging) return;
    this.sql = openPool(this.options);
    hanging.end({ timeout: 0 }).catch(() => {}); // its statements have been answered with an error already
  }
}

/**
 * V8 takes the driver's statements for alive until its next full collection, although nothing refers to them any more. What hangs
 * on them, the parameters first of all, would be copied and promoted with them: 40 KB a workflow, docs/performance.md.
 */
function letGo(statement: object): void {
  if ('parameters' in statement) Object.assign(statement, { args: undefined, parameters: undefined, signature: '' });
}

/** SQLSTATE of an error that PostgreSQL itself reported. */
export function sqlState(error: unknown): string | undefined {
  return error instanceof postgres.PostgresError ? error.code : undefined;
}

export function errorDetail(error: unknown): string {
  return error instanceof postgres.PostgresError ? (error.detail ?? '') : '';
}

/** Our own functions raise OS001 and on: their callers know what they mean. */
function storeError(what: string, error: unknown): Error {
  if (sqlState(error)?.startsWith('OS') === true) return error as Error;
  if (isDriverError(error)) return new StoreUnavailableError(`${what}: ${error.message}`, { cause: error });
  return error as Error;
}

function isDriverError(error: unknown): error is Error {
  return error instanceof Error && typeof (error as { code?: unknown }).code === 'string';
}

function openPool({ url, maxConnections, planning = 'primaryKey' }: PostgresClientOptions) {
  const undeclared = { socket: openSocket }; // the driver's own type definitions forget this option
  return postgres(url, {
    ...undeclared,
    ...databaseOf(url),
    max: maxConnections,
    connect_timeout: CONNECT_TIMEOUT_S,
    backoff: (attempt: number) => Math.min(MAX_RECONNECT_PAUSE_S, 0.05 * 2 ** attempt),
    fetch_types: false, // no array or custom types: saves a query at each connect
    max_lifetime: null, // a fresh connection prepares everything anew
    onnotice: () => {},
    types: { bigint: { to: INT8, from: [INT8], serialize: String, parse: Number } },
    connection: {
      application_name: 'ostinato',
      statement_timeout: STATEMENT_TIMEOUT_MS,
      idle_in_transaction_session_timeout: STATEMENT_TIMEOUT_MS,
      default_transaction_isolation: 'read committed', // the range id check reads what a concurrent acquire has written
      jit: OFF,
      ...(planning === 'primaryKey' && PLAN_BY_PRIMARY_KEY),
    },
  });
}

/** The driver leaves out settings that are false. */
const OFF = 'off';

/** Plans are made once, when tables may be empty, and must stay right when they are huge: always by primary key. */
const PLAN_BY_PRIMARY_KEY = {
  plan_cache_mode: 'force_generic_plan',
  enable_seqscan: OFF,
  enable_hashjoin: OFF,
  enable_mergejoin: OFF,
};

const INT8 = 20; // oid of bigint

/**
 * The driver's own sockets have Nagle's algorithm on: the tail of a large batch then waits for an acknowledgement that the other
 * side delays by 40 ms. A socket that is still connecting is what the driver would have: it keeps writes until then.
 */
function openSocket(options: {
  readonly host: readonly string[];
  readonly port: readonly number[];
  path?: unknown;
}): Socket {
  const [host, port] = [options.host[0] ?? 'localhost', options.port[0] ?? DEFAULT_PORT];
  const socket =
    typeof options.path === 'string'
      ? connect({ path: options.path })
      : connect({ host, port, noDelay: true, keepAlive: true, keepAliveInitialDelay: KEEP_ALIVE_MS });
  return Object.assign(socket, { host, port }); // the driver reads the server's name for TLS from here
}
