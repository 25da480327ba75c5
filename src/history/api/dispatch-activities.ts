// What becomes of the activities that a completed workflow task scheduled. Where a poll waits in this process, the attempt starts in
// the same decision: schedule and start are one commit, and the worker has the task right after it (I5). The others get a
// transfer task.

import type { ActivityInfo } from '#proto/ostinato/persistence/v1';
import { TaskQueueType } from '#proto/temporal/api/enums/v1';
import { PollActivityTaskQueueRequest } from '#proto/temporal/api/workflowservice/v1';
import type { HistoryEngine } from '../engine.ts';
import { activityPartition, addStartedActivityToMatching } from '../queues/add-activity-to-matching.ts';
import type { ParkedPoll } from '../queues/parked-polls.ts';
import type { Shard } from '../shard/shard.ts';
import { addActivityTask, startActivity } from '../workflow/activity.ts';
import type { Workflow } from '../workflow/workflow.ts';
import { composeActivityTask } from './record-activity-task-started.ts';

interface StartedForPoll {
  readonly poll: ParkedPoll;
  readonly activity: ActivityInfo;
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
    if (!workflow.isRunning || workflow.state.paused) return;
    for (const scheduledEventId of scheduledEventIds) {
      const activity = workflow.activities.get(scheduledEventId);
      if (activity === undefined) continue;
      const poll = this.#engine.parkedPolls.claim(activityPartition(workflow.namespaceId, activity.taskQueue));
      if (poll === undefined) addActivityTask(workflow, activity);
      else this.#start(activity, poll);
    }
  }

  /** The decision is durable: workers get what was started for them. */
  handOver(): void {
    const workflow = this.#workflow;
    for (const { poll, activity, response } of this.#take()) {
      const { priority, scheduledTime: createdTimeMs } = activity;
      this.#engine.metrics.taskStarted(workflow.namespace.name, TaskQueueType.ACTIVITY, 0);
      if (poll.handOver({ createdTimeMs, priority }, response)) continue;
      addStartedActivityToMatching(this.#engine, this.#shard, workflow, activity).catch((error: unknown) => {
        const { workflowId, runId } = workflow;
        const fields = { err: error, workflowId, runId, activityId: activity.activityId };
        this.#engine.logger.warn(fields, 'a started activity could not be handed to a worker and will time out');
      });
    }
  }

  /** The decision does not stand. */
  giveBack(): void {
    for (const { poll } of this.#take()) poll.giveBack();
  }

  #start(activity: ActivityInfo, poll: ParkedPoll): void {
    const workflow = this.#workflow;
    const { identity } = PollActivityTaskQueueRequest.decode(poll.request);
    const requestId = workflow.environment.newId();
    const started = startActivity(workflow, activity, { requestId, identity });
    this.#started.push({ poll, activity: started, response: composeActivityTask(workflow, started) });
  }

  #take(): readonly StartedForPoll[] {
    const started = this.#started;
    this.#started = [];
    return started;
  }
}
