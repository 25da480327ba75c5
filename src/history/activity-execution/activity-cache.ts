// The activity executions that a shard holds in memory, and how many and how much of them it keeps. One is loaded once, however many
// ask for it; whoever holds one that has left sees it by `discarded`. History thread.

import { Fifo } from '../../base/fifo.ts';
import type { MaybePromise } from '../../base/maybe-promise.ts';
import { IdMap } from '../shard/id-map.ts';
import { ActivityExecution } from './activity-execution.ts';

/** Kept per shard when nothing else needs them. */
const MAX_EXECUTIONS = 5_000;
/** Of them, closed ones: long enough for the client that waits for the outcome. */
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

export class ActivityCache {
  readonly #entries = new IdMap<NonNullable<Entry>>();
  /** The first that closed first. */
  readonly #closed = new Fifo<ActivityExecution>();
  readonly #isBeingWritten: (execution: ActivityExecution) => boolean;
  #totalBytes = 0;

  /** `isBeingWritten` tells those that wait for a commit or are in one: they stay. */
  constructor(isBeingWritten: (execution: ActivityExecution) => boolean) {
    this.#isBeingWritten = isBeingWritten;
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
    this.#trim(execution);
  }

  /** What it has decided is written: it may leave now. */
  written(execution: ActivityExecution): void {
    if (execution.discarded) return;
    this.#count(execution);
    if (!execution.isOpen) this.#addClosed(execution);
    this.#trim(execution);
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

  /** They leave in the order of their ends, well before those that go on. */
  #addClosed(execution: ActivityExecution): void {
    if (execution.cached.isAmongClosed) return;
    execution.cached.isAmongClosed = true;
    this.#closed.push(execution);
    for (let looked = 0; this.#closed.size > MAX_CLOSED && looked < MAX_LOOKED_AT; looked++) {
      const oldest = this.#closed.shift();
      if (oldest === undefined || oldest.discarded) continue;
      if (oldest === execution || !this.#mayLeave(oldest)) {
        this.#closed.push(oldest); // again when its turn comes
        continue;
      }
      this.letGo(oldest);
      this.#entries.delete(oldest.runId, oldest.activityId, oldest.namespaceId);
    }
  }

  /** `inUse` stays: somebody is about to work with it. */
  #trim(inUse: ActivityExecution): void {
    if (!this.#exceeds(1)) return;
    this.#entries.trim(
      () => !this.#exceeds(TRIMMED),
      MAX_LOOKED_AT,
      (entry) => {
        if (!(entry instanceof ActivityExecution) || entry === inUse || !this.#mayLeave(entry)) return false;
        this.letGo(entry);
        return true;
      },
    );
  }

  #exceeds(part: number): boolean {
    return this.#entries.size > MAX_EXECUTIONS * part || this.#totalBytes > MAX_BYTES * part;
  }

  #mayLeave(execution: ActivityExecution): boolean {
    return !execution.hasObservers && !this.#isBeingWritten(execution);
  }
}
