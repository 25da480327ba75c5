// Workflows of the SDK scenarios. Bundled once for all of them; run by the real SDK's worker inside its sandbox.

import {
  ActivityCancellationType,
  ApplicationFailure,
  allHandlersFinished,
  CancellationScope,
  ChildWorkflowCancellationType,
  condition,
  continueAsNew,
  defineQuery,
  defineSignal,
  defineUpdate,
  executeChild,
  getExternalWorkflowHandle,
  isCancellation,
  ParentClosePolicy,
  patched,
  proxyActivities,
  proxyLocalActivities,
  setHandler,
  sleep,
  startChild,
  upsertMemo,
  upsertSearchAttributes,
  uuid4,
  workflowInfo,
} from '@temporalio/workflow';
import type * as activities from '../harness/activities.ts';

const { echo, failTimes, failFatally, heartbeatUntilCancelled, slow, completeLater } = proxyActivities<
  typeof activities
>({ startToCloseTimeout: '20s', heartbeatTimeout: '5s', retry: { initialInterval: '100ms', maximumAttempts: 5 } });

const local = proxyLocalActivities<typeof activities>({
  startToCloseTimeout: '5s',
  retry: { initialInterval: '50ms', maximumAttempts: 3 },
});

export const addSignal = defineSignal<[number]>('add');
export const finishSignal = defineSignal('finish');
export const totalQuery = defineQuery<number>('total');
export const addUpdate = defineUpdate<number, [number]>('addAndGet');
export const slowUpdate = defineUpdate<string, [number]>('slow');

export async function callActivity(text: string): Promise<string> {
  return await echo(text);
}

export async function callActivitiesInParallel(count: number): Promise<number> {
  const results = await Promise.all(Array.from({ length: count }, (_, index) => echo(String(index))));
  return results.length;
}

export async function retryActivity(times: number): Promise<string> {
  return await failTimes(times);
}

export async function failByActivity(): Promise<void> {
  await failFatally('fatal on purpose');
}

export async function failItself(): Promise<void> {
  throw ApplicationFailure.create({
    message: 'workflow failed',
    type: 'Planned',
    nonRetryable: true,
    details: [1, 'two'],
  });
}

export async function callLocalActivities(): Promise<string[]> {
  const first = await local.echo('local');
  const second = await local.failTimes(2);
  return [first, second];
}

/** Adds what signals and updates bring; ends with the total. */
export async function accumulate(): Promise<number> {
  let total = 0;
  let finished = false;
  setHandler(addSignal, (amount) => {
    total += amount;
  });
  setHandler(finishSignal, () => {
    finished = true;
  });
  setHandler(totalQuery, () => total);
  setHandler(
    addUpdate,
    (amount) => {
      total += amount;
      return total;
    },
    {
      validator: (amount) => {
        if (amount < 0) throw new Error('only upwards');
      },
    },
  );
  setHandler(slowUpdate, async (milliseconds) => {
    await sleep(milliseconds);
    return await echo('after sleep');
  });
  await condition(() => finished && allHandlersFinished());
  return total;
}

export async function sleepFor(milliseconds: number): Promise<string> {
  await sleep(milliseconds);
  return 'slept';
}

export async function waitWithTimeout(milliseconds: number): Promise<boolean> {
  return await condition(() => false, milliseconds);
}

export async function parent(how: 'complete' | 'fail' | 'cancel'): Promise<string> {
  const { workflowId } = workflowInfo();
  if (how === 'complete')
    return await executeChild(callActivity, { workflowId: `${workflowId}-child`, args: ['child'] });
  if (how === 'fail') {
    try {
      await executeChild(failItself, { workflowId: `${workflowId}-child` });
      return 'not failed';
    } catch (error) {
      const cause = (error as Error).cause;
      return `caught ${(cause as ApplicationFailure).type}`;
    }
  }
  try {
    await CancellationScope.cancellable(async () => {
      const child = await startChild(sleepFor, {
        workflowId: `${workflowId}-child`,
        args: [60_000],
        cancellationType: ChildWorkflowCancellationType.WAIT_CANCELLATION_COMPLETED,
      });
      CancellationScope.current().cancel();
      await child.result();
    });
    return 'not cancelled';
  } catch (error) {
    return isCancellation(error) ? 'child cancelled' : 'other failure';
  }
}

export async function abandoningParent(): Promise<string> {
  const { workflowId } = workflowInfo();
  const child = await startChild(sleepFor, {
    workflowId: `${workflowId}-child`,
    args: [600],
    parentClosePolicy: ParentClosePolicy.ABANDON,
  });
  return child.firstExecutionRunId;
}

export async function cancellable(): Promise<string> {
  try {
    await sleep(600_000);
  } catch (error) {
    if (!isCancellation(error)) throw error;
    await CancellationScope.nonCancellable(() => echo('cleanup'));
    throw error;
  }
  return 'not cancelled';
}

export async function cancelActivity(): Promise<string> {
  const { heartbeatUntilCancelled: waiting } = proxyActivities<typeof activities>({
    startToCloseTimeout: '30s',
    heartbeatTimeout: '2s',
    cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
  });
  try {
    await CancellationScope.cancellable(async () => {
      const running = waiting();
      await sleep(700);
      CancellationScope.current().cancel();
      await running;
    });
  } catch (error) {
    return isCancellation(error) ? 'activity cancelled' : 'other failure';
  }
  return 'not cancelled';
}

export async function untilCancelled(): Promise<void> {
  await heartbeatUntilCancelled();
}

export async function countDown(left: number): Promise<string> {
  await echo(String(left));
  if (left === 0) return 'zero';
  return await continueAsNew<typeof countDown>(left - 1);
}

export async function upsertThings(): Promise<void> {
  upsertSearchAttributes({ E2eKeyword: ['from-sdk'], E2eInt: [7] });
  upsertMemo({ note: 'from the workflow' });
  await sleep(1);
}

export async function signalExternalWorkflow(target: string): Promise<string> {
  const handle = getExternalWorkflowHandle(target);
  await handle.signal(addSignal, 5);
  await handle.signal(finishSignal);
  return 'signalled';
}

export async function cancelExternalWorkflow(target: string): Promise<string> {
  await getExternalWorkflowHandle(target).cancel();
  return 'requested';
}

export async function patchedWorkflow(): Promise<string> {
  const branch = patched('a-change') ? 'new' : 'old';
  await sleep(1);
  return `${branch} ${uuid4().length}`;
}

export async function manyTimers(count: number): Promise<number> {
  await Promise.all(Array.from({ length: count }, (_, index) => sleep(100 + (index % 5) * 20)));
  return count;
}

export async function useSlowActivity(milliseconds: number): Promise<string> {
  return await slow(milliseconds);
}

export async function asyncCompletion(): Promise<string> {
  return await completeLater();
}

export async function attempts(): Promise<string> {
  const { attempt } = workflowInfo();
  if (attempt < 3) throw new ApplicationFailure(`attempt ${attempt}`);
  return `attempt ${attempt}`;
}

export async function cronResult(): Promise<number> {
  return Number(workflowInfo().lastResult ?? 0) + 1;
}

export const giveSignal = defineSignal<[string]>('give');
export const heldQuery = defineQuery<string>('held');
export const exchangeUpdate = defineUpdate<string, [string]>('exchange');

/** Sends `text` every way that a workflow can, once; the run that follows takes what comes from outside. Ends with its length in all. */
export async function carry(text: string, isFollower = false): Promise<number> {
  if (!isFollower) {
    const copies = await Promise.all([echo(text), local.echo(text), executeChild(carryOn, { args: [text] })]);
    upsertMemo({ text });
    if (copies.some((copy) => copy !== text)) throw ApplicationFailure.nonRetryable('a copy differs');
    await continueAsNew<typeof carry>(text, true);
  }
  let given = '';
  let exchanged = '';
  setHandler(giveSignal, (value) => {
    given = value;
  });
  setHandler(heldQuery, () => given);
  setHandler(exchangeUpdate, (value) => {
    exchanged = value;
    return value;
  });
  await condition(() => given !== '' && exchanged !== '');
  return text.length + given.length + exchanged.length;
}

export async function carryOn(text: string): Promise<string> {
  return text;
}
