// What becomes of the activities that a completed workflow task scheduled. Where a poll waits in this process, the attempt starts in
// the same decision: schedule and start are one commit, and the worker has the task right after it (I5). The others get a
// transfer task.

import type { ActivityInfo } from '#proto/ostinato/persistence/v1';
import { TaskQueueType } from '#proto/temporal/api/enums/v1';
import { PollActivityTaskQueueRequest } from '#proto/temporal/api/workflowservice/v1';
import type { HistoryEngine } from '../engine.ts';
import { activityTaskOf } from '../queues/add-activity-to-matching.ts';
import { HandOvers } from '../queues/hand-overs.ts';
import type { Shard } from '../shard/shard.ts';
import { letActivityWait, startActivity } from '../workflow/activity.ts';
import type { Workflow } from '../workflow/workflow.ts';
import { composeActivityTask } from './record-activity-task-started.ts';

export class ActivityDispatch {
  readonly #engine: HistoryEngine;
  readonly #shard: Shard;
  readonly #workflow: Workflow;
  readonly #handOvers: HandOvers;

  constructor(engine: HistoryEngine, shard: Shard, workflow: Workflow) {
    this.#engine = engine;
    this.#shard = shard;
    this.#workflow = workflow;
    this.#handOvers = new HandOvers(engine, shard);
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

  /** The decision stands in memory: once it is durable, workers get what was started for them. */
  handOver(): void {
    if (this.#handOvers.size === 0) return;
    const { name } = this.#workflow.namespace;
    for (let i = 0; i < this.#handOvers.size; i++) this.#engine.metrics.taskStarted(name, TaskQueueType.ACTIVITY, 0);
    this.#shard.publishWithCommit(this.#handOvers);
  }

  /** The decision does not stand. */
  giveBack(): void {
    this.#handOvers.giveBack();
  }

  #startForPoll(activity: ActivityInfo): boolean {
    const workflow = this.#workflow;
    const task = activityTaskOf(workflow, activity, activity.scheduledTime);
    const poll = this.#engine.parkedPolls.claim(task.partition);
    if (poll === undefined) return false;
    const { identity } = PollActivityTaskQueueRequest.decode(poll.request);
    const requestId = workflow.environment.newId();
    const started = startActivity(workflow, activity, { requestId, identity });
    this.#handOvers.add({ poll, task, requestId, response: composeActivityTask(workflow, started) });
    return true;
  }
}
