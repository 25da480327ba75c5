// One workflow execution as the load generator sees it: what it waits for, and what its worker remembers of its history.

import { EventType } from '#proto/temporal/api/enums/v1';
import { Reader } from '../../src/proto/wire.ts';
import type { LatencySink } from './figures.ts';

const HISTORY_EVENTS_TAG = (1 << 3) | 2;
const EVENT_TYPE_TAG = 3 << 3;

export class Run {
  readonly workflowId: string;
  /** When its start was due; latencies count from here, whatever delayed the call itself. */
  readonly intendedAtMs: number;
  /** Where its latencies go: those of a round, or those of a warm-up that nobody reads. */
  readonly figures: LatencySink;
  runId = '';
  /** How many events of each type its worker has seen. */
  readonly #seen = new Map<number, number>();
  #seenEvents = 0;
  firstTaskSeen = false;
  /** When commands were sent that something is measured against: per activity id, timer, child. */
  readonly sentAtMs = new Map<string, number>();
  readonly closed: Promise<void>;
  close!: () => void;
  fail!: (error: unknown) => void;
  #waiting: (() => void) | undefined;

  constructor(workflowId: string, intendedAtMs: number, figures: LatencySink) {
    this.workflowId = workflowId;
    this.intendedAtMs = intendedAtMs;
    this.figures = figures;
    this.closed = new Promise((resolve, reject) => {
      this.close = resolve;
      this.fail = reject;
    });
    this.closed.catch(() => {}); // whoever waits sees it
  }

  /** Adds a workflow task's page of history: the whole of it, or what is new since the last task (sticky). */
  observe(history: Uint8Array): void {
    const reader = new Reader(history);
    const types: number[] = [];
    while (reader.pos < reader.end) {
      const tag = reader.uint32();
      if (tag !== HISTORY_EVENTS_TAG) {
        reader.skip(tag);
        continue;
      }
      const end = reader.enter();
      types.push(eventType(reader, end));
      reader.leave();
    }
    if (types[0] === EventType.WORKFLOW_EXECUTION_STARTED) {
      this.#seen.clear();
      this.#seenEvents = 0;
    }
    this.#seenEvents += types.length;
    for (const type of types) this.#seen.set(type, this.seen(type) + 1);
  }

  seen(type: number): number {
    return this.#seen.get(type) ?? 0;
  }

  get seenEvents(): number {
    return this.#seenEvents;
  }

  /** Resolves at the next `wake`. */
  wait(): Promise<void> {
    return new Promise((resolve) => {
      this.#waiting = resolve;
    });
  }

  wake(): void {
    const waiting = this.#waiting;
    this.#waiting = undefined;
    waiting?.();
  }
}

function eventType(reader: Reader, end: number): number {
  let type = 0;
  while (reader.pos < end) {
    const tag = reader.uint32();
    if (tag === EVENT_TYPE_TAG) {
      type = reader.int32();
      break;
    }
    reader.skip(tag);
  }
  reader.pos = end;
  return type;
}
