// Worker versioning fields of polls and completions (workflow_handler.go validateVersioningInfo, v1.31). Main loop.

import type { WorkerDeploymentOptions } from '#proto/temporal/api/deployment/v1';
import { TaskQueueKind, WorkerVersioningMode } from '#proto/temporal/api/enums/v1';
import type { TaskQueue } from '#proto/temporal/api/taskqueue/v1';
import { invalidArgument } from '../../proto/service-errors.ts';
import type { RpcCall } from '../rpc-call.ts';
import { MAX_ID_LENGTH, WORKER_BUILD_ID_SIZE } from '../settings.ts';
import { isLongerThan } from './text-length.ts';

export interface BuildIdAndFlag {
  readonly buildId: string;
  readonly useVersioning: boolean;
}

/** Between deployment name and build id in version strings, old and new: names must not hold them (common/worker_versioning). */
const VERSION_DELIMITERS = ['.', ':'] as const;
const RESERVED_PREFIX = '__';
/** Bytes that the id of a version's system workflow needs besides name and build id (common/worker_versioning). */
const VERSION_WORKFLOW_ID_BYTES = 39;

export function checkVersioning(
  call: RpcCall,
  buildId: BuildIdAndFlag | undefined,
  options: WorkerDeploymentOptions | undefined,
  taskQueue: TaskQueue | undefined,
): void {
  if (buildId === undefined && options === undefined) return;
  const useVersioning = buildId?.useVersioning ?? false;
  if (
    taskQueue?.kind === TaskQueueKind.STICKY &&
    taskQueue.normalName === '' &&
    (useVersioning || options !== undefined)
  ) {
    throw invalidArgument(
      'NormalName must be set on sticky queue when UseVersioning is true or DeploymentOptions are set.',
    );
  }
  if (useVersioning && buildId?.buildId === '') {
    throw invalidArgument('WorkerVersionStamp must be present if UseVersioning is true.');
  }
  if (buildId !== undefined && isLongerThan(buildId.buildId, call.setting(WORKER_BUILD_ID_SIZE))) {
    throw invalidArgument('Build ID exceeds configured limit.workerBuildIdSize, use a shorter build ID.');
  }
  checkDeploymentOptions(call, options);
}

function checkDeploymentOptions(call: RpcCall, options: WorkerDeploymentOptions | undefined): void {
  if (options?.workerVersioningMode !== WorkerVersioningMode.VERSIONED) return;
  if (options.deploymentName === '' || options.buildId === '') {
    throw invalidArgument('Both deployment name and build id must be set when versioning is enabled.');
  }
  checkDeploymentVersion(call, options);
}

function checkDeploymentVersion(call: RpcCall, { deploymentName, buildId }: WorkerDeploymentOptions): void {
  const limit = Math.trunc((call.setting(MAX_ID_LENGTH) - VERSION_WORKFLOW_ID_BYTES) / 2);
  checkField('WorkerDeploymentName', deploymentName, limit);
  checkField('BuildID', buildId, limit);
}

function checkField(fieldName: string, value: string, limit: number): void {
  if (isLongerThan(value, limit)) throw invalidArgument(`size of ${fieldName} larger than the maximum allowed`);
  if (fieldName === 'WorkerDeploymentName') {
    const delimiter = VERSION_DELIMITERS.find((candidate) => value.includes(candidate));
    if (delimiter !== undefined) throw invalidArgument(`worker deployment name cannot contain '${delimiter}'`);
  }
  if (value.startsWith(RESERVED_PREFIX)) throw invalidArgument(`${fieldName} cannot start with '__'`);
}
