// Runs a public call: reads the request, lets the interceptors pass in their order, then the method's handler, and answers.
// A call whose steps are all synchronous goes from the transport to the router within one turn and without a copy. Main loop.

import { ServiceError } from '../base/service-error.ts';
import { canceled } from '../proto/service-errors.ts';
import { unreadableRequest } from '../proto/unreadable-request.ts';
import { WireError } from '../proto/wire.ts';
import type { MethodHandler, ServerCall } from '../rpc/handler.ts';
import { answerError, asServiceError } from './answer-error.ts';
import type { FrontendServices } from './frontend-services.ts';
import type { Interceptor } from './interceptors/interceptor.ts';
import { recordFailure, recordSuccess } from './interceptors/telemetry.ts';
import type { Rpc } from './rpc.ts';
import { RpcCall } from './rpc-call.ts';

export class Dispatcher {
  private readonly services: FrontendServices;
  private readonly interceptors: readonly Interceptor[];

  constructor(services: FrontendServices, interceptors: readonly Interceptor[]) {
    this.services = services;
    this.interceptors = interceptors;
  }

  methodHandler(rpc: Rpc): MethodHandler {
    return { kind: 'unary', handle: (server, message) => this.handle(rpc, server, message) };
  }

  /** Ends the calls that wait for something: polls are answered empty by whoever holds them. */
  stop(): void {
    for (const call of this.services.waitingCalls.all()) call.abort();
  }

  private handle(rpc: Rpc, server: ServerCall, message: Uint8Array): void {
    const call = new RpcCall(rpc, server, this.services, message);
    call.onGone = this.gone;
    this.run(call, 0);
  }

  private run(call: RpcCall, firstInterceptor: number): void {
    try {
      if (firstInterceptor === 0) call.request = read(call);
      for (let i = firstInterceptor; i < this.interceptors.length; i++) {
        const wait = (this.interceptors[i] as Interceptor)(call);
        if (wait !== undefined) {
          call.keep();
          wait.then(
            () => this.run(call, i + 1),
            (error) => this.fail(call, error),
          );
          return;
        }
      }
      const answer = call.rpc.handle(call.request, call);
      if (answer instanceof Promise) {
        answer.then(
          (response) => this.succeed(call, response),
          (error) => this.fail(call, error),
        );
      } else {
        this.succeed(call, answer);
      }
    } catch (error) {
      this.fail(call, error);
    }
  }

  private succeed(call: RpcCall, response: Uint8Array): void {
    if (!this.finish(call)) return;
    recordSuccess(call);
    call.server.respond(response);
  }

  private fail(call: RpcCall, cause: unknown): void {
    if (!this.finish(call)) return;
    const error = asServiceError(cause);
    recordFailure(call, error);
    answerError(call, error);
  }

  /** The client of a waiting call is gone: nobody reads an answer, so the call ends now. Other calls run to their end. */
  private readonly gone = (call: RpcCall): void => {
    if (this.finish(call)) recordFailure(call, canceled('context canceled'));
  };

  private finish(call: RpcCall): boolean {
    if (call.finished) return false;
    this.services.waitingCalls.delete(call);
    call.finish();
    return true;
  }
}

function read(call: RpcCall): RpcCall['request'] {
  try {
    return call.rpc.read(call.message);
  } catch (error) {
    if (error instanceof WireError) throw unreadableRequest(error);
    throw error instanceof ServiceError ? error : asServiceError(error);
  }
}
