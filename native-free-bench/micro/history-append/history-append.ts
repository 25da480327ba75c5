// What does it cost to append an event, and does a long history make it dearer?
// Workload: `encode` a batch of a signal of 100 bytes and the workflow task it schedules; `signal` through the history service on
// the memory store, decode to commit, on runs with 10 and with 10,000 events. Unit: us of one thread.
// Baseline: the same batch encoded by protobufjs from @temporalio/proto. Prints p50, p99, max and a checksum: bytes encoded, or
// events that the runs have in the end.
// Run: node native-free-bench/micro/history-append/history-append.ts

import assert from 'node:assert/strict';
import protobuf from 'protobufjs';
import { EventType } from '#proto/temporal/api/enums/v1';
import { History, type HistoryEventInit } from '#proto/temporal/api/history/v1';
import {
  SignalWorkflowExecutionRequest,
  SignalWorkflowExecutionResponse,
} from '#proto/temporal/api/workflowservice/v1';
import { type HistoryFixture, historyFixture } from '../../../src/history/testing/history-fixture.ts';
import { MemoryStoreFactory } from '../../../src/persistence/memory/factory.ts';
import { payloads } from '../../workloads/commands.ts';

const ENCODINGS = 100_000;
/** Calls of one measurement: a clock read costs a part of an encoding. */
const AT_ONCE = 100;
const LONG_EVENTS = 10_000;
const SHORT_RUNS = 500;
const SIGNALS = 2_000;

function batch(): readonly HistoryEventInit[] {
  const common = { eventTime: 1_800_000_000_000, version: 0, taskId: 1_048_577 };
  return [
    {
      ...{ ...common, eventId: 12, eventType: EventType.WORKFLOW_EXECUTION_SIGNALED },
      workflowExecutionSignaledEventAttributes: { signalName: 'more', input: payloads(), identity: 'bench@host' },
    },
    {
      ...{ ...common, eventId: 13, eventType: EventType.WORKFLOW_TASK_SCHEDULED },
      workflowTaskScheduledEventAttributes: {
        taskQueue: { name: 'bench', kind: 1 },
        startToCloseTimeout: 10_000,
        attempt: 1,
      },
    },
  ];
}

function report(name: string, timesUs: number[], checksum: number): void {
  if (name.startsWith('warm-up')) return;
  timesUs.sort((a, b) => a - b);
  const at = (part: number) => timesUs[Math.floor(part * (timesUs.length - 1))]!.toFixed(2);
  console.log(`${name}\tp50 ${at(0.5)} us\tp99 ${at(0.99)} us\tmax ${at(1)} us\tchecksum ${checksum}`);
}

function encodings(name: string, encode: () => Uint8Array): void {
  const times: number[] = [];
  let checksum = 0;
  for (let done = 0; done < ENCODINGS; done += AT_ONCE) {
    const startMs = performance.now();
    for (let i = 0; i < AT_ONCE; i++) checksum += encode().length;
    times.push(((performance.now() - startMs) * 1000) / AT_ONCE);
  }
  report(name, times, checksum);
}

async function protobufjsEncoder(): Promise<() => Uint8Array> {
  const json = (await import('@temporalio/proto/protos/json-module.js')).default;
  const root = protobuf.Root.fromJSON(json as protobuf.INamespace);
  const type = root.lookupType('temporal.api.history.v1.History');
  const ours = History.encode({ events: [...batch()] });
  const event = type.toObject(type.decode(ours));
  assert.equal(type.encode(type.fromObject(event)).finish().length, ours.length);
  const message = type.fromObject(event);
  return () => type.encode(message).finish();
}

async function signals(name: string, fixture: HistoryFixture, workflowIds: readonly string[]): Promise<void> {
  const times: number[] = [];
  for (let i = 0; i < SIGNALS; i++) {
    const workflowId = workflowIds[i % workflowIds.length]!;
    const startMs = performance.now();
    await signal(fixture, workflowId);
    times.push((performance.now() - startMs) * 1000);
  }
  let events = 0;
  for (const workflowId of workflowIds) events += (await fixture.events(workflowId)).length;
  report(name, times, events);
}

function signal(fixture: HistoryFixture, workflowId: string): Promise<unknown> {
  return fixture.rpc('SignalWorkflowExecution', [SignalWorkflowExecutionRequest, SignalWorkflowExecutionResponse], {
    workflowExecution: { workflowId },
    signalName: 'more',
    input: payloads(),
  });
}

const protobufjs = await protobufjsEncoder();
for (const name of ['warm-up', 'encode']) {
  encodings(`${name}\tprotobufjs`, protobufjs);
  encodings(`${name}\tours`, () => History.encode({ events: [...batch()] }));
}

const fixture = await historyFixture(new MemoryStoreFactory().openExecutionStore(0));
fixture.settings.set('history.maximumSignalsPerExecution', 0);
const long = 'long';
await fixture.start({ workflowId: long });
for (let events = 2; events < LONG_EVENTS; events++) await signal(fixture, long);
const short = Array.from({ length: SHORT_RUNS }, (_, i) => `short-${i}`);
for (const workflowId of short) {
  await fixture.start({ workflowId });
  for (let events = 2; events < 10; events++) await signal(fixture, workflowId);
}
for (const name of ['warm-up', 'signal']) {
  await signals(`${name}\t10 events`, fixture, short);
  await signals(`${name}\t${LONG_EVENTS} events`, fixture, [long]);
}
process.exit();
