// Lists and counts of what a program has made, by every kind of filter. A program's step names one of them by its place.

interface List {
  readonly rpc: 'countWorkflowExecutions' | 'listWorkflowExecutions' | 'scanWorkflowExecutions';
  query(prefix: string): string;
}

const own = (prefix: string) => `WorkflowId STARTS_WITH "${prefix}-"`;
const count = (query: (prefix: string) => string): List => ({ rpc: 'countWorkflowExecutions', query });
const list = (filter: string): List => ({
  rpc: 'listWorkflowExecutions',
  query: (prefix) => `${own(prefix)} AND ${filter}`,
});

const FILTERS: readonly string[] = [
  'ExecutionStatus = "Running"',
  'ExecutionStatus != "Running"',
  'ExecutionStatus IN ("Completed", "Failed", "ContinuedAsNew")',
  'ExecutionStatus NOT IN ("Terminated", "TimedOut", "Canceled")',
  'ExecutionStatus = "Paused"',
  'WorkflowType = "differential"',
  'WorkflowType != "differential"',
  'WorkflowType STARTS_WITH "child"',
  'CloseTime IS NULL',
  'CloseTime IS NOT NULL',
  'CloseTime > "2020-01-01T00:00:00Z"',
  'StartTime > "2020-01-01T00:00:00Z"',
  'StartTime BETWEEN "2020-01-01T00:00:00Z" AND "2021-01-01T00:00:00Z"',
  'StartTime NOT BETWEEN "2020-01-01T00:00:00Z" AND "2021-01-01T00:00:00Z"',
  'ExecutionTime >= "2020-01-01T00:00:00Z"',
  'HistoryLength > 3',
  'HistoryLength <= 5',
  'HistorySizeBytes > 0',
  'StateTransitionCount > 2',
  'StateTransitionCount IS NULL',
  'ExecutionDuration IS NULL',
  'ExecutionDuration < "1h"',
  'ExecutionDuration >= 0',
  'ParentWorkflowId IS NULL',
  'ParentWorkflowId IS NOT NULL',
  'RootWorkflowId STARTS_WITH "differential"',
  'E2eKeyword IS NULL',
  'E2eKeyword IS NOT NULL',
  'E2eKeyword = "changed"',
  'E2eKeyword IN ("k", "changed")',
  'E2eKeyword NOT IN ("k")',
  'E2eKeyword STARTS_WITH "ch"',
  'E2eInt = 5',
  'E2eInt != 5',
  'E2eInt > 5',
  'E2eInt BETWEEN 5 AND 6',
  'E2eInt IN (5, 7)',
  'E2eInt IS NULL',
  'E2eDouble = 1.5',
  'E2eDouble < 2',
  'E2eBool = true',
  'E2eBool != true',
  'E2eDatetime = "2024-01-02T03:04:05.006Z"',
  'E2eDatetime < "2024-01-02T03:04:06Z"',
  'E2eKeywordList = "a"',
  'E2eKeywordList IN ("b", "c")',
  'E2eKeywordList IS NULL',
  'E2eText = "words"',
  'E2eText IS NOT NULL',
  'TaskQueue STARTS_WITH "differential"',
  'TemporalPauseInfo IS NOT NULL',
  'TemporalPauseInfo = "property:activityType=some-activity"',
  'TemporalReportedProblems IS NOT NULL',
  '(ExecutionStatus = "Running" OR E2eInt = 5) AND NOT WorkflowType = "nothing"',
  'NOT (ExecutionStatus = "Running")',
  'BuildIds IS NOT NULL',
  'BuildIds = "unversioned"',
];

const first: readonly List[] = [
  count((prefix) => `WorkflowId = "${prefix}-w0"`),
  count((prefix) => `WorkflowId STARTS_WITH "${prefix}" AND ExecutionStatus = "Running"`),
  count(() => 'Nonsense = 1'),
  count(() => 'WorkflowId LIKE "a"'),
  count((prefix) => `WorkflowId STARTS_WITH "${prefix}" AND E2eKeyword IS NOT NULL`),
  count((prefix) => `WorkflowId = "${prefix}-w0" ORDER BY StartTime`),
];

/** Recorded cases name them by place: new ones go to the end. */
export const LISTS: readonly List[] = [
  ...first,
  count((prefix) => `${own(prefix)} GROUP BY ExecutionStatus`),
  count((prefix) => `${own(prefix)} AND ExecutionStatus = "Running" GROUP BY ExecutionStatus`),
  { rpc: 'listWorkflowExecutions', query: own },
  { rpc: 'scanWorkflowExecutions', query: own },
  ...FILTERS.map(list),
];
