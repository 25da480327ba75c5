// Which events after the reset point come again in the new run, and as what. The caller reads the rest of the base run's
// history, then that of each run it continued as (`continuedAsRunId`), and hands the events here in order. History thread.

import {
  EventType,
  ResetReapplyExcludeType,
  ResetReapplyType,
  UpdateAdmittedEventOrigin,
} from '#proto/temporal/api/enums/v1';
import type {
  HistoryEvent,
  WorkflowExecutionOptionsUpdatedEventAttributes,
  WorkflowExecutionSignaledEventAttributes,
} from '#proto/temporal/api/history/v1';
import type { Request } from '#proto/temporal/api/update/v1';

export interface ReapplyExclusions {
  readonly signals: boolean;
  readonly updates: boolean;
  /** Every type that exists is excluded: later runs need not even be read. */
  readonly everything: boolean;
}

/** From the exclude types and the older, deprecated include type of the request. */
export function reapplyExclusions(
  excludeTypes: readonly ResetReapplyExcludeType[],
  includeType: ResetReapplyType,
): ReapplyExclusions {
  const excluded = new Set(excludeTypes);
  if (includeType === ResetReapplyType.NONE) excluded.add(ResetReapplyExcludeType.SIGNAL);
  if (includeType === ResetReapplyType.NONE || includeType === ResetReapplyType.SIGNAL) {
    excluded.add(ResetReapplyExcludeType.UPDATE);
  }
  const all = Object.values(ResetReapplyExcludeType).filter((type) => type !== ResetReapplyExcludeType.UNSPECIFIED);
  return {
    signals: excluded.has(ResetReapplyExcludeType.SIGNAL),
    updates: excluded.has(ResetReapplyExcludeType.UPDATE),
    everything: all.every((type) => excluded.has(type)),
  };
}

export type Reapplied =
  | {
      readonly kind: 'signal';
      readonly attributes: WorkflowExecutionSignaledEventAttributes;
      readonly links: HistoryEvent['links'];
    }
  /** Becomes a WorkflowExecutionUpdateAdmitted event, whatever it was. */
  | { readonly kind: 'update'; readonly request: Request; readonly origin: UpdateAdmittedEventOrigin }
  /** Skip it when the new run knows its request id and it brings nothing but callbacks: see `isKnownAttachment`. */
  | {
      readonly kind: 'options';
      readonly attributes: WorkflowExecutionOptionsUpdatedEventAttributes;
      readonly event: HistoryEvent;
    }
  /** Of a child initiated before the reset point, to be applied only if `takesChildEvent`. */
  | { readonly kind: 'child'; readonly initiatedEventId: number; readonly event: HistoryEvent };

/** In the order of the events. */
export function planReapply(events: Iterable<HistoryEvent>, exclusions: ReapplyExclusions): Reapplied[] {
  const plan: Reapplied[] = [];
  for (const event of events) {
    const reapplied = reapply(event, exclusions);
    if (reapplied !== undefined) plan.push(reapplied);
  }
  return plan;
}

function reapply(event: HistoryEvent, exclusions: ReapplyExclusions): Reapplied | undefined {
  const { links } = event;
  switch (event.eventType) {
    case EventType.WORKFLOW_EXECUTION_SIGNALED: {
      const attributes = event.workflowExecutionSignaledEventAttributes;
      return exclusions.signals || attributes === undefined ? undefined : { kind: 'signal', attributes, links };
    }
    case EventType.WORKFLOW_EXECUTION_UPDATE_ADMITTED: {
      const { request, origin } = event.workflowExecutionUpdateAdmittedEventAttributes ?? {};
      return exclusions.updates || request === undefined ? undefined : { kind: 'update', request, origin: origin ?? 0 };
    }
    case EventType.WORKFLOW_EXECUTION_UPDATE_ACCEPTED: {
      // Without a request the admitted event before it has it, and came already.
      const request = event.workflowExecutionUpdateAcceptedEventAttributes?.acceptedRequest;
      if (exclusions.updates || request === undefined) return undefined;
      return { kind: 'update', request, origin: UpdateAdmittedEventOrigin.REAPPLY };
    }
    case EventType.WORKFLOW_EXECUTION_OPTIONS_UPDATED: {
      const attributes = event.workflowExecutionOptionsUpdatedEventAttributes;
      return attributes === undefined ? undefined : { kind: 'options', attributes, event };
    }
    default: {
      const initiatedEventId = initiatedEventIdOf(event);
      return initiatedEventId === undefined ? undefined : { kind: 'child', initiatedEventId, event };
    }
  }
}

/** Of an event about a child after its initiation; undefined for every other event. */
function initiatedEventIdOf(event: HistoryEvent): number | undefined {
  const attributes =
    event.startChildWorkflowExecutionFailedEventAttributes ??
    event.childWorkflowExecutionStartedEventAttributes ??
    event.childWorkflowExecutionCompletedEventAttributes ??
    event.childWorkflowExecutionFailedEventAttributes ??
    event.childWorkflowExecutionCanceledEventAttributes ??
    event.childWorkflowExecutionTimedOutEventAttributes ??
    event.childWorkflowExecutionTerminatedEventAttributes;
  return attributes?.initiatedEventId;
}

/** `child` is the new run's pending child of that initiated event, if it has one. */
export function takesChildEvent(event: HistoryEvent, child: { readonly startedEventId: number } | undefined): boolean {
  if (child === undefined) return false;
  return event.eventType !== EventType.CHILD_WORKFLOW_EXECUTION_STARTED || child.startedEventId === 0;
}

/** Whether an options event only attaches callbacks that the new run, which kept the request id, has already. */
export function isKnownAttachment(
  attributes: WorkflowExecutionOptionsUpdatedEventAttributes,
  hasRequestId: (requestId: string) => boolean,
): boolean {
  const { attachedCompletionCallbacks, attachedRequestId, versioningOverride, unsetVersioningOverride } = attributes;
  if (attachedCompletionCallbacks.length === 0 || attachedRequestId === '') return false;
  return hasRequestId(attachedRequestId) && versioningOverride === undefined && !unsetVersioningOverride;
}

/** The run that a history goes on in, by its last event; empty when it ends there. */
export function continuedAsRunId(lastEvent: HistoryEvent | undefined): string {
  return lastEvent?.workflowExecutionContinuedAsNewEventAttributes?.newExecutionRunId ?? '';
}
