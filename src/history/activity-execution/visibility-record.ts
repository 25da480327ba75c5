// How lists show an activity execution: a row as workflows have it, in a division of the namespace that their lists leave out.

import type { VisibilityRecordInit } from '#proto/ostinato/worker/v1';
import { SearchAttributes } from '#proto/temporal/api/common/v1';
import { IndexedValueType } from '#proto/temporal/api/enums/v1';
import { rowStatusOf } from '../../visibility/activity-status.ts';
import { ACTIVITY_DIVISION, NAMESPACE_DIVISION } from '../../visibility/search-attributes/definitions.ts';
import { encodeValue } from '../../visibility/search-attributes/value.ts';
import type { ActivityExecution } from './activity-execution.ts';
import { statusOf } from './activity-stage.ts';

const DIVISION = encodeValue(ACTIVITY_DIVISION, IndexedValueType.KEYWORD);

export function activityVisibilityRecord(execution: ActivityExecution, version: number): VisibilityRecordInit {
  const { state, request, firstDispatchMs } = execution;
  const { closeTime, scheduleTime } = state;
  const { searchAttributes } = request;
  const own = searchAttributes === undefined ? [] : SearchAttributes.decode(searchAttributes).indexedFields;
  return {
    namespaceId: execution.namespaceId,
    workflowId: execution.activityId,
    runId: execution.runId,
    workflowType: state.activityType,
    startTime: scheduleTime,
    executionTime: firstDispatchMs,
    closeTime,
    status: rowStatusOf(statusOf(state.stage)),
    stateTransitionCount: closeTime === undefined ? 0 : state.stateTransitionCount,
    executionDuration: closeTime === undefined ? undefined : Math.max(0, closeTime - (scheduleTime ?? closeTime)),
    taskQueue: state.taskQueue,
    searchAttributes: SearchAttributes.encode({ indexedFields: new Map([...own, [NAMESPACE_DIVISION, DIVISION]]) }),
    version,
  };
}
