// The filters of ListOpen and ListClosed: a time range, and one of id, type or status. Temporal 1.31
// service/frontend/workflow_handler.go builds a list filter of them; here they become the typed one at once.

import type { NamespaceRecord } from '#proto/ostinato/worker/v1';
import { IndexedValueType, WorkflowExecutionStatus } from '#proto/temporal/api/enums/v1';
import type {
  ListClosedWorkflowExecutionsRequest,
  ListOpenWorkflowExecutionsRequest,
} from '#proto/temporal/api/workflowservice/v1';
import { invalidArgument, permissionDenied } from '../../proto/service-errors.ts';
import { OWN_DIVISION, type Predicate } from '../../visibility/index.ts';
import { DISABLE_LIST_VISIBILITY_BY_FILTER } from '../settings.ts';
import type { WorkerContext } from '../worker-context.ts';

const MICROS_PER_MS = 1000;
const { DATETIME, KEYWORD } = IndexedValueType;

export function openFilter(
  context: WorkerContext,
  namespace: NamespaceRecord,
  request: ListOpenWorkflowExecutionsRequest,
): Predicate {
  const operands = [status('=', WorkflowExecutionStatus.RUNNING), ...timeRange('StartTime', request), OWN_DIVISION];
  const { executionFilter, typeFilter } = request;
  if (executionFilter !== undefined || typeFilter !== undefined) checkAllowed(context, namespace);
  if (executionFilter !== undefined) operands.push(keyword('WorkflowId', executionFilter.workflowId));
  else if (typeFilter !== undefined) operands.push(keyword('WorkflowType', typeFilter.name));
  return { kind: 'and', operands };
}

export function closedFilter(
  context: WorkerContext,
  namespace: NamespaceRecord,
  request: ListClosedWorkflowExecutionsRequest,
): Predicate {
  const operands = [status('!=', WorkflowExecutionStatus.RUNNING), ...timeRange('CloseTime', request), OWN_DIVISION];
  const { executionFilter, typeFilter, statusFilter } = request;
  if ((executionFilter ?? typeFilter ?? statusFilter) !== undefined) checkAllowed(context, namespace);
  if (executionFilter !== undefined) operands.push(keyword('WorkflowId', executionFilter.workflowId));
  else if (typeFilter !== undefined) operands.push(keyword('WorkflowType', typeFilter.name));
  else if (statusFilter !== undefined) {
    if (
      statusFilter.status === WorkflowExecutionStatus.UNSPECIFIED ||
      statusFilter.status === WorkflowExecutionStatus.RUNNING
    ) {
      throw invalidArgument('StatusFilter must be specified and must be not Running.');
    }
    operands.push(status('=', statusFilter.status));
  }
  return { kind: 'and', operands };
}

function checkAllowed(context: WorkerContext, namespace: NamespaceRecord): void {
  if (context.dynamicConfig.get(DISABLE_LIST_VISIBILITY_BY_FILTER, { namespace: namespace.name })) {
    throw permissionDenied('List is disabled on this namespace.');
  }
}

function timeRange(
  field: 'StartTime' | 'CloseTime',
  request: ListOpenWorkflowExecutionsRequest | ListClosedWorkflowExecutionsRequest,
): Predicate[] {
  const { earliestTime, latestTime } = request.startTimeFilter ?? {};
  if (earliestTime !== undefined && latestTime !== undefined && earliestTime > latestTime) {
    throw invalidArgument('EarliestTime in StartTimeFilter should not be larger than LatestTime.');
  }
  const column = { alias: field, field, type: DATETIME };
  const bound = (operator: '>=' | '<=', timeMs: number | undefined): Predicate[] =>
    timeMs === undefined ? [] : [{ kind: 'compare', column, operator, value: Math.round(timeMs * MICROS_PER_MS) }];
  return [...bound('>=', earliestTime), ...bound('<=', latestTime)];
}

function status(operator: '=' | '!=', value: WorkflowExecutionStatus): Predicate {
  const column = { alias: 'ExecutionStatus', field: 'ExecutionStatus', type: KEYWORD };
  return { kind: 'compare', column, operator, value };
}

function keyword(field: string, value: string): Predicate {
  return { kind: 'compare', column: { alias: field, field, type: KEYWORD }, operator: '=', value };
}
