// Retry policies, cron schedules and durations: the rules that history has for commands too. Main loop.

import type { RetryPolicy } from '#proto/temporal/api/common/v1';
import {
  capDuration,
  durationProblem,
  type RetryPolicyDefaults,
  validateCronSchedule,
  validateRetryPolicy,
  withRetryPolicyDefaults,
} from '../../base/backoff/index.ts';
import { invalidArgument } from '../../proto/service-errors.ts';
import type { RpcCall } from '../rpc-call.ts';
import { DEFAULT_ACTIVITY_RETRY_POLICY, DEFAULT_WORKFLOW_RETRY_POLICY } from '../settings.ts';
import { DIFFERENT_SIGNS, hasDifferentSigns } from './duration-signs.ts';

/** The encoded request that a duration comes from; looked at only in doubt. */
export type RawRequest = () => Uint8Array;

// temporal.api.common.v1.RetryPolicy: initial_interval = 1, maximum_interval = 3.
const INITIAL_INTERVAL = 1;
const MAXIMUM_INTERVAL = 3;
// StartWorkflowExecutionRequest and SignalWithStartWorkflowExecutionRequest agree in these.
const EXECUTION_TIMEOUT = 6;
const RUN_TIMEOUT = 7;
const TASK_TIMEOUT = 8;
const START_DELAY = 20;

/** The policy with defaults for what it leaves out; undefined stays undefined: no retries. */
export function checkWorkflowRetryPolicy(
  call: RpcCall,
  policy: RetryPolicy | undefined,
  raw: RawRequest,
  fieldNumber: number,
): RetryPolicy | undefined {
  return policy && checkRetryPolicy(call, policy, DEFAULT_WORKFLOW_RETRY_POLICY, raw, fieldNumber);
}

/** The policy of an activity; without one it has the namespace's. */
export function checkActivityRetryPolicy(
  call: RpcCall,
  policy: RetryPolicy | undefined,
  raw: RawRequest,
  fieldNumber: number,
): RetryPolicy {
  return checkRetryPolicy(call, policy ?? NO_POLICY, DEFAULT_ACTIVITY_RETRY_POLICY, raw, fieldNumber);
}

const NO_POLICY: RetryPolicy = {
  initialInterval: undefined,
  backoffCoefficient: 0,
  maximumInterval: undefined,
  maximumAttempts: 0,
  nonRetryableErrorTypes: [],
};

function checkRetryPolicy(
  call: RpcCall,
  policy: RetryPolicy,
  defaults: typeof DEFAULT_WORKFLOW_RETRY_POLICY,
  raw: RawRequest,
  fieldNumber: number,
): RetryPolicy {
  if (policy.maximumAttempts !== 1) {
    if (hasDifferentSigns(policy.initialInterval, raw, [fieldNumber, INITIAL_INTERVAL])) {
      throw invalidArgument(`invalid InitialInterval set on retry policy: ${DIFFERENT_SIGNS}`);
    }
    if (hasDifferentSigns(policy.maximumInterval, raw, [fieldNumber, MAXIMUM_INTERVAL])) {
      throw invalidArgument(`invalid MaximumInterval set on retry policy: ${DIFFERENT_SIGNS}`);
    }
  }
  return validateRetryPolicy(withRetryPolicyDefaults(policy, retryDefaults(call, defaults)));
}

function retryDefaults(call: RpcCall, setting: typeof DEFAULT_WORKFLOW_RETRY_POLICY): RetryPolicyDefaults {
  const configured = call.setting(setting);
  const number = (key: string) => Number(configured[key] ?? setting.defaultValue[key]);
  return {
    initialIntervalMs: number('InitialIntervalInSeconds') * 1000,
    maximumIntervalCoefficient: number('MaximumIntervalCoefficient'),
    backoffCoefficient: number('BackoffCoefficient'),
    maximumAttempts: number('MaximumAttempts'),
  };
}

export function checkCronSchedule(call: RpcCall, schedule: string): void {
  if (schedule !== '') validateCronSchedule(schedule, call.services.clock.nowMs());
}

export function checkStartDelay(
  cronSchedule: string,
  startDelayMs: number | undefined,
  raw: RawRequest,
): number | undefined {
  if (cronSchedule !== '' && startDelayMs !== undefined) {
    throw invalidArgument('CronSchedule and WorkflowStartDelay may not be used together.');
  }
  return checkDuration(startDelayMs, raw, START_DELAY, 'An invalid WorkflowStartDelaySeconds is set on request.');
}

export interface WorkflowTimeouts {
  readonly workflowExecutionTimeout: number | undefined;
  readonly workflowRunTimeout: number | undefined;
  readonly workflowTaskTimeout: number | undefined;
}

/** The timeouts, capped to what the server can hold. */
export function checkWorkflowTimeouts(timeouts: WorkflowTimeouts, raw: RawRequest): WorkflowTimeouts {
  return {
    workflowExecutionTimeout: checkDuration(
      timeouts.workflowExecutionTimeout,
      raw,
      EXECUTION_TIMEOUT,
      'An invalid WorkflowExecutionTimeoutSeconds is set on request.',
    ),
    workflowRunTimeout: checkDuration(
      timeouts.workflowRunTimeout,
      raw,
      RUN_TIMEOUT,
      'An invalid WorkflowRunTimeoutSeconds is set on request.',
    ),
    workflowTaskTimeout: checkDuration(
      timeouts.workflowTaskTimeout,
      raw,
      TASK_TIMEOUT,
      'An invalid WorkflowTaskTimeoutSeconds is set on request.',
    ),
  };
}

function checkDuration(
  durationMs: number | undefined,
  raw: RawRequest,
  fieldNumber: number,
  message: string,
): number | undefined {
  const differ = hasDifferentSigns(durationMs, raw, [fieldNumber]);
  const problem = differ ? DIFFERENT_SIGNS : durationProblem(durationMs);
  if (problem) throw invalidArgument(`${message} cause: ${problem}`);
  return capDuration(durationMs);
}
