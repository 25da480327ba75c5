// What the runtime counts, per thread.

import type { MetricDefinition, Metrics } from '../metrics/metrics.ts';

const TURNS: MetricDefinition = {
  name: 'ostinato_thread_turns',
  help: 'Turns in which a thread looked at its rings',
  kind: 'counter',
};
const FRAMES: MetricDefinition = {
  name: 'ostinato_ring_frames',
  help: 'Frames received from other threads',
  kind: 'counter',
};
const FRAMES_PER_TURN: MetricDefinition = {
  name: 'ostinato_ring_frames_per_turn',
  help: 'Frames received in one turn: grows with load',
  kind: 'histogram',
  unit: 'count',
};
const RING_DEPTH: MetricDefinition = {
  name: 'ostinato_ring_depth_bytes',
  help: 'Bytes sent to other threads and not read by them yet',
  kind: 'gauge',
  unit: 'bytes',
};
const PENDING_CALLS: MetricDefinition = {
  name: 'ostinato_thread_pending_calls',
  help: 'Calls to services that wait for their answer',
  kind: 'gauge',
};
const ANSWERING_CALLS: MetricDefinition = {
  name: 'ostinato_thread_answering_calls',
  help: 'Calls that this thread is answering, parked polls among them',
  kind: 'gauge',
};

const UTILIZATION: MetricDefinition = {
  name: 'ostinato_thread_utilization',
  help: 'Part of the time since the last scrape in which the thread was not waiting, 0 to 1',
  kind: 'gauge',
};
const HEAP: MetricDefinition = {
  name: 'ostinato_thread_heap_bytes',
  help: 'Bytes of JavaScript objects of a thread, garbage included',
  kind: 'gauge',
  unit: 'bytes',
};
const LONGEST_TURN: MetricDefinition = {
  name: 'ostinato_thread_longest_turn_seconds',
  help: 'Longest turn over the rings since the last scrape',
  kind: 'gauge',
};

export function runtimeMetrics(metrics: Metrics, thread: string) {
  const labels = { thread };
  return {
    turns: metrics.counter(TURNS, labels),
    frames: metrics.counter(FRAMES, labels),
    framesPerTurn: metrics.histogram(FRAMES_PER_TURN, labels),
    ringDepthBytes: metrics.gauge(RING_DEPTH, labels),
    pendingCalls: metrics.gauge(PENDING_CALLS, labels),
    answeringCalls: metrics.gauge(ANSWERING_CALLS, labels),
    utilization: metrics.gauge(UTILIZATION, labels),
    heapBytes: metrics.gauge(HEAP, labels),
    longestTurnSeconds: metrics.gauge(LONGEST_TURN, labels),
  };
}
