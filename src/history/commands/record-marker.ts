import { EventType } from '#proto/temporal/api/enums/v1';
import type { CommandHandler } from './command.ts';
import { validateRecordMarker } from './validate/index.ts';

export const recordMarker: CommandHandler = (completion, command) => {
  const { attributes } = validateRecordMarker(command.recordMarkerCommandAttributes, completion.context);
  completion.workflow.events.add(EventType.MARKER_RECORDED, {
    markerRecordedEventAttributes: {
      markerName: attributes.markerName,
      details: attributes.details,
      workflowTaskCompletedEventId: completion.completedEventId,
      header: attributes.header,
      failure: attributes.failure,
    },
    userMetadata: command.userMetadata,
  });
};
