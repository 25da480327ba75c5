// The workloads that loops repeat, by name. Backlog and idle are no loops: see backlog-drain.ts and idle-polls.ts.

import { hundredInParallel, oneActivity, tenInSequence } from './activities.ts';
import { child } from './child.ts';
import { query, signal, update } from './messages.ts';
import { startOnly } from './starts.ts';
import { timer } from './timer.ts';
import type { Workload } from './workload.ts';

export const LOOP_WORKLOADS: readonly Workload[] = [
  oneActivity,
  tenInSequence,
  hundredInParallel,
  timer,
  signal,
  update,
  query,
  child,
  startOnly,
];
