// The whole contract, for a backend's test file to run.

import type { ContractBackend } from './contract-backend.ts';
import { describeCurrentRuns } from './current-runs-contract.ts';
import { describeExecutionStore } from './execution-store-contract.ts';
import { describeHistory } from './history-contract.ts';
import { describeMetadataStore } from './metadata-store-contract.ts';
import { describeQueuedTasks } from './queued-tasks-contract.ts';
import { describeTaskQueueStore } from './task-queue-store-contract.ts';

export function describeStores(backend: ContractBackend): void {
  describeExecutionStore(backend);
  describeCurrentRuns(backend);
  describeHistory(backend);
  describeQueuedTasks(backend);
  describeTaskQueueStore(backend);
  describeMetadataStore(backend);
}
