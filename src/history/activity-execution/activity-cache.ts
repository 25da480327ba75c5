// The activity executions that a shard holds in memory, and how many and how much of them it keeps. One is loaded once, however many
// ask for it; whoever holds one that has left sees it by `discarded`. History thread.

import { Fifo } from '../../base/fifo.ts';
import type { MaybePromise } from '../../base/maybe-promise.ts';
import { IdMap } from '../shard/id-map.ts';
import { ActivityExecution } from './activity-execution.ts';

/** Closed ones of those that memory keeps: long enough for the client that waits for the outcome. */
const MAX_CLOSED = 100;
/** State and contents of all of them; an input alone may have 2 MiB. */
const MAX_BYTES = 64 * 1024 * 1024;
/** Where trimming stops, as a part of the maximum. */
const TRIMMED = 0.9;
/** Executions that one call looks at, at most, when many cannot leave. */
const MAX_LOOKED_AT = 1_000;

type Entry = MaybePromise<ActivityExecution | undefined>;

export interface ActivityRun {
  readonly namespaceId: string;
  readonly activityId: string;
  readonly runId: string;
}

export interface ActivityCacheDeps {
  /** How many are kept when nothing else needs them. */
  readonly maxExecutions: () => number;
  /** Tells those that wait for a commit or are in one: they stay. */
  readonly isBeingWritten: (execution: ActivityExecution) => boolean;
  /** Calls at the end of this turn. */
  readonly defer: (callback: () => void) => void;
}

export class ActivityCache {
  readonly #entries = new IdMap<NonNullable<Entry>>();
  /** The first that closed first. */
  readonly #closed = new Fifo<ActivityExecution>();
  readonly #deps: ActivityCacheDeps;
  #totalBytes = 0;
  #willTrim = false;

  constructor(deps: ActivityCacheDeps) {
    this.#deps = deps;
  }

  /** What memory has: the execution, its load under way, or nothing. Counts as a use. */
  use({ namespaceId, activityId, runId }: ActivityRun): Entry {
    return this.#entries.get(runId, activityId, namespaceId);
  }

  /** Look-ups wait for `promise` from now on. It leaves when it fails or brings nothing. */
  expect(key: ActivityRun, promise: Promise<ActivityExecution | undefined>): void {
    const { namespaceId, activityId, runId } = key;
    this.#entries.set(promise, runId, activityId, namespaceId);
    const leave = (): void => {
      if (this.use(key) === promise) this.#entries.delete(runId, activityId, namespaceId);
    };
    promise.then((execution) => {
      if (execution === undefined) leave();
    }, leave);
  }

  add(execution: ActivityExecution): void {
    this.#entries.set(execution, execution.runId, execution.activityId, execution.namespaceId);
    this.#count(execution);
    if (!execution.isOpen) this.#addClosed(execution);
    this.#trimLater();
  }

  /** What it has decided is written: it may leave now. */
  written(execution: ActivityExecution): void {
    if (execution.discarded) return;
    this.#count(execution);
    if (!execution.isOpen) this.#addClosed(execution);
    this.#trimLater();
  }

  /** Its holders see that it is gone. The entry stays for whoever takes its place. */
  letGo(execution: ActivityExecution): void {
    execution.discarded = true;
    this.#totalBytes -= execution.cached.bytes;
    execution.cached.bytes = 0;
  }

  clear(): void {
    for (const entry of [...this.#entries.values()]) {
      if (!(entry instanceof ActivityExecution)) continue;
      this.letGo(entry);
      entry.notifyChanged();
    }
    this.#entries.clear();
    this.#closed.clear();
  }

  #count(execution: ActivityExecution): void {
    const bytes = execution.sizeBytes;
    this.#totalBytes += bytes - execution.cached.bytes;
    execution.cached.bytes = bytes;
  }

  #addClosed(execution: ActivityExecution): void {
    if (execution.cached.isAmongClosed) return;
    execution.cached.isAmongClosed = true;
    this.#closed.push(execution);
  }

  /** Not in the middle of a turn, in which somebody is about to work with what came. */
  #trimLater(): void {
    if (this.#willTrim || !(this.#exceeds(1) || this.#hasTooManyClosed())) return;
    this.#willTrim = true;
    this.#deps.defer(() => {
      this.#willTrim = false;
      this.#trimClosed();
      if (this.#exceeds(1)) this.#trim();
    });
  }

  #hasTooManyClosed(): boolean {
    return this.#closed.size > Math.min(MAX_CLOSED, this.#deps.maxExecutions());
  }

  /** They leave in the order of their ends, well before those that go on. */
  #trimClosed(): void {
    for (let looked = 0; this.#hasTooManyClosed() && looked < MAX_LOOKED_AT; looked++) {
      const oldest = this.#closed.shift()!;
      if (oldest.discarded) continue;
      if (!this.#mayLeave(oldest)) {
        this.#closed.push(oldest); // again when its turn comes
        continue;
      }
      this.letGo(oldest);
      this.#entries.delete(oldest.runId, oldest.activityId, oldest.namespaceId);
    }
  }

  #trim(): void {
    this.#entries.trim(
      () => !this.#exceeds(TRIMMED),
      MAX_LOOKED_AT,
      (entry) => {
        if (!(entry instanceof ActivityExecution) || !this.#mayLeave(entry)) return false;
        this.letGo(entry);
        return true;
      },
    );
  }

  #exceeds(part: number): boolean {
    return this.#entries.size > this.#deps.maxExecutions() * part || this.#totalBytes > MAX_BYTES * part;
  }

  #mayLeave(execution: ActivityExecution): boolean {
    return !execution.hasObservers && !this.#deps.isBeingWritten(execution);
  }
}
