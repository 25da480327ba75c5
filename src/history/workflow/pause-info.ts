// What of a run is paused, as the search attribute TemporalPauseInfo shows it. Inside a decision.

import { IndexedValueType } from '#proto/temporal/api/enums/v1';
import { encodeValue } from '../../visibility/search-attributes/value.ts';
import { VisibilityChange, type Workflow } from './workflow.ts';

const ATTRIBUTE = 'TemporalPauseInfo';

/** Call after something was paused or went on. */
export function updatePauseInfo(workflow: Workflow): void {
  const { state } = workflow;
  const entries: string[] = [];
  if (state.paused) {
    entries.push(`Workflow:${workflow.workflowId}`);
    if (state.pauseReason !== '') entries.push(`Reason:${state.pauseReason}`);
  }
  const types = new Set<string>();
  for (const activity of workflow.activities.values()) if (activity.paused) types.add(activity.activityType);
  for (const type of types) entries.push(`property:activityType=${type}`);
  // Once something has been paused, nothing paused is the value null: that is how Temporal's encoder writes an empty list.
  const encoded = encodeValue(entries.length === 0 ? null : entries, IndexedValueType.KEYWORD_LIST);
  const known = state.searchAttributes.get(ATTRIBUTE);
  if (known !== undefined && Buffer.compare(known, encoded) === 0) return;
  state.searchAttributes = new Map(state.searchAttributes).set(ATTRIBUTE, encoded);
  workflow.markVisibility(VisibilityChange.UPSERT);
}
