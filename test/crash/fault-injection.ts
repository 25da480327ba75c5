// Test only: loaded into a server process with NODE_OPTIONS=--import, it makes that process's stores fail or its threads throw at
// a point that OSTINATO_FAULT names. The product knows nothing of it.
//
//   OSTINATO_FAULT=commit-before:N     SIGKILL before the Nth commit of a history thread takes effect
//                  commit-in:N         in the middle of it: sqlite before its COMMIT, postgres with the statement on its way
//                  commit-after:N      when it is durable and nobody has been told
//                  queue-before:N, queue-in:N, queue-after:N   the same for the matching thread's store
//                  throw:N, queue-throw:N                      the thread throws where nobody catches it, after its Nth commit
//                  fail:N, queue-fail:N                        every Nth commit fails, in turns before and after it took effect
//
// Counted per thread.

import { isMainThread } from 'node:worker_threads';
import { StoreUnavailableError } from '../../src/persistence/store-errors.ts';

type Write = (this: unknown, ...parameters: unknown[]) => void | Promise<void>;

/** Entries of a journal are commits, too, and so is what brings them to the tables. */
type Store = { commit: Write; appendEntries?: Write };

type Point = 'before' | 'in' | 'after' | 'throw' | 'fail';

const [name = '', count = '1'] = (process.env.OSTINATO_FAULT ?? '').split(':');
const inQueue = name.startsWith('queue-');
const point = name.replace(/^(commit|queue)-/, '') as Point;
const every = Number(count);

if (!isMainThread && name !== '') {
  const file = inQueue ? 'task-queue-store.ts' : 'execution-store.ts';
  const kind = inQueue ? 'TaskQueueStore' : 'ExecutionStore';
  const sqlite = await import(`../../src/persistence/sqlite/${file}`);
  const postgres = await import(`../../src/persistence/postgres/${file}`);
  const kill = await killer();
  inject(sqlite[`Sqlite${kind}`].prototype, kill.beforeSqliteCommits);
  inject(postgres[`Postgres${kind}`].prototype, kill.soon);
}

function inject(store: Store, killInside: () => void): void {
  let commits = 0;
  const isDue = (): boolean => {
    commits++;
    return point === 'fail' ? commits % every === 0 : commits === every;
  };
  const failsAfter = (): boolean => point === 'fail' && (commits / every) % 2 === 0;
  const faulty = (write: Write) => injected(write, { isDue, failsAfter, killInside });
  store.commit = faulty(store.commit);
  if (store.appendEntries !== undefined) store.appendEntries = faulty(store.appendEntries);
}

interface Fault {
  readonly isDue: () => boolean;
  readonly failsAfter: () => boolean;
  readonly killInside: () => void;
}

function injected(write: Write, fault: Fault): Write {
  return function (...parameters) {
    if (!fault.isDue()) return write.apply(this, parameters);
    const failsAfter = fault.failsAfter();
    if (point === 'before') die();
    if (point === 'fail' && !failsAfter) throw new StoreUnavailableError('injected before the commit');
    if (point === 'in') fault.killInside();
    const writing = write.apply(this, parameters);
    const afterwards = (): void => {
      if (point === 'after') die();
      if (point === 'throw') {
        setImmediate(() => {
          throw new Error('injected: a thread throws');
        });
      }
      if (failsAfter) throw new StoreUnavailableError('injected after the commit');
    };
    if (writing instanceof Promise) return writing.then(afterwards);
    afterwards();
  };
}

/** Nothing runs after this. */
function die(): never {
  process.kill(process.pid, 'SIGKILL');
  // The signal takes the process while this waits.
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
  throw new Error('unreachable');
}

async function killer() {
  const { StatementSync } = await import('node:sqlite');
  const statements = StatementSync.prototype as {
    run(this: { readonly sourceSQL: string }, ...values: unknown[]): unknown;
  };
  const run = statements.run;
  let armed = false;
  if (point === 'in') {
    statements.run = function (...values) {
      if (armed && this.sourceSQL === 'COMMIT') die();
      return run.apply(this, values);
    };
  }
  return {
    beforeSqliteCommits: () => {
      armed = true;
    },
    /** The statement leaves in this turn or the next; its answer takes longer. */
    soon: () => {
      setImmediate(() => setImmediate(die));
    },
  };
}
