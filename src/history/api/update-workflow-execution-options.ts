// Changes a run's versioning override and priority.

import type { Priority } from '#proto/temporal/api/common/v1';
import { EventType } from '#proto/temporal/api/enums/v1';
import type { VersioningOverride, WorkflowExecutionOptions } from '#proto/temporal/api/workflow/v1';
import {
  UpdateWorkflowExecutionOptionsRequest,
  UpdateWorkflowExecutionOptionsResponse,
} from '#proto/temporal/api/workflowservice/v1';
import { camelPaths } from '../../base/field-mask.ts';
import { failedPrecondition, invalidArgument } from '../../proto/service-errors.ts';
import type { ApiHandler } from '../engine.ts';
import { workflowCompleted } from '../errors.ts';
import { checkVersioningOverride } from '../versioning-override.ts';
import { applyOptions, sameOverride, samePriority } from '../workflow/options.ts';
import type { Workflow } from '../workflow/workflow.ts';

export const updateWorkflowExecutionOptions: ApiHandler = async (_engine, shard, api) => {
  const request = UpdateWorkflowExecutionOptionsRequest.decode(api.request);
  const { workflowId = '', runId = '' } = request.workflowExecution ?? {};
  const workflow = await shard.workflow(api.namespaceId, workflowId, runId);
  if (!workflow.isRunning) throw workflowCompleted();
  checkOverride(workflow, request.workflowExecutionOptions?.versioningOverride);
  const { state } = workflow;
  const merged = mergeOptions(workflow, request);
  const { versioningOverride, priority } = merged;
  const changed =
    !sameOverride(state.versioningOverride, versioningOverride) || !samePriority(state.priority, priority);
  if (!changed) {
    await shard.settled(workflow);
    return UpdateWorkflowExecutionOptionsResponse.encode({ workflowExecutionOptions: merged });
  }
  await shard.update(workflow, () => {
    const unsetVersioningOverride = versioningOverride === undefined;
    workflow.events.add(EventType.WORKFLOW_EXECUTION_OPTIONS_UPDATED, {
      workflowExecutionOptionsUpdatedEventAttributes: {
        versioningOverride,
        unsetVersioningOverride,
        identity: request.identity,
        priority,
      },
      workerMayIgnore: true,
    });
    applyOptions(workflow, { versioningOverride, unsetVersioningOverride, priority });
  });
  return UpdateWorkflowExecutionOptionsResponse.encode({ workflowExecutionOptions: merged });
};

/** What a pinned override without a version means needs a run that is pinned already. */
function checkOverride(workflow: Workflow, override: VersioningOverride | undefined): void {
  if (override?.pinned !== undefined && override.pinned.version === undefined && override.pinned.behavior !== 0) {
    throw failedPrecondition(
      `must specify a specific pinned override version because workflow with id ${workflow.workflowId} has behavior Unspecified and is not yet pinned to any version`,
    );
  }
  checkVersioningOverride(workflow.state.taskQueue, override);
}

const NO_PRIORITY: Priority = { priorityKey: 0, fairnessKey: '', fairnessWeight: 0 };

function mergeOptions(
  { state }: Workflow,
  { workflowExecutionOptions: from, updateMask }: UpdateWorkflowExecutionOptionsRequest,
): Pick<WorkflowExecutionOptions, 'versioningOverride' | 'priority'> {
  const paths = camelPaths(updateMask);
  let { versioningOverride, priority } = state;
  const deployment = paths.has('versioningOverride.deployment');
  if (deployment !== paths.has('versioningOverride.behavior')) {
    throw invalidArgument('error applying update_options: versioning_override fields must be updated together');
  }
  if (paths.has('versioningOverride') || deployment) versioningOverride = from?.versioningOverride;
  if (paths.has('priority')) priority = from?.priority;
  for (const field of ['priorityKey', 'fairnessKey', 'fairnessWeight'] as const) {
    if (!paths.has(`priority.${field}`)) continue;
    priority = { ...(priority ?? NO_PRIORITY), [field]: (from?.priority ?? NO_PRIORITY)[field] };
  }
  return { versioningOverride, priority };
}
