import { EventType } from '#proto/temporal/api/enums/v1';
import { VisibilityChange } from '../workflow/workflow.ts';
import type { CommandHandler } from './command.ts';
import { validateUpsertWorkflowSearchAttributes } from './validate/index.ts';

export const upsertWorkflowSearchAttributes: CommandHandler = (completion, command) => {
  const { workflow } = completion;
  const { attributes, merged } = validateUpsertWorkflowSearchAttributes(
    command.upsertWorkflowSearchAttributesCommandAttributes,
    completion.context,
  );
  workflow.events.add(EventType.UPSERT_WORKFLOW_SEARCH_ATTRIBUTES, {
    upsertWorkflowSearchAttributesEventAttributes: {
      workflowTaskCompletedEventId: completion.completedEventId,
      searchAttributes: attributes.searchAttributes,
    },
    userMetadata: command.userMetadata,
  });
  workflow.state.searchAttributes = merged;
  workflow.markVisibility(VisibilityChange.UPSERT);
};
