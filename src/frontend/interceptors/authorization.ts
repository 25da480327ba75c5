// Asks the configured authorizer whether the caller may make this call (common/authorization/interceptor.go, v1.31). Main loop.

import type { AuthInfo, Authorization, Claims, Decision } from '../../auth/index.ts';
import { permissionDenied } from '../../proto/service-errors.ts';
import { settingOf } from '../frontend-services.ts';
import { rpcPath } from '../rpc.ts';
import type { RpcCall } from '../rpc-call.ts';
import { EXPOSE_AUTHORIZER_ERRORS } from '../settings.ts';
import type { Interceptor } from './interceptor.ts';

const UNAUTHORIZED = 'Request unauthorized.';
const BEARER_HEADER = 'authorization';
const EXTRA_HEADER = 'authorization-extras';

export function authorizationInterceptor(authorization: Authorization | undefined): Interceptor | undefined {
  if (authorization === undefined) return undefined;
  return async (call) => {
    const claims = await claimsOf(authorization, call);
    await authorize(authorization, claims, call);
  };
}

async function claimsOf(authorization: Authorization, call: RpcCall): Promise<Claims | undefined> {
  const { claimMapper } = authorization;
  if (claimMapper === undefined) return undefined;
  const info = authInfoOf(authorization, call);
  if (claimMapper.authInfoRequired && info.authToken === '' && info.peer.certificate === undefined) return undefined;
  try {
    return await claimMapper.claims(info);
  } catch (error) {
    call.services.logger.error({ operation: call.rpc.method, err: error }, 'Authorization error');
    throw permissionDenied(UNAUTHORIZED);
  }
}

function authInfoOf(authorization: Authorization, call: RpcCall): AuthInfo {
  const { metadata, peer } = call.server;
  return {
    authToken: metadata.get(authorization.headerName ?? BEARER_HEADER) ?? '',
    extraData: metadata.get(authorization.extraHeaderName ?? EXTRA_HEADER) ?? '',
    audience: '',
    peer,
  };
}

async function authorize(authorization: Authorization, claims: Claims | undefined, call: RpcCall): Promise<void> {
  const target = { path: rpcPath(call.rpc.service, call.rpc.method), namespace: call.namespaceName };
  let decision: Decision;
  try {
    decision = await authorization.authorizer.authorize(claims, target);
  } catch (error) {
    call.services.logger.error({ operation: call.rpc.method, err: error }, 'Authorization error');
    if (settingOf(call.services, EXPOSE_AUTHORIZER_ERRORS)) throw error;
    throw permissionDenied(UNAUTHORIZED);
  }
  if (!decision.allowed) throw permissionDenied(UNAUTHORIZED, decision.reason);
}
