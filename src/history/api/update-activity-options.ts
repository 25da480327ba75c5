// Changes what pending activities run with: queue, timeouts, retries, priority; or takes such changes back.

import type { ActivityInfo } from '#proto/ostinato/persistence/v1';
import type { ActivityOptionsInit } from '#proto/temporal/api/activity/v1';
import { ScheduleActivityTaskCommandAttributes } from '#proto/temporal/api/command/v1';
import { UpdateActivityOptionsRequest, UpdateActivityOptionsResponse } from '#proto/temporal/api/workflowservice/v1';
import { camelPaths } from '../../base/field-mask.ts';
import { invalidArgument } from '../../proto/service-errors.ts';
import { normalizeActivitySchedule } from '../commands/validate/index.ts';
import type { ApiHandler, HistoryEngine } from '../engine.ts';
import { workflowCompleted } from '../errors.ts';
import { commandLimits, DEFAULT_ACTIVITY_RETRY_POLICY, retryPolicyDefaults } from '../limits.ts';
import { mergeActivityOptions } from '../merge-activity-options.ts';
import { loadOriginalOptions } from '../original-activity-options.ts';
import { type ChangedOptions, changeActivityOptions } from '../workflow/activity-operations.ts';
import type { Workflow } from '../workflow/workflow.ts';
import { findPendingActivities } from './find-pending-activities.ts';

export const updateActivityOptions: ApiHandler = async (engine, shard, api) => {
  const request = UpdateActivityOptionsRequest.decode(api.request);
  const { workflowId = '', runId = '' } = request.execution ?? {};
  const paths = camelPaths(request.updateMask);
  if (request.restoreOriginal && paths.size !== 0) {
    throw invalidArgument('Both UpdateMask and RestoreOriginal are provided');
  }
  const workflow = await shard.workflow(api.namespaceId, workflowId, runId);
  if (!request.restoreOriginal) {
    if (!workflow.isRunning) throw workflowCompleted();
    if (request.activityOptions === undefined) throw invalidArgument('ActivityOptions are not provided');
    // An activity named by its id is looked for later.
    if (request.id !== undefined && request.updateMask === undefined)
      throw invalidArgument('UpdateMask is not provided');
  }
  const originals = request.restoreOriginal
    ? await loadOriginalOptions(
        shard,
        workflow,
        findPendingActivities(workflow, {
          id: request.id,
          type: request.type,
          matchAll: request.matchAll,
          restoresOptions: true,
        }),
      )
    : undefined;
  const changed = await shard.update(workflow, () => {
    let last: ChangedOptions | undefined;
    for (const activity of findPendingActivities(workflow, request)) {
      const options =
        originals === undefined
          ? updatedOptions(engine, workflow, activity, request, paths)
          : originals.get(activity.scheduledEventId);
      if (options === undefined) continue; // scheduled since the originals were read
      changeActivityOptions(workflow, activity, options);
      // Original options are answered with no more than their queue's name.
      last = originals === undefined ? options : { ...options, taskQueue: nameOnly(options.taskQueue) };
    }
    return last;
  });
  return UpdateActivityOptionsResponse.encode({ activityOptions: changed && answered(changed) });
};

function updatedOptions(
  engine: HistoryEngine,
  workflow: Workflow,
  activity: ActivityInfo,
  request: UpdateActivityOptionsRequest,
  paths: ReadonlySet<string>,
): ChangedOptions {
  if (request.activityOptions === undefined) throw invalidArgument('ActivityOptions are not provided');
  if (request.updateMask === undefined) throw invalidArgument('UpdateMask is not provided');
  const merged = mergeActivityOptions(activity, request.activityOptions, paths);
  const { name } = workflow.namespace;
  const adjusted = normalizeActivitySchedule(
    {
      ...NO_ATTRIBUTES,
      activityId: activity.activityId,
      activityType: { name: activity.activityType },
      taskQueue: merged.taskQueue,
      scheduleToCloseTimeout: merged.scheduleToCloseTimeout,
      scheduleToStartTimeout: merged.scheduleToStartTimeout,
      startToCloseTimeout: merged.startToCloseTimeout,
      heartbeatTimeout: merged.heartbeatTimeout,
    },
    {
      workflow: { taskQueue: workflow.state.taskQueue, runTimeoutMs: undefined },
      limits: commandLimits(engine.config, name),
      activityRetryDefaults: retryPolicyDefaults(engine.config, DEFAULT_ACTIVITY_RETRY_POLICY, name),
    },
  );
  const { scheduleToCloseTimeout, scheduleToStartTimeout, startToCloseTimeout, heartbeatTimeout } = adjusted;
  return {
    ...merged,
    taskQueue: adjusted.taskQueue,
    scheduleToCloseTimeout,
    scheduleToStartTimeout,
    startToCloseTimeout,
    heartbeatTimeout,
  };
}

const NO_ATTRIBUTES = ScheduleActivityTaskCommandAttributes.decode(Buffer.alloc(0));
function answered(options: ChangedOptions): ActivityOptionsInit {
  const { taskQueue, retryPolicy, priority } = options;
  const { scheduleToCloseTimeout, scheduleToStartTimeout, startToCloseTimeout, heartbeatTimeout } = options;
  return {
    taskQueue,
    scheduleToCloseTimeout,
    scheduleToStartTimeout,
    startToCloseTimeout,
    heartbeatTimeout,
    retryPolicy,
    priority,
  };
}

function nameOnly(taskQueue: ChangedOptions['taskQueue']): ChangedOptions['taskQueue'] {
  return { name: taskQueue?.name ?? '', kind: 0, normalName: '' };
}
