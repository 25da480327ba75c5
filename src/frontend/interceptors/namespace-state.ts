// Resolves the namespace, checks that the token's and the request's agree, and that its state allows the method
// (namespace_validator.go StateValidationIntercept, v1.31). Main loop.

import type { NamespaceRecord } from '#proto/ostinato/worker/v1';
import { NamespaceState, NamespaceStateNames } from '#proto/temporal/api/enums/v1';
import { type MaybePromise, whenReady } from '../../base/maybe-promise.ts';
import { invalidArgument, namespaceInvalidState } from '../../proto/service-errors.ts';
import { settingOf } from '../frontend-services.ts';
import type { RpcCall } from '../rpc-call.ts';
import { TOKEN_NAMESPACE_ENFORCEMENT } from '../settings.ts';
import type { Interceptor } from './interceptor.ts';
import { readToken } from './namespace-name.ts';

const REGISTERED_ONLY = [NamespaceState.REGISTERED] as const;
const REGISTERED_OR_DEPRECATED = [NamespaceState.REGISTERED, NamespaceState.DEPRECATED] as const;
const ANY_STATE = [NamespaceState.REGISTERED, NamespaceState.DEPRECATED, NamespaceState.DELETED] as const;

const ALLOWED_STATES: ReadonlyMap<string, readonly number[]> = new Map<string, readonly number[]>([
  ['StartWorkflowExecution', REGISTERED_ONLY],
  ['SignalWithStartWorkflowExecution', REGISTERED_ONLY],
  ['DeleteNamespace', ANY_STATE],
]);

/** Methods that Temporal never redirects to another cluster; for the others redirection finds first that a namespace is missing. */
const LOCAL_METHODS: ReadonlySet<string> = new Set(['UpdateNamespace', 'DeprecateNamespace']);

export const namespaceState: Interceptor = (call) => {
  const found = call.rpc.token === undefined ? fromRequest(call) : fromToken(call);
  if (found instanceof Promise) return found.then((record) => accept(call, record));
  accept(call, found);
};

function accept(call: RpcCall, record: NamespaceRecord | undefined): void {
  if (record === undefined) return;
  const allowed = ALLOWED_STATES.get(call.rpc.method) ?? REGISTERED_OR_DEPRECATED;
  if (!allowed.includes(record.state)) {
    const names = allowed.map(stateName).join(' or ');
    const message = `Namespace has invalid state: ${stateName(record.state)}. Must be ${names}.`;
    throw namespaceInvalidState(message, record.name, record.state, allowed);
  }
  call.namespace = record;
  call.namespaceName = record.name;
}

function stateName(state: number): string {
  return NamespaceStateNames.get(state) ?? String(state);
}

function fromToken(call: RpcCall): MaybePromise<NamespaceRecord> {
  const { namespaces } = call.services;
  const name = call.request.namespace ?? '';
  // The name is resolved first, as Temporal's redirection does, though the token's namespace is the one that counts.
  return whenReady(name === '' ? undefined : namespaces.resolveName(name), (named) => {
    readToken(call);
    return whenReady(namespaces.resolveId(call.tokenNamespaceId), (tokenNamespace) => {
      if (named === undefined || named.id === tokenNamespace.id) return tokenNamespace;
      if (!settingOf(call.services, TOKEN_NAMESPACE_ENFORCEMENT)) return tokenNamespace;
      throw invalidArgument('Operation requested with a token from a different namespace.');
    });
  });
}

function fromRequest(call: RpcCall): MaybePromise<NamespaceRecord | undefined> {
  const { namespaces } = call.services;
  const name = call.request.namespace ?? '';
  switch (call.rpc.namespaceRule) {
    case 'none':
      return undefined;
    case 'required':
      if (name === '') throw isRedirected(call) ? invalidArgument('Namespace is empty.') : notSet();
      return namespaces.resolveName(name);
    case 'optional':
      return name === '' ? undefined : namespaces.resolveName(name);
    case 'named':
      if (name === '') throw notSet();
      return undefined;
    case 'nameOrId':
      if (name === '' && !call.request.id) throw notSet();
      return undefined;
    case 'id':
      return namespaces.resolveId(call.request.namespaceId ?? '');
    case 'nameXorId': {
      const id = call.request.namespaceId ?? '';
      if (name === '' && id === '') throw notSet();
      if (name !== '' && id !== '') {
        throw invalidArgument('Only one of namespace name or Id should be set on request.');
      }
      return id === '' ? namespaces.resolveName(name) : namespaces.resolveId(id);
    }
  }
}

const isRedirected = ({ rpc }: RpcCall) => rpc.service === 'WorkflowService' && !LOCAL_METHODS.has(rpc.method);
const notSet = () => invalidArgument('Namespace not set on request.');
