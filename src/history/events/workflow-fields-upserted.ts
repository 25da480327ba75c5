// UpsertWorkflowSearchAttributes and WorkflowPropertiesModified. Nulls stay: they say what to remove.

import type { Memo, SearchAttributes } from '#proto/temporal/api/common/v1';
import { EventType } from '#proto/temporal/api/enums/v1';
import type { Encoded } from '../../proto/wire.ts';
import type { CommandOrigin, NewEvent } from './new-event.ts';

export function upsertWorkflowSearchAttributes(
  searchAttributes: Encoded<SearchAttributes>,
  { workflowTaskCompletedEventId, userMetadata }: CommandOrigin,
): NewEvent {
  return {
    eventType: EventType.UPSERT_WORKFLOW_SEARCH_ATTRIBUTES,
    upsertWorkflowSearchAttributesEventAttributes: { workflowTaskCompletedEventId, searchAttributes },
    userMetadata,
  };
}

export function workflowPropertiesModified(
  upsertedMemo: Encoded<Memo>,
  { workflowTaskCompletedEventId, userMetadata }: CommandOrigin,
): NewEvent {
  return {
    eventType: EventType.WORKFLOW_PROPERTIES_MODIFIED,
    workflowPropertiesModifiedEventAttributes: { workflowTaskCompletedEventId, upsertedMemo },
    userMetadata,
  };
}
