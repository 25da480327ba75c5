// The program of one workflow of the crash suite, and the decider that plays it: a pure function from history to commands, so that
// a worker needs no memory of its own and may be given any task at any time.

import type { Command, HistoryEvent } from '../end-to-end/harness/api.ts';
import { decodePayloads, duration } from '../end-to-end/harness/api.ts';
import { completeWorkflow, recordMarker, scheduleActivity, startTimer } from '../end-to-end/harness/commands.ts';
import type { Random } from './random.ts';

export type Step = { readonly kind: 'activity' } | { readonly kind: 'timer'; readonly milliseconds: number };

export interface Plan {
  readonly steps: readonly (readonly Step[])[];
  /** The workflow ends only when it has seen this many signals and completed this many updates. */
  readonly signals: number;
  readonly updates: number;
}

/** How long an attempt may take; short, because an attempt whose worker never learnt of it is repeated only then. */
const ACTIVITY_TIMEOUT_MS = 2_000;

export function randomPlan(random: Random): Plan {
  const steps = Array.from({ length: random.between(1, 4) }, () =>
    Array.from(
      { length: random.between(1, 3) },
      (): Step =>
        random.next() < 0.6 ? { kind: 'activity' } : { kind: 'timer', milliseconds: random.between(20, 900) },
    ),
  );
  return { steps, signals: random.between(0, 3), updates: random.next() < 0.4 ? 1 : 0 };
}

export interface Decision {
  readonly commands: Command[];
  /** Ids of the timers, activities and markers among the commands: what an acknowledged answer must have written. */
  readonly ids: string[];
}

/** What the workflow does next, given its whole history. Each group of steps runs in parallel, groups one after the other. */
export function decide(plan: Plan, events: readonly HistoryEvent[], taskQueue: string): Decision {
  const seen = readEvents(events);
  for (const [groupIndex, group] of plan.steps.entries()) {
    const ids = group.map((_, index) => `${groupIndex}.${index}`);
    const missing = ids.filter((id) => !seen.begun.has(id));
    if (missing.length > 0) return begin(group, groupIndex, missing, taskQueue);
    if (ids.some((id) => !seen.ended.has(id))) return { commands: [], ids: [] };
  }
  if (seen.signals < plan.signals || seen.updates < plan.updates) return { commands: [], ids: [] };
  return { commands: [recordMarker('end'), completeWorkflow('done')], ids: ['end'] };
}

function begin(group: readonly Step[], groupIndex: number, missing: readonly string[], taskQueue: string): Decision {
  const commands = group.flatMap((step, index): Command[] => {
    const id = `${groupIndex}.${index}`;
    if (!missing.includes(id)) return [];
    if (step.kind === 'timer') return [startTimer(id, step.milliseconds)];
    return [
      scheduleActivity(taskQueue, {
        activityId: id,
        startToCloseTimeout: duration(ACTIVITY_TIMEOUT_MS),
        retryPolicy: { initialInterval: duration(50), backoffCoefficient: 1 },
      }),
    ];
  });
  return { commands, ids: [...missing] };
}

function readEvents(events: readonly HistoryEvent[]) {
  const begun = new Set<string>();
  const ended = new Set<string>();
  const activityIds = new Map<string, string>();
  let signals = 0;
  let updates = 0;
  for (const event of events) {
    const timerStarted = event.timerStartedEventAttributes;
    const scheduled = event.activityTaskScheduledEventAttributes;
    if (timerStarted?.timerId) begun.add(timerStarted.timerId);
    if (scheduled?.activityId) {
      begun.add(scheduled.activityId);
      activityIds.set(String(event.eventId), scheduled.activityId);
    }
    if (event.timerFiredEventAttributes?.timerId) ended.add(event.timerFiredEventAttributes.timerId);
    const completed = event.activityTaskCompletedEventAttributes;
    if (completed) ended.add(activityIds.get(String(completed.scheduledEventId)) ?? '');
    if (event.workflowExecutionSignaledEventAttributes) signals += 1;
    if (event.workflowExecutionUpdateCompletedEventAttributes) updates += 1;
  }
  return { begun, ended, signals, updates };
}

/** The plan that a workflow was started with. */
export function planOf(events: readonly HistoryEvent[]): Plan {
  return decodePayloads(events[0]?.workflowExecutionStartedEventAttributes?.input)[0] as Plan;
}
