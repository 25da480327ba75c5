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
import { DEFAULT_WORKFLOW_RETRY_POLICY } from '../settings.ts';

/** The policy with defaults for what it leaves out; undefined stays undefined: no retries. */
export function checkWorkflowRetryPolicy(call: RpcCall, policy: RetryPolicy | undefined): RetryPolicy | undefined {
  if (policy === undefined) return undefined;
  return validateRetryPolicy(withRetryPolicyDefaults(policy, retryDefaults(call)));
}

function retryDefaults(call: RpcCall): RetryPolicyDefaults {
  const configured = call.setting(DEFAULT_WORKFLOW_RETRY_POLICY);
  const number = (key: string) => Number(configured[key] ?? DEFAULT_WORKFLOW_RETRY_POLICY.defaultValue[key]);
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

export function checkStartDelay(cronSchedule: string, startDelayMs: number | undefined): number | undefined {
  if (cronSchedule !== '' && startDelayMs !== undefined) {
    throw invalidArgument('CronSchedule and WorkflowStartDelay may not be used together.');
  }
  return checkDuration(startDelayMs, 'An invalid WorkflowStartDelaySeconds is set on request.');
}

export interface WorkflowTimeouts {
  readonly workflowExecutionTimeout: number | undefined;
  readonly workflowRunTimeout: number | undefined;
  readonly workflowTaskTimeout: number | undefined;
}

/** The timeouts, capped to what the server can hold. */
export function checkWorkflowTimeouts(timeouts: WorkflowTimeouts): WorkflowTimeouts {
  return {
    workflowExecutionTimeout: checkDuration(
      timeouts.workflowExecutionTimeout,
      'An invalid WorkflowExecutionTimeoutSeconds is set on request.',
    ),
    workflowRunTimeout: checkDuration(
      timeouts.workflowRunTimeout,
      'An invalid WorkflowRunTimeoutSeconds is set on request.',
    ),
    workflowTaskTimeout: checkDuration(
      timeouts.workflowTaskTimeout,
      'An invalid WorkflowTaskTimeoutSeconds is set on request.',
    ),
  };
}

function checkDuration(durationMs: number | undefined, message: string): number | undefined {
  const problem = durationProblem(durationMs);
  if (problem) throw invalidArgument(`${message} cause: ${problem}`);
  return capDuration(durationMs);
}
