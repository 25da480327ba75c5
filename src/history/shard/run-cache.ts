// The runs that a shard holds in memory, least recently used first, and how much of them it keeps. A run is loaded once, however
// many ask for it; whoever holds one that has left sees it by `discarded`. History thread.

import type { MaybePromise } from '../../base/maybe-promise.ts';
import { Workflow } from '../workflow/workflow.ts';
import { IdMap } from './id-map.ts';

/** Runs kept in memory per shard when nothing else needs them (Temporal: history.cacheMaxSize per host). */
const MAX_RUNS = 5_000;
/** Of them, runs that have ended: long enough for their last tasks and for the client that waits for the result. */
const MAX_ENDED_RUNS = 100;
/** Ids of ended runs that memory no longer holds: their timeouts come due all the same, and need no load to be dropped. */
const MAX_ENDED_RUN_IDS = 100_000;
/** History bytes that the cached runs of a shard keep at hand; past it the least recently written give theirs back. */
const MAX_HISTORY_BYTES = 64 * 1024 * 1024;
/** Where trimming stops, as a part of the maximum. */
const TRIMMED = 0.9;
/** Runs that one call looks at, at most, when many cannot leave. */
const MAX_LOOKED_AT = 1_000;

type Entry = MaybePromise<Workflow | undefined>;

export interface RunKey {
  readonly namespaceId: string;
  readonly workflowId: string;
  readonly runId: string;
}

export class RunCache {
  readonly #entries = new IdMap<NonNullable<Entry>>();
  /** What each run's history at hand was last counted as; the least recently written first. */
  readonly #historyBytes = new Map<Workflow, number>();
  #totalHistoryBytes = 0;
  /** The first that ended first. */
  readonly #ended = new Set<Workflow>();
  readonly #endedRunIds = new Set<string>();
  readonly #isBeingWritten: (workflow: Workflow) => boolean;

  /** `isBeingWritten` tells runs that wait for a commit or are in one: they stay. */
  constructor(isBeingWritten: (workflow: Workflow) => boolean) {
    this.#isBeingWritten = isBeingWritten;
  }

  /** What memory has: the run, its load under way, or nothing. Counts as a use. */
  use({ namespaceId, workflowId, runId }: RunKey): Entry {
    return this.#entries.get(runId, workflowId, namespaceId);
  }

  /** The run if memory holds it. */
  get(key: RunKey): Workflow | undefined {
    const entry = this.use(key);
    return entry instanceof Promise ? undefined : entry;
  }

  get runs(): Iterable<Workflow> {
    return [...this.#entries.values()].filter((entry): entry is Workflow => entry instanceof Workflow);
  }

  /** Look-ups wait for `promise` from now on. It leaves when it fails or brings nothing. */
  expect(key: RunKey, promise: Promise<Workflow | undefined>): void {
    const { namespaceId, workflowId, runId } = key;
    this.#entries.set(promise, runId, workflowId, namespaceId);
    const leave = (): void => {
      if (this.use(key) === promise) this.#entries.delete(runId, workflowId, namespaceId);
    };
    promise.then((workflow) => {
      if (workflow === undefined) leave();
    }, leave);
  }

  add(workflow: Workflow): void {
    this.#entries.set(workflow, workflow.runId, workflow.workflowId, workflow.namespaceId);
    if (workflow.isRunning) this.#endedRunIds.delete(workflow.runId);
    else this.#addEnded(workflow);
    if (this.#entries.size <= MAX_RUNS) return;
    this.#entries.trim(MAX_RUNS * TRIMMED, MAX_LOOKED_AT, (entry) => {
      if (!(entry instanceof Workflow) || !this.#mayLeave(entry)) return false;
      this.#letGo(entry);
      return true;
    });
  }

  remove(workflow: Workflow): void {
    this.#letGo(workflow);
    this.#entries.delete(workflow.runId, workflow.workflowId, workflow.namespaceId);
  }

  #letGo(workflow: Workflow): void {
    workflow.discarded = true;
    this.#uncount(workflow);
  }

  /** What `workflow` has decided is written: it may leave now, or some of its history. */
  written(workflow: Workflow): void {
    if (workflow.discarded) return;
    const bytes = workflow.tailSizeBytes;
    this.#totalHistoryBytes += bytes - (this.#historyBytes.get(workflow) ?? 0);
    this.#historyBytes.delete(workflow);
    this.#historyBytes.set(workflow, bytes);
    if (!workflow.isRunning) this.#addEnded(workflow);
    if (this.#totalHistoryBytes > MAX_HISTORY_BYTES) this.#trimHistory();
  }

  /** Whether the run has ended, as far as memory can tell. Runs do not begin again. */
  isKnownEnded(runId: string): boolean {
    return this.#endedRunIds.has(runId);
  }

  clear(): void {
    this.#entries.clear();
    this.#historyBytes.clear();
    this.#ended.clear();
    this.#endedRunIds.clear();
    this.#totalHistoryBytes = 0;
  }

  /** Ended runs leave in the order of their ends, well before those that may go on. */
  #addEnded(workflow: Workflow): void {
    this.#ended.add(workflow);
    let looked = 0;
    for (const oldest of this.#ended) {
      if (this.#ended.size <= MAX_ENDED_RUNS || ++looked > MAX_LOOKED_AT) break;
      this.#ended.delete(oldest);
      if (oldest.discarded) continue;
      if (!this.#mayLeave(oldest)) {
        this.#ended.add(oldest); // again when its turn comes
        continue;
      }
      this.remove(oldest);
      this.#endedRunIds.add(oldest.runId);
    }
    for (const runId of this.#endedRunIds) {
      if (this.#endedRunIds.size <= MAX_ENDED_RUN_IDS) return;
      this.#endedRunIds.delete(runId);
    }
  }

  #trimHistory(): void {
    for (const workflow of this.#historyBytes.keys()) {
      if (this.#totalHistoryBytes <= MAX_HISTORY_BYTES * TRIMMED) return;
      if (this.#isBeingWritten(workflow) || workflow.hasVolatileEvents) continue;
      workflow.dropTail();
      this.#uncount(workflow);
    }
  }

  #uncount(workflow: Workflow): void {
    this.#totalHistoryBytes -= this.#historyBytes.get(workflow) ?? 0;
    this.#historyBytes.delete(workflow);
  }

  #mayLeave(workflow: Workflow): boolean {
    return (
      !workflow.isDirty &&
      !workflow.hasVolatileEvents &&
      !workflow.volatileStart &&
      !workflow.hasObservers &&
      !this.#isBeingWritten(workflow) &&
      !workflow.queries.hasPending &&
      (workflow.updateRegistry === undefined || workflow.updateRegistry.isEmpty)
    );
  }
}
