// What the frontend refuses of lists, with Temporal's codes and words, method by method. Each row is a valid request with one fault.

import * as api from '#proto/temporal/api/workflowservice/v1';
import { GrpcCode } from '../base/service-error.ts';
import { namespaceRows } from './testing/check-rows.ts';
import { refuses } from './testing/refuses.ts';

const { PERMISSION_DENIED } = GrpcCode;

refuses('ListWorkflowExecutions', api.ListWorkflowExecutionsRequest, { namespace: 'default' }, [
  ...namespaceRows(api.ListWorkflowExecutionsRequest),
]);
refuses('ListOpenWorkflowExecutions', api.ListOpenWorkflowExecutionsRequest, { namespace: 'default' }, [
  ...namespaceRows(api.ListOpenWorkflowExecutionsRequest),
  {
    fault: 'times the wrong way round',
    change: { startTimeFilter: { earliestTime: 2000, latestTime: 1000 } },
    message: 'EarliestTime in StartTimeFilter should not be larger than LatestTime.',
  },
  {
    fault: 'filters switched off',
    change: { typeFilter: { name: 'Order' } },
    settings: { 'frontend.disableListVisibilityByFilter': true },
    message: 'List is disabled on this namespace.',
    code: PERMISSION_DENIED,
  },
]);
refuses('ListClosedWorkflowExecutions', api.ListClosedWorkflowExecutionsRequest, { namespace: 'default' }, [
  {
    fault: 'a status filter for running',
    change: { statusFilter: { status: 1 } },
    message: 'StatusFilter must be specified and must be not Running.',
  },
]);
refuses('ListArchivedWorkflowExecutions', api.ListArchivedWorkflowExecutionsRequest, { namespace: 'default' }, [
  { fault: 'a large page', change: { pageSize: 10_001 }, message: 'PageSize is larger than allowed 10000.' },
]);
