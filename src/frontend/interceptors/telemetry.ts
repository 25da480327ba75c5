// Counts and times calls and logs failures that are the server's own (telemetry.go, request_error_handler.go, v1.31). The first part
// runs as an interceptor, the rest when the call ends. Main loop.

import { GrpcCode, type ServiceError } from '../../base/service-error.ts';
import { exhaustedBy } from '../answer-error.ts';
import { type RpcInstruments, rpcInstruments } from '../metrics.ts';
import type { RpcCall } from '../rpc-call.ts';
import type { Interceptor } from './interceptor.ts';

/** The label of calls that name no namespace, or one that does not exist: names from outside must not become labels. */
const NO_NAMESPACE = '_unknown_';
/** Namespaces with instruments of their own per method; more share one label, so that memory stays bounded. */
const MAX_NAMESPACE_LABELS = 10_000;

export const telemetry: Interceptor = (call) => {
  instrumentsOf(call).requests.add();
};

export function instrumentsOf(call: RpcCall): RpcInstruments {
  const known = call.instruments;
  if (known !== undefined) return known;
  let byNamespace = call.services.instruments.get(call.rpc);
  if (byNamespace === undefined) {
    byNamespace = new Map();
    call.services.instruments.set(call.rpc, byNamespace);
  }
  const name = labelOf(call);
  let instruments = byNamespace.get(name);
  if (instruments === undefined) {
    const label = byNamespace.size < MAX_NAMESPACE_LABELS ? name : NO_NAMESPACE;
    instruments = rpcInstruments(call.services.metrics, call.rpc.method, label);
    if (label === name) byNamespace.set(name, instruments);
  }
  call.instruments = instruments;
  return instruments;
}

function labelOf(call: RpcCall): string {
  const { namespaceName, services } = call;
  if (namespaceName === '') return NO_NAMESPACE;
  return services.namespaces.byName(namespaceName) === undefined ? NO_NAMESPACE : namespaceName;
}

export function recordSuccess(call: RpcCall): void {
  instrumentsOf(call).latency.record(call.services.monotonicNowMs() - call.startedMs);
}

export function recordFailure(call: RpcCall, error: ServiceError): void {
  const instruments = instrumentsOf(call);
  instruments.latency.record(call.services.monotonicNowMs() - call.startedMs);
  instruments.errorWithType(errorTypeOf(error)).add();
  if (error.code === GrpcCode.RESOURCE_EXHAUSTED) {
    const { cause, scope } = exhaustedBy(error);
    instruments.resourceExhausted(cause, scope).add();
    if (scope === 'Namespace') return;
  }
  if (EXPECTED.has(error.code)) return;
  instruments.errors.add();
  if (QUIET.has(error.code)) return;
  call.services.logger.error(
    {
      operation: call.rpc.method,
      'wf-namespace': call.namespaceName,
      grpc_code: error.code,
      err: error.cause ?? error,
    },
    'service failures',
  );
}

/** Codes that are the caller's affair. */
const EXPECTED: ReadonlySet<number> = new Set([
  GrpcCode.CANCELLED,
  GrpcCode.INVALID_ARGUMENT,
  GrpcCode.NOT_FOUND,
  GrpcCode.ALREADY_EXISTS,
  GrpcCode.PERMISSION_DENIED,
  GrpcCode.FAILED_PRECONDITION,
  GrpcCode.OUT_OF_RANGE,
  GrpcCode.UNAUTHENTICATED,
]);
/** The server's affair, but too frequent under load to be logged one by one. */
const QUIET: ReadonlySet<number> = new Set([
  GrpcCode.DEADLINE_EXCEEDED,
  GrpcCode.RESOURCE_EXHAUSTED,
  GrpcCode.UNIMPLEMENTED,
]);

/** The last part of the detail's type, `NotFoundFailure`, or the code's name. */
function errorTypeOf(error: ServiceError): string {
  const detail = error.details[0];
  if (detail !== undefined) return detail.typeUrl.slice(detail.typeUrl.lastIndexOf('.') + 1);
  return CODE_NAMES.get(error.code) ?? 'Unknown';
}

const CODE_NAMES: ReadonlyMap<number, string> = new Map(
  Object.entries(GrpcCode).map(([name, code]) => [
    code,
    name
      .toLowerCase()
      .split('_')
      .map((word) => (word[0] as string).toUpperCase() + word.slice(1))
      .join(''),
  ]),
);
