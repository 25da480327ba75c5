// The calls of Temporal's WorkflowService that a benchmark makes, spread over several connections.

import * as api from '#proto/temporal/api/workflowservice/v1';
import type { MessageCodec } from '../../src/proto/wire.ts';
import { type ConnectionAddress, GrpcCallError, GrpcConnection } from './grpc-connection.ts';

/** Of a unary call; the longest wait is a poll's. */
const CALL_TIMEOUT_MS = 30_000;
/** As SDKs set it: longer than the server holds a poll (60 s). */
const POLL_TIMEOUT_MS = 70_000;

export interface Method<Request, Reply> {
  readonly path: string;
  readonly timeoutMs: number;
  readonly request: MessageCodec<unknown, Request>;
  readonly reply: MessageCodec<Reply, never>;
}

function method<RequestInit, Reply>(
  name: string,
  request: MessageCodec<unknown, RequestInit>,
  reply: { decode(bytes: Uint8Array): Reply },
  timeoutMs = CALL_TIMEOUT_MS,
): Method<RequestInit, Reply> {
  const path = `/temporal.api.workflowservice.v1.WorkflowService/${name}`;
  return { path, timeoutMs, request, reply: reply as MessageCodec<Reply, never> };
}

export const Methods = {
  registerNamespace: method('RegisterNamespace', api.RegisterNamespaceRequest, api.RegisterNamespaceResponse),
  count: method('CountWorkflowExecutions', api.CountWorkflowExecutionsRequest, api.CountWorkflowExecutionsResponse),
  start: method('StartWorkflowExecution', api.StartWorkflowExecutionRequest, api.StartWorkflowExecutionResponse),
  signal: method('SignalWorkflowExecution', api.SignalWorkflowExecutionRequest, api.SignalWorkflowExecutionResponse),
  update: method('UpdateWorkflowExecution', api.UpdateWorkflowExecutionRequest, api.UpdateWorkflowExecutionResponse),
  query: method('QueryWorkflow', api.QueryWorkflowRequest, api.QueryWorkflowResponse),
  pollWorkflowTask: method(
    'PollWorkflowTaskQueue',
    api.PollWorkflowTaskQueueRequest,
    api.PollWorkflowTaskQueueResponse,
    POLL_TIMEOUT_MS,
  ),
  completeWorkflowTask: method(
    'RespondWorkflowTaskCompleted',
    api.RespondWorkflowTaskCompletedRequest,
    api.RespondWorkflowTaskCompletedResponse,
  ),
  pollActivityTask: method(
    'PollActivityTaskQueue',
    api.PollActivityTaskQueueRequest,
    api.PollActivityTaskQueueResponse,
    POLL_TIMEOUT_MS,
  ),
  completeActivity: method(
    'RespondActivityTaskCompleted',
    api.RespondActivityTaskCompletedRequest,
    api.RespondActivityTaskCompletedResponse,
  ),
  completeQuery: method(
    'RespondQueryTaskCompleted',
    api.RespondQueryTaskCompletedRequest,
    api.RespondQueryTaskCompletedResponse,
  ),
} as const;

export class WorkflowServiceClient {
  readonly #target: ConnectionAddress;
  readonly #connections: (GrpcConnection | Promise<GrpcConnection>)[];
  readonly #opened: GrpcConnection[];
  #next = 0;
  #closed = false;

  /** `address` is `host:port`. */
  static async connect(address: string, connections: number): Promise<WorkflowServiceClient> {
    const split = address.lastIndexOf(':');
    const target = { host: address.slice(0, split), port: Number(address.slice(split + 1)) };
    const opened = await Promise.all(Array.from({ length: connections }, () => GrpcConnection.connect(target)));
    return new WorkflowServiceClient(target, opened);
  }

  private constructor(target: ConnectionAddress, connections: readonly GrpcConnection[]) {
    this.#target = target;
    this.#connections = [...connections];
    this.#opened = [...connections];
  }

  async call<Request, Reply>(method: Method<Request, Reply>, request: Request): Promise<Reply> {
    const message = method.request.encode(request);
    const index = this.#next++ % this.#connections.length;
    let connection = this.#connections[index]!;
    if (connection instanceof Promise) connection = await connection;
    if (connection.isGoingAway && !this.#closed) connection = await this.#replace(index, connection);
    const open = connection;
    return new Promise((resolve, reject) => {
      open.call(method.path, message, method.timeoutMs, (error, bytes) => {
        if (error === undefined) resolve(method.reply.decode(bytes));
        else if (error.refused && open.isGoingAway) resolve(this.call(method, request));
        else reject(error);
      });
    });
  }

  close(): void {
    this.#closed = true;
    for (const connection of this.#opened) connection.close();
  }

  async #replace(index: number, old: GrpcConnection): Promise<GrpcConnection> {
    if (this.#connections[index] === old) {
      this.#connections[index] = GrpcConnection.connect(this.#target).then((connection) => {
        this.#opened.push(connection);
        this.#connections[index] = connection;
        return connection;
      });
    }
    return await this.#connections[index]!;
  }
}

/** gRPC codes that a benchmark expects now and then. */
export const Code = {
  DEADLINE_EXCEEDED: 4,
  NOT_FOUND: 5,
  ALREADY_EXISTS: 6,
  RESOURCE_EXHAUSTED: 8,
  UNAVAILABLE: 14,
} as const;

export function isCode(error: unknown, ...codes: readonly number[]): boolean {
  return error instanceof GrpcCallError && codes.includes(error.code);
}
