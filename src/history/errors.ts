// Answers that several history calls share, with Temporal's codes and words (service/history/consts, v1.31).

import { ResourceExhaustedCause, ResourceExhaustedScope } from '#proto/temporal/api/enums/v1';
import type { ServiceError } from '../base/service-error.ts';
import * as errors from '../proto/service-errors.ts';

export const workflowNotFound = (workflowId: string): ServiceError =>
  errors.notFound(`workflow not found for ID: ${workflowId}`);
/** The words of Temporal's SQL stores (v1.31). */
export const runNotFound = (workflowId: string, runId: string): ServiceError =>
  errors.notFound(`workflow execution not found for workflow ID "${workflowId}" and run ID "${runId}"`);
export const workflowCompleted = (): ServiceError => errors.notFound('workflow execution already completed');
export const workflowTaskNotFound = (): ServiceError => errors.notFound('Workflow task not found.');
export const activityTaskNotFound = (): ServiceError =>
  errors.notFound('invalid activityID or activity already timed out or invoking workflow is completed');
export const activityNotFound = (): ServiceError =>
  errors.notFound("Can't find pending activity with such ID. Invalid activityID or activity already completed");
/** For a worker that names its activity by id. */
export const noActivityWithId = (activityId: string): ServiceError =>
  errors.notFound(
    `cannot find pending activity with ActivityID ${activityId}, check workflow execution history for more details`,
  );
export const deserializingToken = (): ServiceError => errors.invalidArgument('error deserializing task token');
export const workflowClosing = (): ServiceError =>
  errors.resourceExhausted(
    'workflow operation can not be applied because workflow is closing',
    ResourceExhaustedCause.BUSY_WORKFLOW,
    ResourceExhaustedScope.NAMESPACE,
  );
export const shardUnavailable = (shardId: number): ServiceError =>
  errors.unavailable(`shard status unknown: shard ${shardId} is being loaded`);
