// Opens one SQLite file with the settings our durability and latency rest on. Called by the thread that owns the file.

import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { SchemaVersionError, StoreInUseError, StoreUnavailableError } from '../store-errors.ts';

export const IN_MEMORY_PATH = ':memory:';

/** How long an open waits for a lock, ms: longer than a dying thread takes to let go of its file, shorter than patience. */
const OPEN_BUSY_TIMEOUT_MS = 1000;
/**
 * Page cache of one file, KiB. SQLite's default of 2 MB makes a busy partition read pages again. A larger one costs more per commit:
 * after a page split in a key out of order, SQLite looks through the whole table of cached pages (docs/performance.md, "Stores").
 */
const CACHE_SIZE_KIB = 8 * 1024;
/**
 * Pages in the write-ahead log that start a checkpoint. One that has found no quiet moment runs inside a commit and copies these pages,
 * so the number bounds the stall; a smaller one costs more fsyncs per commit. See docs/performance.md, "Stores".
 */
const WAL_AUTOCHECKPOINT_PAGES = 1000;
/** Bytes the write-ahead log file is cut to after a checkpoint, should a burst have made it larger. */
const JOURNAL_SIZE_LIMIT_BYTES = 64 * 1024 * 1024;

export interface OpenDatabaseOptions {
  /** ':memory:' gives every open its own database. */
  readonly path: string;
  /** The user's pragmas; they win over ours. */
  readonly pragmas: Readonly<Record<string, string>>;
  /**
   * exclusive: one connection owns the file until it closes; a second one, in this or another process, gets StoreInUseError.
   * shared: connections take turns.
   */
  readonly locking: 'exclusive' | 'shared';
}

export function openDatabase(options: OpenDatabaseOptions): DatabaseSync {
  const { path, locking } = options;
  const inMemory = path === IN_MEMORY_PATH;
  let database: DatabaseSync;
  try {
    if (!inMemory) mkdirSync(dirname(path), { recursive: true });
    database = new DatabaseSync(path, { timeout: OPEN_BUSY_TIMEOUT_MS });
  } catch (error) {
    throw new StoreUnavailableError(`cannot open ${path}: ${(error as Error).message}`, { cause: error });
  }
  try {
    for (const pragma of inMemory ? memoryPragmas() : filePragmas(locking)) database.exec(pragma);
    for (const [name, value] of Object.entries(options.pragmas)) database.exec(userPragma(name, value));
    // Takes the lock now rather than at the first commit, so that a second process learns of it when it starts.
    if (locking === 'exclusive') database.exec('BEGIN IMMEDIATE; COMMIT');
    return database;
  } catch (error) {
    database.close();
    throw openError(path, error);
  }
}

/** The connection's errors as the store contract has them. */
export function storeError(attempted: string, error: unknown): Error {
  if (!isSqliteError(error)) return error as Error;
  return new StoreUnavailableError(`${attempted}: ${error.message}`, { cause: error });
}

function filePragmas(locking: 'exclusive' | 'shared'): string[] {
  return [
    // Before anything touches the file: the log's index then lives in the heap, without shared memory or file locks per commit.
    ...(locking === 'exclusive' ? ['PRAGMA locking_mode = EXCLUSIVE'] : []),
    'PRAGMA journal_mode = WAL', // a commit appends to one file and syncs it once
    'PRAGMA synchronous = FULL', // sync at each commit: with NORMAL a power cut takes acknowledged changes with it
    `PRAGMA wal_autocheckpoint = ${WAL_AUTOCHECKPOINT_PAGES}`,
    `PRAGMA journal_size_limit = ${JOURNAL_SIZE_LIMIT_BYTES}`,
    `PRAGMA cache_size = -${CACHE_SIZE_KIB}`,
    'PRAGMA temp_store = MEMORY',
  ];
}

function memoryPragmas(): string[] {
  return ['PRAGMA journal_mode = MEMORY', 'PRAGMA temp_store = MEMORY'];
}

function userPragma(name: string, value: string): string {
  if (!/^[a-z_]+$/i.test(name) || !/^-?[a-z0-9_.]+$/i.test(value)) {
    throw new StoreUnavailableError(`not a SQLite pragma: ${name}=${value}`);
  }
  return `PRAGMA ${name} = ${value}`;
}

function openError(path: string, error: unknown): Error {
  if (!isSqliteError(error)) return error as Error;
  const primaryCode = error.errcode & 0xff;
  if (primaryCode === SQLITE_BUSY || primaryCode === SQLITE_LOCKED) {
    return new StoreInUseError(`${path} is in use by another process`, { cause: error });
  }
  if (primaryCode === SQLITE_NOTADB) {
    return new SchemaVersionError(`${path} is not a SQLite database`, { cause: error });
  }
  return new StoreUnavailableError(`cannot open ${path}: ${error.message}`, { cause: error });
}

// https://www.sqlite.org/rescode.html
const SQLITE_BUSY = 5;
const SQLITE_LOCKED = 6;
const SQLITE_NOTADB = 26;

function isSqliteError(error: unknown): error is Error & { readonly errcode: number } {
  return error instanceof Error && (error as { code?: unknown }).code === 'ERR_SQLITE_ERROR';
}
