// The workflow that the validators' tests command. Tests only.

import { NamespaceRecord } from '#proto/ostinato/worker/v1';
import { namespaceNotFound } from '../../../proto/service-errors.ts';
import { DEFAULT_RETRY_POLICY_DEFAULTS } from '../../backoff/index.ts';
import type { CommandContext, CommandedWorkflow, CommandLimits } from './command-context.ts';
import { CommandError } from './command-error.ts';

export const namespaceRecord = (fields: Parameters<typeof NamespaceRecord.encode>[0]): NamespaceRecord =>
  NamespaceRecord.decode(NamespaceRecord.encode(fields));

export const OTHER_NAMESPACE = namespaceRecord({ id: 'other-id', name: 'other' });

export interface ContextChanges extends Partial<Omit<CommandContext, 'workflow' | 'limits'>> {
  workflow?: Partial<CommandedWorkflow>;
  limits?: Partial<CommandLimits>;
}

export function commandContext({ workflow, limits, ...changes }: ContextChanges = {}): CommandContext {
  return {
    namespace: namespaceRecord({ id: 'own-id', name: 'own' }),
    workflow: {
      workflowId: 'wf',
      workflowType: 'ParentType',
      taskQueue: 'parent-tq',
      runTimeoutMs: undefined,
      executionTimeoutMs: undefined,
      defaultWorkflowTaskTimeoutMs: 10_000,
      assignedBuildId: '',
      memo: new Map(),
      searchAttributes: new Map(),
      pendingActivityCount: 0,
      pendingChildExecutionCount: 0,
      pendingSignalCount: 0,
      pendingCancelRequestCount: 0,
      startedChildInThisTask: () => false,
      ...workflow,
    },
    limits: {
      maxIdLengthBytes: 20,
      blobSizeErrorBytes: 100,
      memoSizeErrorBytes: 100,
      pendingActivities: 2,
      pendingChildExecutions: 2,
      pendingSignals: 2,
      pendingCancelRequests: 2,
      ...limits,
    },
    searchAttributes: { unalias: (attributes) => attributes, validate: () => {}, validateSize: () => {} },
    activityRetryDefaults: DEFAULT_RETRY_POLICY_DEFAULTS,
    workflowRetryDefaults: () => DEFAULT_RETRY_POLICY_DEFAULTS,
    defaultWorkflowTaskTimeoutMs: () => 10_000,
    crossNamespaceCommandsEnabled: false,
    resolveNamespace(name) {
      if (name === 'other') return OTHER_NAMESPACE;
      throw namespaceNotFound(name);
    },
    nowMs: Date.parse('2024-01-01T00:00:00Z'),
    ...changes,
  };
}

/** What the validator answers on a command it refuses, in the form a worker reads it. */
export function refusal(validate: () => unknown): string {
  try {
    validate();
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    return (error.terminatesWorkflow ? 'terminates: ' : '') + error.failureMessage;
  }
  return 'accepted';
}

/** Fills in what a command's codec would. */
export function attributesOf<T, Init>(
  codec: { encode(init: Init): Uint8Array; decode(bytes: Uint8Array): T },
  init: Init,
): T {
  return codec.decode(codec.encode(init));
}

export const TOO_LONG = 'x'.repeat(21);
