// The life of a namespace of a program's own: what is called by name in a program's steps.

import { duration } from '../end-to-end/harness/api.ts';

type Call = (namespace: string) => readonly [service: 'workflow' | 'operator', rpc: string, request: object];

const DAY_MS = 86_400_000;

export const NAMESPACE_CALLS: Readonly<Record<string, Call>> = {
  register: (namespace) => [
    'workflow',
    'registerNamespace',
    {
      namespace,
      description: 'a description',
      ownerEmail: 'owner@somewhere',
      workflowExecutionRetentionPeriod: duration(3 * DAY_MS),
      data: { a: 'b' },
    },
  ],
  describe: (namespace) => ['workflow', 'describeNamespace', { namespace }],
  'update its info': (namespace) => [
    'workflow',
    'updateNamespace',
    { namespace, updateInfo: { description: 'another', ownerEmail: 'nobody', data: { a: 'c', d: 'e' } } },
  ],
  'update its retention': (namespace) => [
    'workflow',
    'updateNamespace',
    { namespace, config: { workflowExecutionRetentionTtl: duration(5 * DAY_MS) } },
  ],
  'update nothing': (namespace) => ['workflow', 'updateNamespace', { namespace }],
  'add search attributes': (namespace) => [
    'operator',
    'addSearchAttributes',
    { namespace, searchAttributes: { OwnKeyword: 2, OwnInt: 3 } },
  ],
  'list search attributes': (namespace) => ['operator', 'listSearchAttributes', { namespace }],
  'remove a search attribute': (namespace) => [
    'operator',
    'removeSearchAttributes',
    { namespace, searchAttributes: ['OwnInt'] },
  ],
  start: (namespace) => [
    'workflow',
    'startWorkflowExecution',
    { namespace, workflowId: 'w', workflowType: { name: 't' }, taskQueue: { name: 'q' }, requestId: 'r' },
  ],
  list: (namespace) => ['workflow', 'listWorkflowExecutions', { namespace, query: 'OwnInt = 5' }],
  deprecate: (namespace) => ['workflow', 'deprecateNamespace', { namespace }],
};

type Rpcs = Readonly<Record<string, (request: object) => Promise<object>>>;

export function sendNamespaceCall(
  services: Readonly<Record<'workflow' | 'operator', object>>,
  what: string,
  prefix: string,
): Promise<object> {
  const call = NAMESPACE_CALLS[what];
  if (!call) throw new Error(`nothing of a namespace is named ${what}`);
  const [service, rpc, request] = call(`${prefix}-namespace`);
  const stub = services[service] as unknown as Rpcs;
  const method = stub[rpc];
  if (!method) throw new Error(`no RPC is named ${rpc}`);
  return method.call(stub, request);
}
