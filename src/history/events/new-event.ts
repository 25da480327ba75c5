// An event as its maker leaves it: without id, version, time and task id, which it gets when the run's history takes it.

import type { HistoryEventInit } from '#proto/temporal/api/history/v1';

export type NewEvent = Omit<HistoryEventInit, 'eventId' | 'version' | 'eventTime' | 'taskId'> & {
  readonly eventType: number;
};

/** What a command's event says besides its attributes. */
export interface CommandOrigin {
  readonly workflowTaskCompletedEventId: number;
  readonly userMetadata: HistoryEventInit['userMetadata'];
}
