// One server while a program is played on it: its calls, with answers normalised and coverage counted, and what the player knows
// of its workflows. Every step is a function of it.

import { type ServiceError, status } from '@grpc/grpc-js';
import type { Connection } from '@temporalio/client';
import protos from '@temporalio/proto';
import type { Coverage } from '../coverage.ts';
import { Normaliser } from '../normalise.ts';
import { newSlots, type Slot } from './slot.ts';

export const NAMESPACE = 'default';
export const UNKNOWN_RUN = 'aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee';
const CALL_DEADLINE_MS = 10_000;
/** Of a call that waits for what a worker does. */
const WAITING_DEADLINE_MS = 120_000;
/** Servers give up waiting for an update after 20 s, for a query after 10. */
const WAITS_MS = 9_000;

export type Outcome = { ok: unknown } | { error: unknown };
/** A string: why there was nothing to call, or what only began. */
export type StepOutcome = Outcome | string;

/** A call that waits for what a worker does. */
export interface Waiting {
  readonly name: string;
  readonly outcome: Promise<StepOutcome>;
  isOver: boolean;
}

export class Stage {
  readonly connection: Connection;
  readonly prefix: string;
  readonly coverage: Coverage | undefined;
  readonly normaliser = new Normaliser();
  readonly slots: readonly Slot[];
  readonly waiting: Waiting[] = [];

  constructor(connection: Connection, prefix: string, coverage: Coverage | undefined) {
    this.connection = connection;
    this.prefix = prefix;
    this.coverage = coverage;
    this.slots = newSlots(NAMESPACE, prefix);
  }

  get service() {
    const { workflowService } = this.connection;
    return this.coverage?.watched(workflowService) ?? workflowService;
  }

  get services() {
    const { workflowService, operatorService } = this.connection;
    return {
      workflow: this.coverage?.watched(workflowService) ?? workflowService,
      operator: this.coverage?.watched(operatorService) ?? operatorService,
    };
  }

  slot(index: number): Slot {
    const slot = this.slots[index];
    if (!slot) throw new Error(`no slot ${index}`);
    return slot;
  }

  execution(slot: Slot, oddity: string | undefined) {
    const { workflowId } = slot.names;
    if (oddity === 'unknownId') return { workflowId: `${this.prefix}-nobody` };
    if (oddity === 'unknownRun') return { workflowId, runId: UNKNOWN_RUN };
    if (oddity === 'badRun') return { workflowId, runId: 'no-uuid' };
    return { workflowId };
  }

  describe(workflowId: string) {
    return this.service.describeWorkflowExecution({ namespace: NAMESPACE, execution: { workflowId } });
  }

  /** Its outcome is compared at the end. */
  wait(name: string, outcome: Promise<StepOutcome>): void {
    const waiting: Waiting = { name, outcome, isOver: false };
    const end = () => {
      waiting.isOver = true;
    };
    void outcome.then(end, end);
    this.waiting.push(waiting);
  }

  async call(call: () => Promise<object>): Promise<Outcome> {
    return await this.answered(() => this.raw(call));
  }

  /** Of a call that has its own deadline. */
  async answered(call: () => Promise<object>): Promise<Outcome> {
    return await call().then(
      (message) => ({ ok: this.normaliser.message(message) }),
      (error: ServiceError) => this.#failure(error),
    );
  }

  /** A call that waits for what a worker does: 'open' when it has waited for longer than the servers are asked to. */
  async long(call: () => Promise<object>): Promise<StepOutcome> {
    const from = Date.now();
    const waited = () => this.connection.withDeadline(from + WAITING_DEADLINE_MS, call);
    const answered = await waited().then(
      (message) => ({ message }),
      (error: ServiceError) => ({ error }),
    );
    const isLate = Date.now() - from > WAITS_MS;
    if ('error' in answered) {
      return isLate && answered.error.code === status.DEADLINE_EXCEEDED ? 'open' : this.#failure(answered.error);
    }
    const ok = this.normaliser.message(answered.message);
    return isLate && /"updateRef"/.test(JSON.stringify(ok)) && !/"outcome"/.test(JSON.stringify(ok)) ? 'open' : { ok };
  }

  raw<T>(call: () => Promise<T>): Promise<T> {
    return this.connection.withDeadline(Date.now() + CALL_DEADLINE_MS, call);
  }

  #failure(error: ServiceError): Outcome {
    if (status[error.code] === undefined) throw error;
    const encoded = error.metadata?.get('grpc-status-details-bin')[0];
    const details =
      encoded instanceof Uint8Array
        ? protos.google.rpc.Status.decode(encoded).details.map((detail) => this.#detail(detail))
        : [];
    const code = status[error.code] ?? '';
    const message = this.normaliser.text(error.details);
    this.coverage?.error(code, message, this.prefix);
    return { error: { code, message, details } };
  }

  #detail({ type_url: url, value }: { type_url?: string | null; value?: Uint8Array | null }): unknown {
    const name = (url ?? '').split('.').at(-1) ?? '';
    const types = protos.temporal.api.errordetails.v1 as unknown as Record<
      string,
      { decode(bytes: Uint8Array): object }
    >;
    const type = types[name];
    if (!type) return url;
    const decoded = type.decode(value ?? new Uint8Array());
    if (name !== 'MultiOperationExecutionFailure') {
      return { type: name, ...(this.normaliser.message(decoded) as object) };
    }
    const { statuses } = decoded as protos.temporal.api.errordetails.v1.MultiOperationExecutionFailure;
    return {
      type: name,
      statuses: statuses?.map(({ code, message, details }) => {
        const text = this.normaliser.text(message ?? '');
        if (code) this.coverage?.error(status[code] ?? '', text, this.prefix);
        return { code, message: text, details: details?.map((detail) => this.#detail(detail)) };
      }),
    };
  }
}
