// One or more of a workflow's timers are due: all that are due by now fire in one decision.

import { EventType } from '#proto/temporal/api/enums/v1';
import { ensureWorkflowTask } from '../../workflow/workflow-task.ts';
import { findOpenForTask } from '../find-for-task.ts';
import type { ShardTaskExecutor } from '../task-executor.ts';

export const userTimer: ShardTaskExecutor = async (_engine, shard, task) => {
  const workflow = await findOpenForTask(shard, task);
  if (workflow === undefined || !workflow.isRunning || !workflow.timers.has(task.timerId)) return undefined;
  const nowMs = shard.nowMs();
  const due = [...workflow.timers.values()]
    .filter((timer) => (timer.expiryTime ?? 0) <= nowMs)
    .sort((a, b) => (a.expiryTime ?? 0) - (b.expiryTime ?? 0) || a.startedEventId - b.startedEventId);
  if (due.length === 0) return undefined;
  await shard.update(workflow, () => {
    for (const timer of due) {
      workflow.timers.delete(timer.timerId);
      workflow.events.add(EventType.TIMER_FIRED, {
        timerFiredEventAttributes: { timerId: timer.timerId, startedEventId: timer.startedEventId },
      });
    }
    ensureWorkflowTask(workflow);
  });
  return undefined;
};
