// What the validators know of the workflow whose task completed. The workflow core provides it; reads are synchronous.

import type { NamespaceRecord } from '#proto/ostinato/worker/v1';
import type { Payload, SearchAttributes } from '#proto/temporal/api/common/v1';
import type { Encoded } from '../../../proto/wire.ts';
import type { RetryPolicyDefaults } from '../../backoff/index.ts';

/** Values of the settings in limits.ts for the workflow's namespace. */
export interface CommandLimits {
  /** limit.maxIDLength */
  readonly maxIdLengthBytes: number;
  /** limit.blobSize.error */
  readonly blobSizeErrorBytes: number;
  /** limit.memoSize.error */
  readonly memoSizeErrorBytes: number;
  /** limit.numPendingActivities.error; 0 is no limit, here and below */
  readonly pendingActivities: number;
  /** limit.numPendingChildExecutions.error */
  readonly pendingChildExecutions: number;
  /** limit.numPendingSignals.error */
  readonly pendingSignals: number;
  /** limit.numPendingCancelRequests.error */
  readonly pendingCancelRequests: number;
}

/** Read again for every command, because the commands before it change the counts. */
export interface CommandedWorkflow {
  readonly workflowId: string;
  readonly workflowType: string;
  readonly taskQueue: string;
  readonly runTimeoutMs: number | undefined;
  readonly executionTimeoutMs: number | undefined;
  readonly defaultWorkflowTaskTimeoutMs: number | undefined;
  /** Old build-id versioning; empty when it is not used. */
  readonly assignedBuildId: string;
  readonly memo: ReadonlyMap<string, Encoded<Payload>>;
  readonly searchAttributes: ReadonlyMap<string, Encoded<Payload>>;
  readonly pendingActivityCount: number;
  readonly pendingChildExecutionCount: number;
  readonly pendingSignalCount: number;
  readonly pendingCancelRequestCount: number;
  /** Whether a child of this workflow id was started by an earlier command of the same workflow task. */
  startedChildInThisTask(workflowId: string): boolean;
}

/** Each throws INVALID_ARGUMENT in Temporal's words, which fails the workflow task. */
export interface SearchAttributeRules {
  /** Aliases to field names; the same bytes when nothing changes. */
  unalias(attributes: Encoded<SearchAttributes>, namespace: string): Encoded<SearchAttributes>;
  validate(attributes: Encoded<SearchAttributes>, namespace: string): void;
  validateSize(attributes: Encoded<SearchAttributes>, namespace: string): void;
}

export interface CommandContext {
  readonly namespace: NamespaceRecord;
  readonly workflow: CommandedWorkflow;
  readonly limits: CommandLimits;
  readonly searchAttributes: SearchAttributeRules;
  /** history.defaultActivityRetryPolicy */
  readonly activityRetryDefaults: RetryPolicyDefaults;
  /** history.defaultWorkflowRetryPolicy of a namespace */
  workflowRetryDefaults(namespace: string): RetryPolicyDefaults;
  /** history.defaultWorkflowTaskTimeout of a namespace */
  defaultWorkflowTaskTimeoutMs(namespace: string): number;
  /** system.enableCrossNamespaceCommands */
  readonly crossNamespaceCommandsEnabled: boolean;
  /** Throws namespaceNotFound, which fails the call and not the workflow task. */
  resolveNamespace(name: string): NamespaceRecord;
  readonly nowMs: number;
}
