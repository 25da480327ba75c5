// Idle: thousands of polls are parked on a hundred task queues, as of a large fleet of workers at night. What counts is CPU while
// nothing happens, and memory. There are no operations. Polls arrive evenly over the warm-up: if that is a minute, a poll's longest life,
// about as many expire and come again each second ever after.

import { randomUUID } from 'node:crypto';
import { Code, isCode, Methods, WorkflowServiceClient } from '../client/workflow-service.ts';
import type { ServerMeter } from '../measure/server-meter.ts';
import type { Failures } from './driver.ts';
import { Figures } from './figures.ts';
import { delay, type Round } from './loops.ts';
import { NAMESPACE, waitUntilReady } from './session.ts';

const TASK_QUEUES = 100;
const AFTER_ERROR_PAUSE_MS = 100;
const PARKING_INTERVAL_MS = 10;
/** Of a large worker: as many polls share one. */
const POLLS_PER_CONNECTION = 100;

export async function idlePolls(
  address: string,
  meter: ServerMeter,
  failures: Failures,
  options: { readonly polls: number; readonly warmUpMs: number; readonly measureMs: number },
): Promise<Round> {
  await waitUntilReady(address);
  const client = await WorkflowServiceClient.connect(address, Math.ceil(options.polls / POLLS_PER_CONNECTION));
  const prefix = `bench-idle-${randomUUID().slice(0, 8)}`;
  let stopped = false;
  const poll = async (index: number): Promise<void> => {
    const request = { namespace: NAMESPACE, taskQueue: { name: `${prefix}-${index % TASK_QUEUES}` }, identity: 'idle' };
    while (!stopped) {
      const method = index % 2 === 0 ? Methods.pollWorkflowTask : Methods.pollActivityTask;
      await client.call<object, unknown>(method, request).catch((error: unknown) => {
        // A server that refuses polls has fewer of them parked than it is said to have.
        if (!stopped && !isCode(error, Code.DEADLINE_EXCEEDED)) failures.add('poll', error);
        return delay(AFTER_ERROR_PAUSE_MS);
      });
    }
  };
  const beganParkingMs = performance.now();
  for (let parked = 0; parked < options.polls; ) {
    const share = Math.min(1, (performance.now() - beganParkingMs) / options.warmUpMs);
    for (const due = Math.ceil(share * options.polls); parked < due; parked++) void poll(parked);
    await delay(PARKING_INTERVAL_MS);
  }
  // A reading asks the server for its metrics: what only the first of them costs is no part of the figures.
  await meter.read();
  const before = await meter.read();
  const beganMs = performance.now();
  await delay(options.measureMs);
  const after = await meter.read();
  stopped = true;
  client.close();
  const seconds = (performance.now() - beganMs) / 1000;
  return { seconds, operations: 0, figures: new Figures(), before, after, unfinished: 0 };
}
