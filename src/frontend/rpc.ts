// What one public method is to the frontend: how its request is read, which namespace it is about, and what answers it. Every
// file of api/ and admin/ exports one Rpc; the dispatcher runs them. Main loop.

import type { MaybePromise } from '../base/maybe-promise.ts';
import type { RpcCall } from './rpc-call.ts';

export type PublicService = 'WorkflowService' | 'OperatorService' | 'AdminService';

const SERVICE_PATHS: Readonly<Record<PublicService, string>> = {
  WorkflowService: '/temporal.api.workflowservice.v1.WorkflowService/',
  OperatorService: '/temporal.api.operatorservice.v1.OperatorService/',
  AdminService: '/temporal.server.api.adminservice.v1.AdminService/',
};

export function rpcPath(service: PublicService, method: string): string {
  return SERVICE_PATHS[service] + method;
}

/**
 * How the interceptors find a call's namespace:
 * - `required`: the request names it and it must exist;
 * - `optional`: the request may name it (search attributes);
 * - `named`: the request names it, but it need not exist (RegisterNamespace);
 * - `nameOrId`: name or id is given; the handler looks it up itself, in the store (DescribeNamespace);
 * - `nameXorId`: exactly one of both is given, and it must exist (DeleteNamespace);
 * - `id`: the request has only its id, and it must exist (AdminService);
 * - `none`: the call is about the whole server.
 */
export type NamespaceRule = 'required' | 'optional' | 'named' | 'nameOrId' | 'nameXorId' | 'id' | 'none';

/** The fields of a request that interceptors look at. Requests have more. */
export interface RequestFields {
  readonly namespace?: string;
  readonly namespaceId?: string;
  /** DescribeNamespace. */
  readonly id?: string;
  readonly taskToken?: Uint8Array;
}

export interface Rpc<Request extends object = RequestFields> {
  readonly service: PublicService;
  readonly method: string;
  readonly namespaceRule: NamespaceRule;
  /** The request carries a token that names the namespace by id: it wins over the request's name, which must agree. */
  readonly token?: 'task' | 'query';
  /**
   * Reads what checks and handler need, from bytes that belong to the transport. A hot method reads only that; the others
   * decode everything. Throws WireError.
   */
  read(message: Uint8Array): Request;
  /** The quota drawn on when it depends on the request; else the method's own. */
  quotaMethod?(request: Request): string;
  /** Whether this call waits for something to happen, for those methods of which only some do. */
  waits?(request: Request): boolean;
  /**
   * Checks the request and answers with the encoded response. What it needs of `call.message` or of byte fields of the
   * request after an await it must encode or copy before: they are views of the transport's buffer.
   */
  handle(request: Request, call: RpcCall): MaybePromise<Uint8Array>;
}

/** A WorkflowService method about one namespace: the usual case. */
export function workflowRpc<Request extends object>(
  rpc: Omit<Rpc<Request>, 'service' | 'namespaceRule'> & { readonly namespaceRule?: NamespaceRule },
): Rpc<Request> {
  return { service: 'WorkflowService', namespaceRule: 'required', ...rpc };
}

export function operatorRpc<Request extends object>(rpc: Omit<Rpc<Request>, 'service'>): Rpc<Request> {
  return { service: 'OperatorService', ...rpc };
}

export function adminRpc<Request extends object>(rpc: Omit<Rpc<Request>, 'service'>): Rpc<Request> {
  return { service: 'AdminService', ...rpc };
}
