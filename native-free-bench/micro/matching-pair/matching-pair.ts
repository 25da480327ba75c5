// What does matching add to a task: AddTask and poll, decode to answer, without rings, network and history's own work?
// Workload: 256 workers that poll again as soon as they are answered, 64 adders; history answers at once with 600 bytes.
// `sync`: the task meets a parked poll. `backlog`: all tasks are added, then polled; memory store, commits included.
// Unit: us of one thread per pair, and from AddTask to its answer. Baseline: the same calls to a handler that only decodes
// and encodes. Prints p50, p99, max of the add latency and a checksum of the answers.
// Run: node native-free-bench/micro/matching-pair/matching-pair.ts

import { AddTaskRequest, AddTaskResponse, PollRequest } from '#proto/ostinato/matching/v1';
import { NamespaceRecord } from '#proto/ostinato/worker/v1';
import { PollWorkflowTaskQueueRequest } from '#proto/temporal/api/workflowservice/v1';
import { createMatchingService, type MatchingService } from '../../../src/matching/index.ts';
import { silentLogger } from '../../../src/metrics/logger.ts';
import { noMetrics } from '../../../src/metrics/metrics.ts';
import { MemoryStoreFactory } from '../../../src/persistence/memory/factory.ts';
import type { CallContext } from '../../../src/runtime/service.ts';
import { SystemClock } from '../../../src/runtime/system-clock.ts';

const PAIRS = 200_000;
const WARM_UP = 20_000;
const POLLERS = 256;
const ADDERS = 64;
const RESPONSE_BYTES = 600;

const partition = { namespaceId: '11111111-2222-3333-4444-555555555555', taskQueue: 'bench', taskQueueType: 1 };
const pollRequest = PollRequest.encode({
  partition,
  pollerId: 'poller',
  request: PollWorkflowTaskQueueRequest.encode({
    namespace: 'default',
    identity: 'worker@host',
    taskQueue: { name: 'bench' },
  }),
});
const clock = new SystemClock();
const call: CallContext = { deadlineMs: clock.nowMs() + 3_600_000, cancelled: false, onCancel() {} };

function addRequest(index: number): Uint8Array {
  return AddTaskRequest.encode({
    partition,
    execution: { workflowId: `workflow-${index}`, runId: '11111111-2222-3333-4444-555555555555' },
    scheduledEventId: 2,
    shardId: 1,
    createdTime: clock.nowMs(),
  });
}

function matching(): MatchingService {
  const response = Buffer.alloc(RESPONSE_BYTES, 1);
  const answer = Promise.resolve<Uint8Array>(response);
  const namespace = NamespaceRecord.decode(NamespaceRecord.encode({ id: partition.namespaceId, name: 'default' }));
  return createMatchingService({
    router: {
      callHistory: () => answer,
      callMatching: () => Promise.reject(new Error('one partition')),
      tellMatching: () => false,
      sealer: 0,
      settleSeal: () => {},
      flush: () => {},
      callWorker: () => Promise.reject(new Error('unused')),
    },
    store: new MemoryStoreFactory().openTaskQueueStore(),
    clock,
    logger: silentLogger,
    metrics: noMetrics,
    // No limit is to be measured here.
    dynamicConfig: {
      get: (setting) =>
        (setting.type === 'float' ? Number.POSITIVE_INFINITY : setting.defaultValue) as typeof setting.defaultValue,
    },
    namespaces: {
      byId: () => namespace,
      byName: () => namespace,
      resolveName: () => namespace,
      resolveId: () => namespace,
      size: 1,
    },
    hostName: 'bench',
  });
}

type Handler = (request: Uint8Array) => Promise<Uint8Array> | Uint8Array;

interface Subject {
  readonly add: Handler;
  readonly poll: Handler;
}

function subjectOf(service: MatchingService): Subject {
  return {
    add: (request) => service.handlers.AddWorkflowTask(request, call, 0),
    poll: (request) => service.handlers.PollWorkflowTaskQueue(request, call, 0),
  };
}

/** A hand-over without any of matching's duties. */
function baseline(): Subject {
  const response = Buffer.alloc(RESPONSE_BYTES, 1);
  const added = AddTaskResponse.encode({ syncMatched: true });
  const parked: ((bytes: Uint8Array) => void)[] = [];
  return {
    add: (request) => {
      AddTaskRequest.decode(request);
      parked.shift()?.(response);
      return Promise.resolve(added);
    },
    poll: (request) => {
      PollWorkflowTaskQueueRequest.decode(PollRequest.decode(request).request);
      return new Promise((resolve) => parked.push(resolve));
    },
  };
}

const requests = Array.from({ length: 1_000 }, (_, i) => addRequest(i));

async function sync(name: string, { add, poll }: Subject, pairs: number, report: boolean): Promise<void> {
  let checksum = 0;
  let answered = 0;
  const latencies = new Float64Array(pairs);
  const poller = async (): Promise<void> => {
    while (answered < pairs) {
      const response = await poll(pollRequest);
      checksum += response.length;
      if (++answered >= pairs) return;
    }
  };
  for (let i = 0; i < POLLERS; i++) void poller();
  let next = 0;
  const adder = async (): Promise<void> => {
    while (next < pairs) {
      const index = next++;
      const startMs = performance.now();
      await add(requests[index % requests.length]!);
      latencies[index] = (performance.now() - startMs) * 1_000;
    }
  };
  const cpu = process.cpuUsage();
  await Promise.all(Array.from({ length: ADDERS }, adder));
  print(name, pairs, process.cpuUsage(cpu), latencies, checksum, report);
}

async function backlog(name: string, { add, poll }: Subject, pairs: number, report: boolean): Promise<void> {
  let checksum = 0;
  const latencies = new Float64Array(pairs);
  const cpu = process.cpuUsage();
  for (let start = 0; start < pairs; start += 1_000) {
    await Promise.all(
      requests.map(async (request, i) => {
        const startMs = performance.now();
        await add(request);
        latencies[start + i] = (performance.now() - startMs) * 1_000;
      }),
    );
  }
  for (let i = 0; i < pairs; i++) checksum += (await poll(pollRequest)).length;
  print(name, pairs, process.cpuUsage(cpu), latencies, checksum, report);
}

function print(
  name: string,
  pairs: number,
  used: NodeJS.CpuUsage,
  latencies: Float64Array,
  checksum: number,
  report: boolean,
): void {
  if (!report) return;
  latencies.sort();
  const at = (part: number) => latencies[Math.floor(part * (pairs - 1))]!.toFixed(1);
  const cpuUs = ((used.user + used.system) / pairs).toFixed(2);
  console.log(
    `${name}\t${cpuUs} us CPU a pair\tadd p50 ${at(0.5)} us\tp99 ${at(0.99)} us\tmax ${at(1)} us\tchecksum ${checksum}`,
  );
}

for (const [name, run, subject] of [
  ['baseline', sync, baseline],
  ['sync', sync, () => subjectOf(matching())],
  ['backlog', backlog, () => subjectOf(matching())],
] as const) {
  await run(name, subject(), WARM_UP, false);
  await run(name, subject(), PAIRS, true);
}
process.exit(0);
