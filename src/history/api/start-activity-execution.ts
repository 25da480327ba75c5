// A client starts an activity without a workflow, or joins the one that is there if its policy says so.

import {
  ActivityExecutionRequest,
  ActivityExecutionState,
  type CurrentExecution,
} from '#proto/ostinato/persistence/v1';
import type { NamespaceRecord } from '#proto/ostinato/worker/v1';
import { Link } from '#proto/temporal/api/common/v1';
import { ActivityIdConflictPolicy, ActivityIdReusePolicy } from '#proto/temporal/api/enums/v1';
import { StartActivityExecutionRequest, StartActivityExecutionResponse } from '#proto/temporal/api/workflowservice/v1';
import { activityAlreadyStarted, failedPrecondition, invalidArgument } from '../../proto/service-errors.ts';
import { ActivityExecution } from '../activity-execution/activity-execution.ts';
import { ActivityStage } from '../activity-execution/activity-stage.ts';
import { scheduleFirstAttempt } from '../activity-execution/attempts.ts';
import { optionsOf } from '../activity-execution/options.ts';
import type { ApiHandler } from '../engine.ts';
import { MAX_LINKS_PER_ACTIVITY } from '../limits.ts';
import type { Shard } from '../shard/shard.ts';
import { RunState } from '../workflow/workflow.ts';

const REUSE_POLICIES: ReadonlySet<number> = new Set([
  ActivityIdReusePolicy.ALLOW_DUPLICATE,
  ActivityIdReusePolicy.ALLOW_DUPLICATE_FAILED_ONLY,
  ActivityIdReusePolicy.REJECT_DUPLICATE,
]);
const CONFLICT_POLICIES: ReadonlySet<number> = new Set([
  ActivityIdConflictPolicy.FAIL,
  ActivityIdConflictPolicy.USE_EXISTING,
]);
const FAILED_STAGES: ReadonlySet<number> = new Set([
  ActivityStage.FAILED,
  ActivityStage.CANCELED,
  ActivityStage.TERMINATED,
  ActivityStage.TIMED_OUT,
]);

export const startActivityExecution: ApiHandler = async (engine, shard, api) => {
  const request = StartActivityExecutionRequest.decode(api.request);
  const { activityId } = request;
  if (!REUSE_POLICIES.has(request.idReusePolicy)) {
    throw invalidArgument(`unsupported ID reuse policy: ${request.idReusePolicy}`);
  }
  if (!CONFLICT_POLICIES.has(request.idConflictPolicy)) {
    throw invalidArgument(`unsupported ID conflict policy: ${request.idConflictPolicy}`);
  }
  const namespace = await engine.namespaces.resolveId(api.namespaceId);
  const { activities } = shard;
  let current: CurrentExecution | undefined;
  do current = await activities.currentRun(api.namespaceId, activityId);
  while (
    // Another start may have decided while this one waited: then it looks again, on what is true now (I4).
    activities.knownCurrent(api.namespaceId, activityId) !== current
  );

  const started = current === undefined || mayReplace(current, request);
  let runId = current?.runId ?? '';
  if (started) {
    const execution = createExecution(shard, namespace, request);
    activities.create(execution, runId, () => scheduleFirstAttempt(execution));
    runId = execution.runId;
  } else {
    await attachLinks(shard, api.namespaceId, runId, request);
  }
  // Also what somebody else has decided a moment ago.
  await shard.unsettled();
  return StartActivityExecutionResponse.encode({
    runId,
    started,
    link: Link.encode({ activity: { namespace: namespace.name, activityId, runId } }),
  });
};

/** Whether a new execution takes the place of the current one; false: that one serves the request. Throws ALREADY_EXISTS. */
function mayReplace(current: CurrentExecution, request: StartActivityExecutionRequest): boolean {
  if (current.createRequestId === request.requestId) return false;
  const alreadyStarted = () =>
    activityAlreadyStarted('activity execution already started', current.createRequestId, current.runId);
  if (current.state !== RunState.COMPLETED) {
    if (request.idConflictPolicy === ActivityIdConflictPolicy.FAIL) throw alreadyStarted();
    return false;
  }
  const isRefused =
    request.idReusePolicy === ActivityIdReusePolicy.REJECT_DUPLICATE ||
    (request.idReusePolicy === ActivityIdReusePolicy.ALLOW_DUPLICATE_FAILED_ONLY && !FAILED_STAGES.has(current.status));
  if (isRefused) throw alreadyStarted();
  return true;
}

function createExecution(
  shard: Shard,
  namespace: NamespaceRecord,
  request: StartActivityExecutionRequest,
): ActivityExecution {
  const state: ActivityExecutionState = {
    ...EMPTY_STATE,
    namespaceId: namespace.id,
    activityId: request.activityId,
    runId: shard.newId(),
    createRequestId: request.requestId,
    scheduleTime: shard.nowMs(),
    activityType: request.activityType?.name ?? '',
    taskQueue: request.taskQueue?.name ?? '',
    scheduleToCloseTimeout: request.scheduleToCloseTimeout,
    scheduleToStartTimeout: request.scheduleToStartTimeout,
    startToCloseTimeout: request.startToCloseTimeout,
    heartbeatTimeout: request.heartbeatTimeout,
    retryPolicy: request.retryPolicy,
    priority: request.priority,
    startDelay: request.startDelay,
  };
  const execution = new ActivityExecution(shard, namespace, state, false);
  const { input, header, userMetadata, searchAttributes, links } = request;
  execution.setContent(
    'request',
    ActivityExecutionRequest.encode({
      input,
      header,
      userMetadata,
      searchAttributes,
      links,
      linkRequestIds: [request.requestId],
      originalOptions: optionsOf(execution),
    }),
  );
  return execution;
}

const EMPTY_STATE = ActivityExecutionState.decode(Buffer.alloc(0));

/** The one that is there gets the request's links, once, if the request says so. */
async function attachLinks(
  shard: Shard,
  namespaceId: string,
  runId: string,
  request: StartActivityExecutionRequest,
): Promise<void> {
  if (request.onConflictOptions?.attachLinks !== true || request.links.length === 0) return;
  const execution = await shard.activities.get(namespaceId, request.activityId, runId);
  if (execution.request.linkRequestIds.includes(request.requestId)) return;
  await shard.activities.update(execution, () => {
    if (!execution.isOpen) throw failedPrecondition('cannot attach links to a closed activity');
    const kept = execution.request;
    const limit = shard.config.get(MAX_LINKS_PER_ACTIVITY, { namespace: execution.namespace.name });
    if (kept.links.length + request.links.length > limit) {
      throw failedPrecondition(
        `cannot attach more than ${limit} links to an activity (${kept.links.length} links already attached)`,
      );
    }
    const links = [...kept.links, ...request.links];
    const linkRequestIds = [...kept.linkRequestIds, request.requestId];
    execution.setContent('request', ActivityExecutionRequest.encode({ ...kept, links, linkRequestIds }));
  });
}
