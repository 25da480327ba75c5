// What of a run is paused, as the search attribute TemporalPauseInfo shows it. Inside a decision.

import { IndexedValueType } from '#proto/temporal/api/enums/v1';
import { encodeValue } from '../../visibility/search-attributes/value.ts';
import { mergePayloadMaps } from '../commands/validate/index.ts';
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
  // An empty list removes the attribute.
  const change = new Map([[ATTRIBUTE, encodeValue(entries, IndexedValueType.KEYWORD_LIST)]]);
  state.searchAttributes = mergePayloadMaps(state.searchAttributes, change);
  workflow.markVisibility(VisibilityChange.UPSERT);
}
