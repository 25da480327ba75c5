// Joins the pure validators (validate/) with a live workflow: limits by namespace, counts read at each command.

import { namespaceNotFound } from '../../proto/service-errors.ts';
import type { HistoryEngine } from '../engine.ts';
import {
  commandLimits,
  DEFAULT_ACTIVITY_RETRY_POLICY,
  DEFAULT_WORKFLOW_RETRY_POLICY,
  DEFAULT_WORKFLOW_TASK_TIMEOUT,
  ENABLE_CROSS_NAMESPACE_COMMANDS,
  retryPolicyDefaults,
} from '../limits.ts';
import { searchAttributeRules } from '../search-attribute-rules.ts';
import type { Workflow } from '../workflow/workflow.ts';
import type { CommandContext, CommandedWorkflow } from './validate/index.ts';

export function completionContext(
  engine: HistoryEngine,
  workflow: Workflow,
  startedChildren: ReadonlySet<string>,
): CommandContext {
  const { config } = engine;
  return {
    namespace: workflow.namespace,
    nowMs: workflow.nowMs,
    limits: commandLimits(config, workflow.namespace.name),
    workflow: new RunUnderCommands(workflow, startedChildren),
    searchAttributes: searchAttributeRules(engine, workflow.namespace),
    activityRetryDefaults: retryPolicyDefaults(config, DEFAULT_ACTIVITY_RETRY_POLICY, workflow.namespace.name),
    workflowRetryDefaults: (namespace) => retryPolicyDefaults(config, DEFAULT_WORKFLOW_RETRY_POLICY, namespace),
    defaultWorkflowTaskTimeoutMs: (namespace) => config.get(DEFAULT_WORKFLOW_TASK_TIMEOUT, { namespace }),
    crossNamespaceCommandsEnabled: config.get(ENABLE_CROSS_NAMESPACE_COMMANDS),
    resolveNamespace(name) {
      const record = engine.namespaces.byName(name);
      if (record === undefined) throw namespaceNotFound(name);
      return record;
    },
  };
}

/** A class, because V8 makes a dictionary of each literal with getters (docs/performance.md, "A tenth look"). */
class RunUnderCommands implements CommandedWorkflow {
  readonly #workflow: Workflow;
  readonly #startedChildren: ReadonlySet<string>;

  constructor(workflow: Workflow, startedChildren: ReadonlySet<string>) {
    this.#workflow = workflow;
    this.#startedChildren = startedChildren;
  }

  get workflowId(): string {
    return this.#workflow.workflowId;
  }

  get workflowType(): string {
    return this.#workflow.state.workflowType;
  }

  get taskQueue(): string {
    return this.#workflow.state.taskQueue;
  }

  get runTimeoutMs(): number | undefined {
    return this.#workflow.state.runTimeout;
  }

  get executionTimeoutMs(): number | undefined {
    return this.#workflow.state.executionTimeout;
  }

  get defaultWorkflowTaskTimeoutMs(): number | undefined {
    return this.#workflow.state.defaultWorkflowTaskTimeout;
  }

  get assignedBuildId(): string {
    return this.#workflow.state.assignedBuildId;
  }

  get memo(): CommandedWorkflow['memo'] {
    return this.#workflow.state.memo;
  }

  get searchAttributes(): CommandedWorkflow['searchAttributes'] {
    return this.#workflow.state.searchAttributes;
  }

  get pendingActivityCount(): number {
    return this.#workflow.activities.size;
  }

  get pendingChildExecutionCount(): number {
    return this.#workflow.children.size;
  }

  get pendingSignalCount(): number {
    return this.#workflow.signals.size;
  }

  get pendingCancelRequestCount(): number {
    return this.#workflow.requestCancels.size;
  }

  startedChildInThisTask(workflowId: string): boolean {
    return this.#startedChildren.has(workflowId);
  }
}
