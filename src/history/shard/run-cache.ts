// The runs that a shard holds in memory, the least recently used leaving first, and how much of them it keeps. A run is loaded once, however
// many ask for it; whoever holds one that has left sees it by `discarded`. History thread.

import { Fifo } from '../../base/fifo.ts';
import type { MaybePromise } from '../../base/maybe-promise.ts';
import { Workflow } from '../workflow/workflow.ts';
import { IdMap } from './id-map.ts';
import { RunIdSet } from './run-id-set.ts';

/**
 * Runs of those that memory keeps that have ended, and how long they stay: long enough for their last tasks and for the client that asks
 * for the result. What lives through two collections of young objects becomes old, which is half a second with one workflow after the other.
 */
const MAX_ENDED_RUNS = 100;
const ENDED_RUN_MS = 100;
/**
 * Ids of ended runs that memory no longer holds: their timeouts come due all the same, and need no load to be dropped. The latest
 * so many at least; twice as many take 8 MiB a shard. At 400 workflows a second it reaches back ten minutes.
 */
const ENDED_RUN_IDS = 196_608;
/** How much of the history bytes that a shard keeps at hand one run may have, so that its next task is composed without the store. */
const RUNS_PART = 1 / 256;
/** Where trimming stops, as a part of the maximum. */
const TRIMMED = 0.9;
/** Runs looked at for each one that came or ended, when there are too many: most may have to stay, or were used, and yet others leave. */
const LOOKED_AT_PER_RUN = 8;

type Entry = MaybePromise<Workflow | undefined>;

export interface RunKey {
  readonly namespaceId: string;
  readonly workflowId: string;
  readonly runId: string;
}

export interface RunCacheDeps {
  /** How many are kept when nothing else needs them. */
  readonly maxRuns: () => number;
  /** History bytes that they keep at hand; past it the least recently written give theirs back. */
  readonly maxHistoryBytes: () => number;
  /** Tells runs that wait for a commit or are in one: they stay. */
  readonly isBeingWritten: (workflow: Workflow) => boolean;
  readonly nowMs: () => number;
  /** Calls at the end of this turn. */
  readonly defer: (callback: () => void) => void;
}

export class RunCache {
  readonly #entries = new IdMap<NonNullable<Entry>>();
  #totalHistoryBytes = 0;
  /** The first that ended first. */
  readonly #ended = new Fifo<Workflow>();
  readonly #endedRunIds = new RunIdSet(ENDED_RUN_IDS);
  readonly #deps: RunCacheDeps;
  #willTrim = false;
  #cameSinceTrim = 0;

  constructor(deps: RunCacheDeps) {
    this.#deps = deps;
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
    if (!workflow.isRunning) this.#addEnded(workflow);
    else if (this.#endedRunIds.has(workflow.runId)) this.#endedRunIds.clear(); // imported anew
    this.#cameSinceTrim++;
    if (this.#entries.size > this.#deps.maxRuns()) this.#trimLater();
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
    const maxBytes = this.#deps.maxHistoryBytes();
    workflow.trimTail(maxBytes * RUNS_PART);
    const bytes = workflow.tailSizeBytes;
    const { cached } = workflow;
    this.#totalHistoryBytes += bytes - cached.historyBytes;
    cached.historyBytes = bytes;
    cached.isWrittenLately = true;
    if (!workflow.isRunning) this.#addEnded(workflow);
    if (this.#totalHistoryBytes > maxBytes) this.#trimHistory(maxBytes * TRIMMED);
  }

  /** Whether the run has ended, as far as memory can tell. Runs do not begin again. */
  isKnownEnded(runId: string): boolean {
    return this.#endedRunIds.has(runId);
  }

  clear(): void {
    this.#entries.clear();
    this.#ended.clear();
    this.#endedRunIds.clear();
    this.#totalHistoryBytes = 0;
  }

  #addEnded(workflow: Workflow): void {
    if (workflow.cached.staysUntilMs !== 0) return;
    workflow.cached.staysUntilMs = this.#deps.nowMs() + ENDED_RUN_MS;
    this.#ended.push(workflow);
    this.#cameSinceTrim++;
    if (this.#hasTooManyEnded()) this.#trimLater();
  }

  #hasTooManyEnded(): boolean {
    if (this.#ended.size > Math.min(MAX_ENDED_RUNS, this.#deps.maxRuns())) return true;
    return this.#ended.size > 0 && this.#ended.first!.cached.staysUntilMs <= this.#deps.nowMs();
  }

  /** Not in the middle of a turn, in which decisions on several runs may follow each other, all or none. */
  #trimLater(): void {
    if (this.#willTrim) return;
    this.#willTrim = true;
    this.#deps.defer(() => {
      this.#willTrim = false;
      const looks = LOOKED_AT_PER_RUN * this.#cameSinceTrim;
      this.#cameSinceTrim = 0;
      this.#trimEnded(looks);
      this.#trimRuns(looks);
    });
  }

  /** They leave in the order of their ends, well before those that may go on. */
  #trimEnded(looks: number): void {
    for (let left = Math.min(looks, this.#ended.size); this.#hasTooManyEnded() && left > 0; left--) {
      const oldest = this.#ended.shift()!;
      if (oldest.discarded) continue;
      if (!this.#mayLeave(oldest)) {
        oldest.cached.staysUntilMs = this.#deps.nowMs() + ENDED_RUN_MS; // again when its turn comes
        this.#ended.push(oldest);
        continue;
      }
      this.remove(oldest);
      this.#endedRunIds.add(oldest.runId);
    }
  }

  #trimRuns(looks: number): void {
    const maxRuns = this.#deps.maxRuns();
    if (this.#entries.size <= maxRuns) return;
    const isEnough = (): boolean => this.#entries.size <= maxRuns * TRIMMED;
    this.#entries.trim(isEnough, looks, (entry) => {
      if (!(entry instanceof Workflow) || !this.#mayLeave(entry)) return false;
      this.#letGo(entry);
      return true;
    });
  }

  #trimHistory(enoughBytes: number): void {
    // Those that were written since the last time keep theirs, if that is enough.
    for (const sparing of [true, false]) {
      for (const workflow of this.#entries.values()) {
        if (this.#totalHistoryBytes <= enoughBytes) return;
        if (!(workflow instanceof Workflow) || workflow.cached.historyBytes === 0) continue;
        const isSpared = sparing && workflow.cached.isWrittenLately;
        workflow.cached.isWrittenLately = false;
        if (isSpared || this.#deps.isBeingWritten(workflow) || workflow.hasVolatileEvents) continue;
        workflow.dropTail();
        this.#uncount(workflow);
      }
    }
  }

  #uncount(workflow: Workflow): void {
    this.#totalHistoryBytes -= workflow.cached.historyBytes;
    workflow.cached.historyBytes = 0;
  }

  #mayLeave(workflow: Workflow): boolean {
    return (
      !workflow.isDirty &&
      !workflow.hasVolatileEvents &&
      !workflow.volatileStart &&
      workflow.cached.holders === 0 &&
      !workflow.hasObservers &&
      !this.#deps.isBeingWritten(workflow) &&
      !workflow.queries.hasPending &&
      (workflow.updateRegistry === undefined || workflow.updateRegistry.isEmpty)
    );
  }
}
