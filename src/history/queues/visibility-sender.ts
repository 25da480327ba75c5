// Takes the visibility records of a history thread to the worker thread, those of a moment together: one message, one wake-up and one answer
// for all of them. Lists are that moment behind. What is cheaper is not the point: a record that leaves at once wakes the worker thread and
// then the database while the workflow's first task is on its way, and on few cores both wait for each other. History thread.

import { RecordVisibilityRequest, type VisibilityRecordInit } from '#proto/ostinato/worker/v1';
import type { Clock } from '../../runtime/clock.ts';
import type { QuietMoments } from '../../runtime/quiet-moments.ts';
import type { Router } from '../../runtime/router.ts';
import { WRITE_REST_MS } from '../../visibility/visibility-store.ts';

/** A short workflow has its first tasks behind it (docs/performance.md). */
export const GATHER_MS = 25;
/** How long a quiet moment may keep lists waiting. */
export const PATIENCE_MS = 25;
/** What a message holds before it leaves early, far below what fits into a ring; a larger record leaves alone. */
const MAX_MESSAGE_BYTES = 64 * 1024;

interface Gathered {
  /** Encoded requests of one record each: one after the other they are the request of all. */
  readonly requests: Uint8Array[];
  sizeBytes: number;
  /** Resolves when all are written. */
  readonly written: Promise<void>;
  readonly send: () => void;
}

export class VisibilitySender {
  readonly #router: Router;
  readonly #clock: Clock;
  readonly #moments: QuietMoments;
  #writtenAtMs = Number.NEGATIVE_INFINITY;
  #gathering: Gathered | undefined;

  constructor(router: Router, clock: Clock, moments: QuietMoments) {
    this.#router = router;
    this.#clock = clock;
    this.#moments = moments;
  }

  /** Resolves when the record is written; rejects, with those it travelled with, when that failed. */
  record(record: VisibilityRecordInit): Promise<void> {
    const request = RecordVisibilityRequest.encode({ records: [record] });
    const begun = this.#gathering;
    if (begun !== undefined && begun.sizeBytes + request.length > MAX_MESSAGE_BYTES) begun.send();
    this.#gathering ??= this.#gather();
    const gathering = this.#gathering;
    gathering.requests.push(request);
    gathering.sizeBytes += request.length;
    return gathering.written;
  }

  #gather(): Gathered {
    const requests: Uint8Array[] = [];
    const { promise: written, resolve, reject } = Promise.withResolvers<void>();
    const send = (): void => {
      timer.cancel();
      this.#gathering = undefined;
      this.#router.callWorker('RecordVisibility', Buffer.concat(requests)).then(() => resolve(), reject);
    };
    const answered = (): void => {
      this.#writtenAtMs = this.#clock.nowMs();
    };
    written.then(answered, answered);
    // A message that comes before the writer has rested would be written at the end of that rest, quiet or not.
    const restMs = this.#writtenAtMs + WRITE_REST_MS - this.#clock.nowMs();
    let timer = this.#clock.after(Math.max(GATHER_MS, restMs), () => {
      timer = this.#moments.next(PATIENCE_MS, send);
    });
    return { requests, sizeBytes: 0, written, send };
  }
}
