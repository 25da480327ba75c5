// A thread's messages: links to all other threads, the services it answers for, the facts it hears. Calls within the thread
// take the same way without a ring. One per thread; RingRouter (ring-router.ts) decides where a call goes.

import { getHeapStatistics } from 'node:v8';
import type { Logger } from '../metrics/logger.ts';
import type { Metrics } from '../metrics/metrics.ts';
import type { Clock, TimerHandle } from './clock.ts';
import { Bell, Doorbell } from './doorbell.ts';
import { asServiceError, decodeErrorStatus, encodeErrorStatus, threadUnavailable } from './error-status.ts';
import { FACTS, type FactChannel, type FactName } from './facts.ts';
import { FrameKind } from './frame.ts';
import { Link, type LinkEnd } from './link.ts';
import { LocalCalls } from './local-calls.ts';
import { runtimeMetrics } from './metrics.ts';
import { RingCall } from './ring-call.ts';
import { type Seal, SealedAnswers } from './seals.ts';
import type { CallOptions, ServiceHandlers } from './service.ts';
import { ServiceHost, serviceMethodName } from './service-host.ts';
import type { Turn } from './turn.ts';

/** Frames of one link before the next link has its turn. */
const MAX_FRAMES_PER_LINK = 64;

/**
 * How long one turn may hand out frames before sockets and timers get theirs. Handlers take 10 to 100 us each; the soak's
 * limit for a stall of the main loop is 50 ms.
 */
const MAX_TURN_MS = 5;

/** How often deadlines are looked at. Handlers keep their own deadlines exactly; this catches those that hang. */
const EXPIRY_INTERVAL_MS = 250;

export interface MessageHubOptions {
  readonly thread: number;
  readonly name: string;
  readonly bells: SharedArrayBuffer;
  readonly clock: Clock;
  readonly turn: Turn;
  readonly logger: Logger;
  readonly metrics: Metrics;
}

/** A peer's call that a handler of this thread answers. */
interface AnsweredCall {
  readonly correlationId: number;
  readonly service: number;
  readonly method: number;
  readonly call: RingCall;
}

export class MessageHub implements FactChannel {
  readonly thread: number;
  readonly #options: MessageHubOptions;
  readonly #host = new ServiceHost();
  readonly #links: (Link | undefined)[] = [];
  #linkList: Link[] = [];
  readonly #peerNames = new Map<number, string>();
  readonly #doorbell: Doorbell;
  readonly #metrics: ReturnType<typeof runtimeMetrics>;
  readonly #factListeners = new Map<number, ((body: Uint8Array) => void)[]>();
  readonly #sealed: SealedAnswers;
  readonly #local: LocalCalls;
  #expiry: TimerHandle | undefined;
  #nextLink = 0;
  #longestTurnMs = 0;
  #lastUtilization = performance.eventLoopUtilization();
  #stopped = false;

  constructor(options: MessageHubOptions) {
    this.#options = options;
    this.thread = options.thread;
    this.#metrics = runtimeMetrics(options.metrics, options.name);
    this.#sealed = new SealedAnswers(options.clock);
    this.#local = new LocalCalls(this.#host, this.#sealed, options.logger);
    this.#doorbell = new Doorbell(options.bells, options.thread, {
      work: () => this.#drain(),
      hasWork: () => this.#linkList.some((link) => link.reader.hasFrames()),
    });
    options.turn.onFlush(() => this.flush());
  }

  start(): void {
    this.#doorbell.start();
  }

  /** Calls in progress fail; nothing is received any more. */
  stop(): void {
    if (this.#stopped) return;
    this.flush();
    this.#stopped = true;
    this.#doorbell.stop();
    this.#expiry?.cancel();
    const { name } = this.#options;
    for (const link of this.#linkList) link.close(() => threadUnavailable(name));
    this.#local.rejectAll(() => threadUnavailable(name));
  }

  /** Opens the link to a peer; an older one to the same peer is closed: that thread was restarted. */
  connect(end: LinkEnd): void {
    this.disconnect(end.peer);
    this.#peerNames.set(end.peer, end.peerName);
    const bell = new Bell(this.#options.bells, end.peer);
    this.#links[end.peer] = new Link(end, bell, () => this.#options.turn.requestFlush());
    this.#linkList = this.#links.filter((link) => link !== undefined);
    // Frames that arrived before this end was open rang nobody.
    new Bell(this.#options.bells, this.thread).ring();
  }

  disconnect(peer: number): void {
    const link = this.#links[peer];
    if (link === undefined) return;
    this.#links[peer] = undefined;
    this.#linkList = this.#links.filter((other) => other !== undefined);
    link.close(() => threadUnavailable(link.peerName));
    this.#sealed.sealerIsGone(peer);
  }

  register(service: number, handlers: ServiceHandlers<string>): void {
    this.#host.register(service, handlers);
  }

  unregister(service: number): void {
    this.#host.unregister(service);
  }

  call(
    thread: number,
    service: number,
    method: number,
    shardId: number,
    request: Uint8Array,
    options: CallOptions | undefined,
  ): Promise<Uint8Array> {
    if (options?.deadlineMs !== undefined && this.#expiry === undefined) this.#watchDeadlines();
    if (thread === this.thread) return this.#local.call(service, method, shardId, request, options);
    const link = this.#links[thread];
    if (link === undefined) {
      return Promise.reject(threadUnavailable(this.#peerNames.get(thread) ?? `thread ${thread}`));
    }
    return link.call(service, method, shardId, request, options);
  }

  /** A request that nobody answers. False if it was not taken: the peer is down or too much waits for it. */
  tell(thread: number, service: number, method: number, message: Uint8Array): boolean {
    if (thread !== this.thread) return this.#links[thread]?.tell(service, method, message) ?? false;
    queueMicrotask(() => this.#local.tell(service, method, message));
    return true;
  }

  /** Shows other threads what was sent to them. At the end of each turn without being called. */
  flush(): void {
    for (const link of this.#linkList) link.flush();
  }

  /** Tells a thread the outcome of this one's seal. */
  settleSeal(thread: number, id: number, holds: boolean): void {
    if (thread === this.thread) this.#sealed.settle(id, holds);
    else this.#links[thread]?.settleSeal(id, holds);
  }

  /** Tells every thread, this one too. */
  publish(fact: FactName, body: Uint8Array): void {
    const number = FACTS.indexOf(fact);
    for (const link of this.#linkList) link.fact(number, body);
    queueMicrotask(() => this.#hear(number, body));
  }

  subscribe(fact: FactName, listener: (body: Uint8Array) => void): void {
    const number = FACTS.indexOf(fact);
    const listeners = this.#factListeners.get(number) ?? [];
    listeners.push(listener);
    this.#factListeners.set(number, listeners);
  }

  /** Brings gauges up to date; called before metrics are read. */
  sample(): void {
    let depthBytes = 0;
    let pending = this.#local.size;
    let answering = this.#local.size;
    for (const link of this.#linkList) {
      depthBytes += link.depthBytes();
      pending += link.pending.size;
      answering += link.answering.size;
    }
    this.#metrics.ringDepthBytes.set(depthBytes);
    this.#metrics.pendingCalls.set(pending);
    this.#metrics.answeringCalls.set(answering);
    const utilization = performance.eventLoopUtilization();
    this.#metrics.utilization.set(performance.eventLoopUtilization(utilization, this.#lastUtilization).utilization);
    this.#lastUtilization = utilization;
    this.#metrics.heapBytes.set(getHeapStatistics().used_heap_size);
    this.#metrics.longestTurnSeconds.set(this.#longestTurnMs / 1000);
    this.#longestTurnMs = 0;
  }

  #drain(): void {
    const startMs = performance.now();
    const links = this.#linkList;
    let frames = 0;
    let idle = 0;
    // Round robin, beginning where the last turn ended, so that no peer starves another.
    while (idle < links.length) {
      const link = links[this.#nextLink % links.length]!;
      this.#nextLink++;
      const taken = this.#drainLink(link);
      frames += taken;
      idle = taken === 0 ? idle + 1 : 0;
      if (taken > 0 && performance.now() - startMs > MAX_TURN_MS) break;
    }
    const turnMs = performance.now() - startMs;
    if (turnMs > this.#longestTurnMs) this.#longestTurnMs = turnMs;
    // A bell without frames: the peer made room.
    this.#options.turn.requestFlush();
    this.#metrics.turns.add();
    if (frames > 0) {
      this.#metrics.framesPerTurn.record(frames);
      this.#metrics.frames.add(frames);
    }
  }

  #drainLink(link: Link): number {
    const { reader } = link;
    let frames = 0;
    while (frames < MAX_FRAMES_PER_LINK && reader.next()) {
      frames++;
      switch (reader.kind) {
        case FrameKind.REQUEST:
          this.#answer(
            link,
            reader.correlationId,
            reader.service,
            reader.method,
            reader.shardId,
            reader.deadlineMs,
            reader.body,
          );
          break;
        case FrameKind.REPLY:
          link.pending.resolve(reader.correlationId, reader.body);
          break;
        case FrameKind.SEALED_REPLY:
          this.#receiveSealed(link, reader.correlationId, reader.body, { sealer: reader.service, id: reader.shardId });
          break;
        case FrameKind.SEAL:
          this.#sealed.settle(reader.correlationId, reader.method === 1);
          break;
        case FrameKind.ERROR:
          link.pending.reject(reader.correlationId, decodeErrorStatus(reader.body));
          break;
        case FrameKind.CANCEL:
          link.answering.get(reader.correlationId)?.cancel();
          break;
        case FrameKind.FACT:
          this.#hear(reader.service, reader.body);
          break;
        case FrameKind.MESSAGE:
          this.#local.tell(reader.service, reader.method, reader.body);
          break;
      }
    }
    if (frames > 0) link.release();
    return frames;
  }

  #receiveSealed(link: Link, correlationId: number, response: Uint8Array, seal: Seal): void {
    this.#sealed.receive(seal, response, (answer) => link.pending.resolve(correlationId, answer));
  }

  #answer(
    link: Link,
    correlationId: number,
    service: number,
    method: number,
    shardId: number,
    deadlineMs: number,
    request: Uint8Array,
  ): void {
    const answered: AnsweredCall = { correlationId, service, method, call: new RingCall(deadlineMs) };
    if (this.#host.isRegistered(service)) this.#handle(link, answered, shardId, request);
    else this.#hold(link, answered, shardId, request);
  }

  #handle(link: Link, answered: AnsweredCall, shardId: number, request: Uint8Array): void {
    const { correlationId, service, method, call } = answered;
    try {
      const response = this.#host.handle(service, method, request, call, shardId);
      if (response instanceof Promise) {
        link.answering.set(correlationId, call);
        this.#answerLater(link, answered, response);
      } else {
        this.#reply(link, answered, response);
      }
    } catch (error) {
      this.#fail(link, answered, error);
    }
  }

  /** The service is still starting. */
  #hold(link: Link, answered: AnsweredCall, shardId: number, request: Uint8Array): void {
    try {
      this.#host.hold(answered.service, () => {
        if (!answered.call.cancelled) this.#handle(link, answered, shardId, request);
      });
      link.answering.set(answered.correlationId, answered.call);
    } catch (error) {
      this.#fail(link, answered, error);
    }
  }

  /** Its closures see nothing else: polls wait by the thousand, and what they saw would wait with them, the request's frame too. */
  #answerLater(link: Link, answered: AnsweredCall, response: Promise<Uint8Array>): void {
    response.then(
      (bytes) => {
        this.#reply(link, answered, bytes);
      },
      (error: unknown) => this.#fail(link, answered, error),
    );
  }

  #reply(link: Link, { correlationId, call }: AnsweredCall, response: Uint8Array): void {
    link.answering.delete(correlationId);
    if (call.seal === undefined) link.reply(correlationId, response);
    else link.replySealed(correlationId, response, call.seal);
  }

  #fail(link: Link, { correlationId, service, method }: AnsweredCall, error: unknown): void {
    link.answering.delete(correlationId);
    link.fail(correlationId, encodeErrorStatus(this.#toServiceError(error, service, method)));
  }

  #toServiceError(error: unknown, service: number, method: number) {
    const serviceError = asServiceError(error);
    if (serviceError !== error) {
      this.#options.logger.error({ err: error, operation: serviceMethodName(service, method) }, 'a handler failed');
    }
    return serviceError;
  }

  #hear(fact: number, body: Uint8Array): void {
    for (const listener of this.#factListeners.get(fact) ?? []) {
      try {
        listener(body);
      } catch (error) {
        this.#options.logger.error({ err: error, fact: FACTS[fact] }, 'a listener failed');
      }
    }
  }

  #watchDeadlines(): void {
    this.#expiry = this.#options.clock.after(EXPIRY_INTERVAL_MS, () => {
      this.#expiry = undefined;
      if (this.#stopped) return;
      const nowMs = this.#options.clock.nowMs();
      this.#local.expire(nowMs);
      let waiting = this.#local.size;
      for (const link of this.#linkList) {
        link.pending.expire(nowMs);
        waiting += link.pending.size;
      }
      if (waiting > 0) this.#watchDeadlines();
    });
  }
}
