// How services call each other, wherever they run. A call is a method and one encoded protobuf message each way; the Router
// decides whether it crosses a ring (this process) or the network (another host). Handlers cannot tell.

import type { MaybePromise } from '../base/maybe-promise.ts';
import type { Cancellation } from './cancellation.ts';
import type { Seal } from './seals.ts';

/** A call as its handler sees it. */
export interface CallContext {
  /** Absolute, on Clock.nowMs(); Infinity without a deadline. */
  readonly deadlineMs: number;
  /** The caller no longer waits: client gone, deadline passed, thread restarted. */
  readonly cancelled: boolean;
  /** At most one listener; called within the turn in which the cancellation arrives. */
  onCancel(listener: () => void): void;
  /** Set before the answer if that rests on what is not durable yet: the caller gets it when the seal is opened (seals.ts). */
  seal?: Seal | undefined;
}

export interface CallOptions {
  readonly deadlineMs?: number | undefined;
  /** Follows the call to whoever answers it. */
  readonly cancellation?: Cancellation | undefined;
}

/** `shardId` is the target shard of a history call and 0 for the other services. Errors are thrown as ServiceError. */
export type Handler = (request: Uint8Array, call: CallContext, shardId: number) => MaybePromise<Uint8Array>;

/** What a service answers, by method name. */
export type ServiceHandlers<Method extends string> = { readonly [M in Method]: Handler };

/** Names of a service's methods in a fixed order: the index is the method's number in frames. Append only. */
export interface ServiceDefinition<Method extends string> {
  readonly name: string;
  readonly methods: readonly Method[];
}
