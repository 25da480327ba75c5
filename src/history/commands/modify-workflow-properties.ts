import { EventType } from '#proto/temporal/api/enums/v1';
import { VisibilityChange } from '../workflow/workflow.ts';
import type { CommandHandler } from './command.ts';
import { validateModifyWorkflowProperties } from './validate/index.ts';

export const modifyWorkflowProperties: CommandHandler = (completion, command) => {
  const { workflow } = completion;
  const { attributes, merged } = validateModifyWorkflowProperties(
    command.modifyWorkflowPropertiesCommandAttributes,
    completion.context,
  );
  workflow.events.add(EventType.WORKFLOW_PROPERTIES_MODIFIED, {
    workflowPropertiesModifiedEventAttributes: {
      workflowTaskCompletedEventId: completion.completedEventId,
      upsertedMemo: attributes.upsertedMemo,
    },
    userMetadata: command.userMetadata,
  });
  workflow.state.memo = merged;
  workflow.markVisibility(VisibilityChange.UPSERT);
};
