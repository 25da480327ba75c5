// Requests about activities without a workflow (chasm/lib/activity validator.go and frontend.go, v1.32). Main loop.

import { Buffer } from 'node:buffer';
import type { TaskToken } from '#proto/ostinato/token/v1';
import { durationProblem } from '../../base/backoff/index.ts';
import { invalidArgument, unimplemented } from '../../proto/service-errors.ts';
import type { RpcCall } from '../rpc-call.ts';
import {
  BLOB_SIZE_ERROR,
  ENABLE_ACTIVITY_OPERATOR_COMMANDS,
  ENABLE_STANDALONE_ACTIVITIES,
  MAX_ID_LENGTH,
} from '../settings.ts';
import { isUuid } from './execution.ts';
import { isLongerThan } from './text-length.ts';

export function checkStandaloneActivitiesEnabled(call: RpcCall): void {
  if (!call.setting(ENABLE_STANDALONE_ACTIVITIES)) throw unimplemented('Standalone activity is disabled');
}

/** An operator's command: about an activity of a workflow it is always allowed. */
export function checkOperatorCommandsEnabled(call: RpcCall, workflowId: string): void {
  if (workflowId !== '') return;
  checkStandaloneActivitiesEnabled(call);
  if (!call.setting(ENABLE_ACTIVITY_OPERATOR_COMMANDS)) {
    throw unimplemented('Standalone activity operator commands are disabled');
  }
}

export function checkActivityId(call: RpcCall, activityId: string): void {
  if (activityId === '') throw invalidArgument('activity ID is required');
  checkLength(call, 'activity ID', activityId);
}

export function checkLength(call: RpcCall, what: string, text: string): void {
  const limit = call.setting(MAX_ID_LENGTH);
  if (!isLongerThan(text, limit)) return;
  throw invalidArgument(`${what} exceeds length limit. Length=${Buffer.byteLength(text)} Limit=${limit}`);
}

export function checkRunId(runId: string): void {
  if (runId !== '' && !isUuid(runId)) throw invalidArgument('invalid run id: must be a valid UUID');
}

/** The request's id, or a new one in the place of none. */
export function checkRequestId(call: RpcCall, requestId: string): string {
  checkLength(call, 'request ID', requestId);
  return requestId === '' ? call.services.newUuid() : requestId;
}

export function checkReason(call: RpcCall, reason: string): void {
  if (isLongerThan(reason, call.setting(BLOB_SIZE_ERROR))) throw invalidArgument('reason exceeds length limit');
}

export function checkJitter(jitterMs: number | undefined): void {
  const problem = durationProblem(jitterMs);
  if (problem) throw invalidArgument(`invalid jitter: ${problem}`);
}

/** What a task token's shard is found by: the workflow of the activity, or the activity itself. */
export function checkTokenOwner(call: RpcCall, token: TaskToken | undefined): string {
  if (token === undefined) return '';
  if (token.componentRef.length === 0) return token.workflowId;
  checkStandaloneActivitiesEnabled(call);
  return token.activityId;
}

interface Command {
  readonly workflowId: string;
  readonly runId: string;
  readonly activityId: string;
  readonly requestId: string;
  readonly identity: string;
}

/** What pausing, unpausing and resetting have in common, in Temporal's order. Returns the request's id, or a new one. */
export function checkOperatorCommand(call: RpcCall, request: Command): string {
  checkOperatorCommandsEnabled(call, request.workflowId);
  const requestId = checkRequestId(call, request.requestId);
  checkActivityId(call, request.activityId);
  checkLength(call, 'identity', request.identity);
  checkRunId(request.runId);
  return requestId;
}

/** The same for cancelling and terminating. */
export function checkEnding(call: RpcCall, request: Omit<Command, 'workflowId'> & { readonly reason: string }): string {
  checkStandaloneActivitiesEnabled(call);
  checkActivityId(call, request.activityId);
  const requestId = checkRequestId(call, request.requestId);
  checkLength(call, 'identity', request.identity);
  checkRunId(request.runId);
  checkReason(call, request.reason);
  return requestId;
}
