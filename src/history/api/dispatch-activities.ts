// What becomes of the activities that a completed workflow task scheduled. Where a poll waits in this process, the attempt starts in
// the same decision: schedule and start are one commit, and the worker has the task right after it (I5). The others get a
// transfer task.

import type { ActivityInfo } from '#proto/ostinato/persistence/v1';
import { TaskQueueType } from '#proto/temporal/api/enums/v1';
import { PollActivityTaskQueueRequest } from '#proto/temporal/api/workflowservice/v1';
import type { HistoryEngine } from '../engine.ts';
import { activityTaskOf } from '../queues/add-activity-to-matching.ts';
import { addToMatching, type WorkerTask } from '../queues/hand-to-worker.ts';
import type { ParkedPoll } from '../queues/parked-polls.ts';
import type { Shard } from '../shard/shard.ts';
import { letActivityWait, startActivity } from '../workflow/activity.ts';
import type { Workflow } from '../workflow/workflow.ts';
import { composeActivityTask } from './record-activity-task-started.ts';

interface StartedForPoll {
  readonly poll: ParkedPoll;
  readonly task: WorkerTask;
  readonly requestId: string;
  readonly response: Uint8Array;
}

export class ActivityDispatch {
  readonly #engine: HistoryEngine;
  readonly #shard: Shard;
  readonly #workflow: Workflow;
  #started: StartedForPoll[] = [];

  constructor(engine: HistoryEngine, shard: Shard, workflow: Workflow) {
    this.#engine = engine;
    this.#shard = shard;
    this.#workflow = workflow;
  }

  /** Inside the completing decision. Activities that the same commands cancelled, or whose run ended, are left out. */
  decide(scheduledEventIds: readonly number[]): void {
    const workflow = this.#workflow;
    if (!workflow.isRunning) return;
    for (const scheduledEventId of scheduledEventIds) {
      const activity = workflow.activities.get(scheduledEventId);
      if (activity === undefined) continue;
      if (workflow.state.paused || !this.#startForPoll(activity)) letActivityWait(workflow, activity);
    }
  }

  /** The decision is durable: workers get what was started for them. */
  handOver(): void {
    for (const { poll, task, requestId, response } of this.#take()) {
      this.#engine.metrics.taskStarted(this.#workflow.namespace.name, TaskQueueType.ACTIVITY, 0);
      if (poll.handOver(task, response)) continue;
      addToMatching(this.#engine, this.#shard, task, requestId).catch((error: unknown) => {
        const { workflowId, runId, scheduledEventId } = task;
        const fields = { err: error, workflowId, runId, scheduledEventId };
        this.#engine.logger.warn(fields, 'a started activity could not be handed to a worker and will time out');
      });
    }
  }

  /** The decision does not stand. */
  giveBack(): void {
    for (const { poll } of this.#take()) poll.giveBack();
  }

  #startForPoll(activity: ActivityInfo): boolean {
    const workflow = this.#workflow;
    const task = activityTaskOf(workflow, activity, activity.scheduledTime);
    const poll = this.#engine.parkedPolls.claim(task.partition);
    if (poll === undefined) return false;
    const { identity } = PollActivityTaskQueueRequest.decode(poll.request);
    const requestId = workflow.environment.newId();
    const started = startActivity(workflow, activity, { requestId, identity });
    this.#started.push({ poll, task, requestId, response: composeActivityTask(workflow, started) });
    return true;
  }

  #take(): readonly StartedForPoll[] {
    const started = this.#started;
    this.#started = [];
    return started;
  }
}
