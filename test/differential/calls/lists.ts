// Lists with odd pages, times and filters.

import { bytesOf } from '../../end-to-end/harness/api.ts';
import { type OddCall, workflow } from './odd-call.ts';

export const lists: Readonly<Record<string, OddCall>> = {
  'list with a negative page': workflow('listWorkflowExecutions', { pageSize: -1 }),
  'list with garbage as token': workflow('listWorkflowExecutions', {
    query: 'WorkflowId = "nobody"',
    nextPageToken: bytesOf('garbage'),
  }),
  'list in an unknown namespace': () => ['workflow', 'listWorkflowExecutions', { namespace: 'nobody' }],
  'scan with a bad filter': workflow('scanWorkflowExecutions', { query: 'Nonsense = 1' }),
  'scan with a negative page': workflow('scanWorkflowExecutions', { pageSize: -1 }),
  'list open without times': workflow('listOpenWorkflowExecutions'),
  'list open with both filters': workflow('listOpenWorkflowExecutions', {
    startTimeFilter: { earliestTime: { seconds: 1 }, latestTime: { seconds: 2 } },
    typeFilter: {},
  }),
  'list open backwards in time': workflow('listOpenWorkflowExecutions', {
    startTimeFilter: { earliestTime: { seconds: 9 }, latestTime: { seconds: 2 } },
  }),
  'list open with a type without name': workflow('listOpenWorkflowExecutions', {
    startTimeFilter: { earliestTime: { seconds: 1 }, latestTime: { seconds: 2 } },
    typeFilter: { name: '' },
  }),
  'list open of nobody': workflow('listOpenWorkflowExecutions', {
    startTimeFilter: { earliestTime: { seconds: 1 }, latestTime: { seconds: 2 } },
    executionFilter: { workflowId: 'nobody' },
  }),
  'list open with a negative page': workflow('listOpenWorkflowExecutions', { maximumPageSize: -1 }),
  'list closed without times': workflow('listClosedWorkflowExecutions'),
  'list closed backwards in time': workflow('listClosedWorkflowExecutions', {
    startTimeFilter: { earliestTime: { seconds: 9 }, latestTime: { seconds: 2 } },
  }),
  'list closed by status': workflow('listClosedWorkflowExecutions', {
    startTimeFilter: { earliestTime: { seconds: 1 }, latestTime: { seconds: 2 } },
    statusFilter: { status: 2 },
  }),
  'list closed by status running': workflow('listClosedWorkflowExecutions', {
    startTimeFilter: { earliestTime: { seconds: 1 }, latestTime: { seconds: 2 } },
    statusFilter: { status: 1 },
  }),
  'list archived': workflow('listArchivedWorkflowExecutions', { query: 'WorkflowId = "nobody"' }),
  'list archived with a negative page': workflow('listArchivedWorkflowExecutions', { pageSize: -1 }),
};
