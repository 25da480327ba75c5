// Calls with odd requests, one after the other by name: what each RPC answers to fields that are missing, too long, negative,
// contradictory or unknown. A program's step names one of them; they change nothing that another step depends on.

import type { Names } from '../requests/index.ts';
import { activityOperations } from './activity-operations.ts';
import { executions } from './executions.ts';
import { filtered } from './filters.ts';
import { lists } from './lists.ts';
import { multiOperations } from './multi-operations.ts';
import { namespaces } from './namespaces.ts';
import type { OddCall, Service } from './odd-call.ts';
import { options } from './options.ts';
import { queues } from './queues.ts';
import { rareMessages } from './rare-messages.ts';
import { refused } from './refused.ts';
import { runPauses } from './run-pauses.ts';
import { searchAttributes } from './search-attributes.ts';
import { servers } from './servers.ts';
import { starts } from './starts.ts';
import { workers } from './workers.ts';

/** Seeds draw from them by place: new ones go to the end, or old seeds are other programs. */
export const ODD_CALLS: Readonly<Record<string, OddCall>> = {
  ...starts,
  ...executions,
  ...multiOperations,
  ...workers,
  ...activityOperations,
  ...namespaces,
  ...searchAttributes,
  ...lists,
  ...filtered,
  ...queues,
  ...runPauses,
  ...rareMessages,
  ...servers,
  ...options,
  ...refused,
};

type Rpcs = Readonly<Record<string, (request: object) => Promise<object>>>;

/** Calls the RPC by its name. */
export function sendOddCall(services: Readonly<Record<Service, object>>, name: string, names: Names): Promise<object> {
  const call = ODD_CALLS[name];
  if (!call) throw new Error(`no call is named ${name}`);
  const [service, rpc, request] = call(names);
  const stub = services[service] as unknown as Rpcs;
  const method = stub[rpc];
  if (!method) throw new Error(`no RPC is named ${rpc}`);
  return method.call(stub, request);
}
