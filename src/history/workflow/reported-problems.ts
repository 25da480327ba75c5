// The search attribute TemporalReportedProblems: set while a run's workflow tasks fail one after the other, so that stuck runs can be
// found. Inside the decisions that end workflow tasks. Source: workflow/mutable_state_impl.go, v1.31.2.

import { IndexedValueType } from '#proto/temporal/api/enums/v1';
import { encodeValue } from '../../visibility/search-attributes/value.ts';
import { WORKFLOW_TASK_PROBLEMS_TO_REPORT } from '../limits.ts';
import type { Workflow } from './workflow.ts';
import { VisibilityChange } from './workflow.ts';

const ATTRIBUTE = 'TemporalReportedProblems';

/** History has an event of it: further attempts are taken for the same problem. */
export function noteProblem(workflow: Workflow, category: 'Failed' | 'TimedOut', cause: string | undefined): void {
  workflow.state.workflowTaskLastProblem = [
    `category=WorkflowTask${category}`,
    `cause=WorkflowTask${category}Cause${cause ?? ''}`,
  ];
}

/** A workflow task ended without being completed; `counts` unless a sticky queue may be to blame. */
export function countProblem(workflow: Workflow, counts: boolean): void {
  const { state } = workflow;
  if (counts) state.workflowTaskProblems++;
  const threshold = reportAfter(workflow);
  if (threshold <= 0 || state.workflowTaskProblems < threshold) return;
  const encoded = encodeValue([...state.workflowTaskLastProblem], IndexedValueType.KEYWORD_LIST);
  const known = state.searchAttributes.get(ATTRIBUTE);
  if (known !== undefined && Buffer.compare(known, encoded) === 0) return;
  state.searchAttributes = new Map(state.searchAttributes).set(ATTRIBUTE, encoded);
  workflow.markVisibility(VisibilityChange.UPSERT);
}

/** A worker completed a workflow task. */
export function clearProblems(workflow: Workflow): void {
  const { state } = workflow;
  state.workflowTaskProblems = 0;
  if (!state.searchAttributes.has(ATTRIBUTE) || reportAfter(workflow) <= 0) return;
  const searchAttributes = new Map(state.searchAttributes);
  searchAttributes.delete(ATTRIBUTE);
  state.searchAttributes = searchAttributes;
  state.workflowTaskLastProblem = [];
  workflow.markVisibility(VisibilityChange.UPSERT);
}

function reportAfter(workflow: Workflow): number {
  return workflow.environment.config.get(WORKFLOW_TASK_PROBLEMS_TO_REPORT, { namespace: workflow.namespace.name });
}
