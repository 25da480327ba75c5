// What a completed workflow task says of the worker that completed it: its stamp, a point to reset to for each new binary or build,
// and the search attributes that list both. Inside a decision, and when a run is rebuilt from its history.

import { IndexedValueType, VersioningBehavior } from '#proto/temporal/api/enums/v1';
import type { WorkflowTaskCompletedEventAttributes } from '#proto/temporal/api/history/v1';
import { WorkflowExecutionVersioningInfo } from '#proto/temporal/api/workflow/v1';
import { encodeValue } from '../../visibility/search-attributes/value.ts';
import { MAX_AUTO_RESET_POINTS, SEARCH_ATTRIBUTE_VALUE_SIZE } from '../limits.ts';
import type { Workflow } from './workflow.ts';
import { VisibilityChange } from './workflow.ts';

/** First of a run's build ids while its worker has no versioning (worker_versioning.UnversionedSearchAttribute, v1.31.2). */
const UNVERSIONED = 'unversioned';

export type CompletingWorker = Pick<
  WorkflowTaskCompletedEventAttributes,
  'binaryChecksum' | 'workerVersion' | 'deploymentVersion' | 'workerDeploymentName'
>;

export function recordCompletingWorker(workflow: Workflow, worker: CompletingWorker, completedEventId: number): void {
  const { state } = workflow;
  state.mostRecentWorkerVersionStamp = worker.workerVersion;
  state.workerDeploymentName = worker.workerDeploymentName;
  const newPoint = addResetPoint(workflow, worker, completedEventId);
  updateBuildIds(workflow, worker);
  if (newPoint && worker.binaryChecksum !== '') updateBinaryChecksums(workflow);
}

/** One for each pair of binary checksum and build id, the empty pair too. */
function addResetPoint(workflow: Workflow, worker: CompletingWorker, completedEventId: number): boolean {
  const { state } = workflow;
  const { binaryChecksum } = worker;
  const buildId = worker.deploymentVersion?.buildId ?? worker.workerVersion?.buildId ?? '';
  const points = state.autoResetPoints;
  if (points.some((point) => point.binaryChecksum === binaryChecksum && point.buildId === buildId)) return false;
  const max = workflow.environment.config.get(MAX_AUTO_RESET_POINTS, { namespace: workflow.namespace.name });
  const point = {
    binaryChecksum,
    buildId,
    runId: workflow.runId,
    firstWorkflowTaskCompletedId: completedEventId,
    createTime: workflow.nowMs,
    expireTime: undefined,
    resettable: workflow.children.size === 0 && workflow.requestCancels.size === 0 && workflow.signals.size === 0,
  };
  state.autoResetPoints = [...points, point].slice(-max);
  return true;
}

function updateBuildIds(workflow: Workflow, { workerVersion }: CompletingWorker): void {
  const { state } = workflow;
  const versioned = workerVersion?.useVersioning === true;
  const behaves = versioningBehavior(workflow) !== VersioningBehavior.UNSPECIFIED;
  const isSentinel = (value: string) => value === UNVERSIONED || value.startsWith('assigned:');
  const others = state.buildIds.filter((value) => !isSentinel(value) && !value.startsWith('pinned:'));
  const buildIds = versioned || behaves ? others : [UNVERSIONED, ...others];
  const own = workerVersion === undefined ? '' : buildIdValue(workerVersion.buildId, versioned);
  if (own !== '' && !state.buildIds.includes(own)) buildIds.push(own);
  if (buildIds.length === state.buildIds.length && buildIds.every((id, index) => id === state.buildIds[index])) return;
  const limit = workflow.environment.config.get(SEARCH_ATTRIBUTE_VALUE_SIZE, { namespace: workflow.namespace.name });
  // The oldest go first, never the one that says that the run has no versioning.
  while (buildIds.length > 1 && JSON.stringify(buildIds).length > limit) {
    buildIds.splice(isSentinel(buildIds[0] as string) ? 1 : 0, 1);
  }
  state.buildIds = buildIds;
  setAttribute(workflow, 'BuildIds', buildIds);
}

function buildIdValue(buildId: string, versioned: boolean): string {
  if (buildId === '') return UNVERSIONED;
  return `${versioned ? 'versioned' : UNVERSIONED}:${buildId}`;
}

function versioningBehavior({ state }: Workflow): number {
  const override = state.versioningOverride;
  if (override?.autoUpgrade === true) return VersioningBehavior.AUTO_UPGRADE;
  if (override?.pinned !== undefined) return VersioningBehavior.PINNED;
  if (override !== undefined) return override.behavior;
  if (state.versioningInfo.length === 0) return VersioningBehavior.UNSPECIFIED;
  return WorkflowExecutionVersioningInfo.decode(state.versioningInfo).behavior;
}

function updateBinaryChecksums(workflow: Workflow): void {
  const checksums = workflow.state.autoResetPoints.map(({ binaryChecksum }) => binaryChecksum);
  setAttribute(
    workflow,
    'BinaryChecksums',
    checksums.filter((checksum) => checksum !== ''),
  );
}

function setAttribute(workflow: Workflow, name: string, values: readonly string[]): void {
  const { state } = workflow;
  const encoded = encodeValue([...values], IndexedValueType.KEYWORD_LIST);
  state.searchAttributes = new Map(state.searchAttributes).set(name, encoded);
  workflow.markVisibility(VisibilityChange.UPSERT);
}
