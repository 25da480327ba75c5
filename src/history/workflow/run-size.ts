// The limits on what a run may grow to. A decision that would cross one does not stand; the shard ends the run instead.
// Source: service/history/workflow/context.go UpdateWorkflowExecutionAsActive, v1.31.

import {
  HISTORY_COUNT_WARN,
  HISTORY_SIZE_WARN,
  MUTABLE_STATE_SIZE_WARN,
  type RunSize,
  runTooLarge,
} from '../limits.ts';
import type { Workflow } from './workflow.ts';

export class RunTooLargeError extends Error {
  override readonly name = 'RunTooLargeError';
  readonly size: RunSize;

  constructor(reason: string, size: RunSize) {
    super(reason);
    this.size = size;
  }
}

/** At the end of a decision. A run that begins, or that another one follows, is not checked. Throws RunTooLargeError. */
export function checkRunSize(workflow: Workflow): void {
  if (workflow.isNew || workflow.successor !== undefined) return;
  const { config } = workflow.environment;
  const { name } = workflow.namespace;
  const size: RunSize = {
    historyBytes: workflow.historyBytesBefore,
    historyEvents: workflow.state.nextEventId - 1 - workflow.events.uncountedEvents,
    mutableStateBytes: workflow.mutableStateBytes,
  };
  const reason = runTooLarge(config, name, size);
  if (reason !== undefined) throw new RunTooLargeError(reason, size);
  if (workflow.sizeWarned) return;
  const limits = { namespace: name };
  const isLarge =
    size.historyBytes > config.get(HISTORY_SIZE_WARN, limits) ||
    size.historyEvents > config.get(HISTORY_COUNT_WARN, limits) ||
    size.mutableStateBytes > config.get(MUTABLE_STATE_SIZE_WARN);
  if (!isLarge) return;
  workflow.sizeWarned = true;
  const { workflowId, runId } = workflow;
  workflow.environment.logger.warn({ namespace: name, workflowId, runId, ...size }, 'the run is near its size limits');
}
