// How the tables of this folder name a call: the RPC, and a request made of the slot's names.

import { duration } from '../../end-to-end/harness/api.ts';
import { type Names, startRequest } from '../requests/index.ts';

export const LONG = 'x'.repeat(1_001);
export const UNKNOWN_RUN = 'aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee';
export const NEVER = duration(600_000);

export type Service = 'workflow' | 'operator';
export type Request = Readonly<Record<string, unknown>>;
export type OddCall = (names: Names) => readonly [service: Service, rpc: string, request: Request];

/** A start that must be refused: of an id of its own, so that no slot changes if it is not. */
export const start =
  (more: Request): OddCall =>
  (names) => [
    'workflow',
    'startWorkflowExecution',
    {
      ...startRequest(names, undefined, '11111111-2222-4333-8444-555555555555'),
      workflowId: `${names.workflowId}-odd`,
      taskQueue: { name: `${names.taskQueue}-odd` },
      ...more,
    },
  ];

export const signalWithStart =
  (more: Request): OddCall =>
  (names) => [
    'workflow',
    'signalWithStartWorkflowExecution',
    {
      ...startRequest(names, undefined, '11111111-2222-4333-8444-555555555555'),
      workflowId: `${names.workflowId}-odd`,
      taskQueue: { name: `${names.taskQueue}-odd` },
      signalName: 'a-signal',
      ...more,
    },
  ];

/** Of the slot's workflow, with fields of its own. */
export const of =
  (rpc: string, more: Request = {}, key: 'execution' | 'workflowExecution' = 'workflowExecution'): OddCall =>
  ({ namespace, workflowId }) => ['workflow', rpc, { namespace, [key]: { workflowId }, ...more }];

export const workflow =
  (rpc: string, more: Request = {}): OddCall =>
  ({ namespace }) => ['workflow', rpc, { namespace, ...more }];

export const operator =
  (rpc: string, more: Request = {}): OddCall =>
  ({ namespace }) => ['operator', rpc, { namespace, ...more }];
