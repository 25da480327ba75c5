// Polls on the board of the process: a history thread claims one, and its task comes back through HandOverTask.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HandOverTaskRequest, PollRequest, ReturnPollRequest } from '#proto/ostinato/matching/v1';
import { PollWorkflowTaskQueueRequest, PollWorkflowTaskQueueResponse } from '#proto/temporal/api/workflowservice/v1';
import { type ClaimedPoll, PollBoardReader } from '../runtime/poll-board.ts';
import { TASK_QUEUE_TYPE_ACTIVITY, TASK_QUEUE_TYPE_WORKFLOW } from '../runtime/task-queue-partition.ts';
import { CLAIM_MEMORY_MS } from './limits.ts';
import { MatchingLab } from './testing/matching-lab.ts';
import { TestCall } from './testing/test-call.ts';

class BoardLab extends MatchingLab {
  readonly reader = new PollBoardReader(this.pollBoard);

  claim(taskQueueType = TASK_QUEUE_TYPE_WORKFLOW): ClaimedPoll | undefined {
    return this.reader.claim(this.partitionKey(taskQueueType));
  }

  async handOver({ slot, id }: ClaimedPoll, workflowId: string, sealer?: number): Promise<void> {
    await this.call(
      'HandOverTask',
      HandOverTaskRequest.encode({
        sealed: sealer !== undefined,
        sealer,
        partition: this.partition(TASK_QUEUE_TYPE_WORKFLOW),
        slot,
        offerId: id,
        response: PollWorkflowTaskQueueResponse.encode({ workflowExecution: { workflowId } }),
      }),
    );
  }

  async giveBack({ slot, id }: ClaimedPoll): Promise<void> {
    const partition = this.partition(TASK_QUEUE_TYPE_WORKFLOW);
    await this.call('ReturnPoll', ReturnPollRequest.encode({ partition, slot, offerId: id }));
  }
}

const workflowOf = async (poll: Promise<PollWorkflowTaskQueueResponse>) => (await poll).workflowExecution?.workflowId;

test('a claimed poll gets the task that was started for it, and history is not asked again', async () => {
  const lab = new BoardLab();
  const poll = lab.pollWorkflow(new TestCall(), { identity: 'me' });
  await lab.clock.settle();
  const claimed = lab.claim()!;
  assert.equal(PollWorkflowTaskQueueRequest.decode(claimed.request).identity, 'me');
  await lab.handOver(claimed, 'w1');
  assert.equal(await workflowOf(poll), 'w1');
  assert.equal(lab.history.requests.length, 0);
});

test('a task that comes by call does not get a poll that is claimed', async () => {
  const lab = new BoardLab();
  const poll = lab.pollWorkflow();
  await lab.clock.settle();
  const claimed = lab.claim()!;
  assert.equal((await lab.addWorkflowTask('w2')).syncMatched, false);
  await lab.handOver(claimed, 'w1');
  assert.equal(await workflowOf(poll), 'w1');
  assert.equal(await workflowOf(lab.pollWorkflow()), 'w2');
});

test('a task that comes by call takes a poll off the board', async () => {
  const lab = new BoardLab();
  const poll = lab.pollWorkflow();
  await lab.clock.settle();
  assert.equal((await lab.addWorkflowTask('w1')).syncMatched, true);
  assert.equal(lab.claim(), undefined);
  assert.equal(await workflowOf(poll), 'w1');
});

test('a poll that is given back waits on, and gets what has come meanwhile', async () => {
  const lab = new BoardLab();
  const poll = lab.pollWorkflow();
  await lab.clock.settle();
  const first = lab.claim()!;
  await lab.giveBack(first);
  const second = lab.claim()!;
  assert.notEqual(second.id, first.id);
  await lab.addWorkflowTask('w1');
  await lab.giveBack(second);
  assert.equal(await workflowOf(poll), 'w1');
});

test('a task whose worker left after the claim goes to the next poll, once', async () => {
  const lab = new BoardLab();
  const claimed = await leftWithTask(lab, 'w1');
  await lab.handOver(claimed, 'w1');
  assert.equal(await workflowOf(lab.pollWorkflow()), 'w1');
  const other = lab.pollWorkflow();
  await lab.addWorkflowTask('w2');
  assert.equal(await workflowOf(other), 'w2');
});

test('a sealed task keeps its seal, also on its way to the next poll', async () => {
  const lab = new BoardLab();
  const call = new TestCall();
  const poll = lab.pollWorkflow(call);
  await lab.clock.settle();
  const first = lab.claim()!;
  await lab.handOver(first, 'w1', 7);
  assert.equal(await workflowOf(poll), 'w1');
  assert.deepEqual(call.seal, { sealer: 7, id: first.id });
  const second = await leftWithTask(lab, 'w2', 7);
  const next = new TestCall();
  assert.equal(await workflowOf(lab.pollWorkflow(next)), 'w2');
  assert.deepEqual(next.seal, { sealer: 7, id: second.id });
});

test('a sealed task whose worker left does not go to a forwarded poll, which would lose the seal on its way back', async () => {
  const lab = new BoardLab();
  await leftWithTask(lab, 'w1', 7);
  const request = PollRequest.encode({
    partition: lab.partition(TASK_QUEUE_TYPE_WORKFLOW),
    request: PollWorkflowTaskQueueRequest.encode({ identity: 'worker' }),
    pollerId: 'forwarded',
    forwardedFrom: 'another',
  });
  const poll = lab.call('PollWorkflowTaskQueue', request, new TestCall());
  await lab.clock.advance(70_000);
  assert.equal((await poll).length, 0);
});

/** A poll was claimed, its worker left, and the task came. */
async function leftWithTask(lab: BoardLab, workflowId: string, sealer?: number): Promise<ClaimedPoll> {
  const call = new TestCall();
  const left = lab.pollWorkflow(call);
  await lab.clock.settle();
  const claimed = lab.claim()!;
  call.cancel();
  await left.catch(() => {});
  await lab.handOver(claimed, workflowId, sealer);
  return claimed;
}

test('a worker that left is heard of in the turn of the hand-over, even if another message comes first', async () => {
  const lab = new BoardLab();
  const call = new TestCall();
  const left = lab.pollWorkflow(call);
  await lab.clock.settle();
  const handing = lab.handOver(lab.claim()!, 'w1');
  call.cancel();
  await Promise.all([handing, left.catch(() => {})]);
  const next = lab.pollWorkflow();
  await lab.clock.advance(70_000);
  assert.equal(await workflowOf(next), 'w1');
});

test('a poll whose time is over while it is claimed is answered, and its task goes to the next one', async () => {
  const lab = new BoardLab();
  const poll = lab.pollWorkflow();
  await lab.clock.settle();
  const claimed = lab.claim()!;
  await lab.clock.advance(70_000);
  assert.equal(await workflowOf(poll), undefined);
  await lab.handOver(claimed, 'w1');
  assert.equal(await workflowOf(lab.pollWorkflow()), 'w1');
});

test('a claim that nobody answers for does not keep its slot for ever', async () => {
  const lab = new BoardLab();
  const offered = async () => {
    const polls = Array.from({ length: 64 }, () => lab.pollWorkflow());
    await lab.clock.settle();
    let claims = 0;
    while (lab.claim() !== undefined) claims++;
    await lab.clock.advance(70_000);
    await Promise.all(polls);
    return claims;
  };
  assert.equal(await offered(), 64);
  await lab.clock.advance(CLAIM_MEMORY_MS);
  assert.equal(await offered(), 64);
});

test('an offer of a matching thread that is gone is not redeemed', async () => {
  const lab = new BoardLab();
  lab.pollWorkflow().catch(() => {});
  await lab.clock.settle();
  const claimed = lab.claim()!;
  await lab.restart();
  const poll = lab.pollWorkflow();
  await lab.clock.settle();
  await lab.handOver(claimed, 'w1');
  await lab.addWorkflowTask('w2');
  assert.equal(await workflowOf(poll), 'w2');
});

test('polls are not offered while the queue has a rate to keep or a backlog, nor those of versioned workers', async () => {
  const lab = new BoardLab();
  const limited = lab.pollActivity(new TestCall(), { taskQueueMetadata: { maxTasksPerSecond: { value: 5 } } });
  limited.catch(() => {});
  await lab.clock.settle();
  assert.equal(lab.claim(TASK_QUEUE_TYPE_ACTIVITY), undefined);
  const versioned = lab.pollWorkflow(new TestCall(), {
    workerVersionCapabilities: { buildId: '1.0', useVersioning: false },
  });
  versioned.catch(() => {});
  await lab.clock.settle();
  assert.equal(lab.claim(), undefined);
});

test('a rate that is set while polls are offered takes them off the board', async () => {
  const lab = new BoardLab();
  lab.pollActivity().catch(() => {});
  await lab.clock.settle();
  lab.pollActivity(new TestCall(), { taskQueueMetadata: { maxTasksPerSecond: { value: 5 } } }).catch(() => {});
  await lab.clock.settle();
  assert.equal(lab.claim(TASK_QUEUE_TYPE_ACTIVITY), undefined);
});
