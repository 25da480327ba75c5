// Early SDKs whose eager activities do not work (service/frontend/overrides.go, v1.31): their requests for them are taken back.
// Main loop.

import { RespondWorkflowTaskCompletedRequest } from '#proto/temporal/api/workflowservice/v1';
import { compareVersions, parseVersion, VersionSyntaxError } from '../../base/semantic-version.ts';
import type { RpcCall } from '../rpc-call.ts';

const BUGGY_PYTHON_VERSIONS: ReadonlySet<string> = new Set(['0.1a1', '0.1a2', '0.1b1', '0.1b2']);
const FIRST_GOOD_TYPESCRIPT_VERSION = parseVersion('1.4.4');
/** Versions seen, with the verdict; a client sends the same one in each call. */
const MAX_REMEMBERED = 1000;

/** The call's request, without requests for eager execution if the client's version cannot handle it. */
export function withoutBuggyEagerRequests(call: RpcCall): Uint8Array {
  const name = call.server.metadata.get('client-name') ?? '';
  if (name !== 'temporal-python' && name !== 'temporal-typescript') return call.message;
  const version = call.server.metadata.get('client-version') ?? '';
  const key = `${name} ${version}`;
  const verdicts = call.services.clientVersions;
  let buggy = verdicts.get(key);
  if (buggy === undefined) {
    buggy = name === 'temporal-python' ? BUGGY_PYTHON_VERSIONS.has(version) : isOldTypeScript(version);
    if (verdicts.size >= MAX_REMEMBERED) verdicts.clear();
    verdicts.set(key, buggy);
  }
  return buggy ? withoutEagerRequests(call.message) : call.message;
}

function isOldTypeScript(version: string): boolean {
  try {
    return compareVersions(parseVersion(version), FIRST_GOOD_TYPESCRIPT_VERSION) < 0;
  } catch (error) {
    if (error instanceof VersionSyntaxError) return false;
    throw error;
  }
}

function withoutEagerRequests(message: Uint8Array): Uint8Array {
  const request = RespondWorkflowTaskCompletedRequest.decode(message);
  for (const command of request.commands) {
    const attributes = command.scheduleActivityTaskCommandAttributes;
    if (attributes !== undefined) attributes.requestEagerExecution = false;
  }
  return RespondWorkflowTaskCompletedRequest.encode(request);
}
