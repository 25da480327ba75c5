// Who a caller is and what the caller may do, as Temporal's plug-in points have it (common/authorization, v1.31). The frontend
// asks before each call; without a configured authorizer everything is allowed. Main loop.

import type { MaybePromise } from '../base/maybe-promise.ts';
import type { Peer } from '../rpc/handler.ts';

/** Bits, as in Temporal: a namespace role or the system role is the union of several. */
export const Role = Object.freeze({ UNDEFINED: 0, WORKER: 1, READER: 2, WRITER: 4, ADMIN: 8 });
export type Role = number;

export interface Claims {
  readonly subject: string;
  /** Role for the whole system, including every namespace. */
  readonly system: Role;
  readonly namespaces: Readonly<Record<string, Role>>;
  /** What the claim mapper wants to hand to its authorizer. */
  readonly extensions?: unknown;
}

/** What a caller presents: the authorization headers and the connection's certificate. */
export interface AuthInfo {
  readonly authToken: string;
  readonly extraData: string;
  readonly audience: string;
  readonly peer: Peer;
}

export interface ClaimMapper {
  /** Rejects when what is presented is not valid: the call is then refused. */
  claims(info: AuthInfo): MaybePromise<Claims>;
  /** Whether it can say anything without an authorization header (by certificate, say). */
  readonly authInfoRequired: boolean;
}

export interface CallTarget {
  /** Full method path, `/temporal.api.workflowservice.v1.WorkflowService/StartWorkflowExecution`. */
  readonly path: string;
  /** Empty for calls about the whole server. */
  readonly namespace: string;
}

export interface Decision {
  readonly allowed: boolean;
  /** Goes into the PermissionDeniedFailure. */
  readonly reason?: string;
}

export interface Authorizer {
  authorize(claims: Claims | undefined, target: CallTarget): MaybePromise<Decision>;
}

export interface Authorization {
  readonly claimMapper?: ClaimMapper | undefined;
  readonly authorizer: Authorizer;
  /** Defaults `authorization` and `authorization-extras`. */
  readonly headerName?: string;
  readonly extraHeaderName?: string;
}
