// RPCs that Temporal 1.31 has and refuses.

import { type OddCall, workflow } from './odd-call.ts';

export const refused: Readonly<Record<string, OddCall>> = Object.fromEntries(
  [
    'describeDeployment',
    'listDeployments',
    'getDeploymentReachability',
    'getCurrentDeployment',
    'setCurrentDeployment',
    'createWorkflowRule',
    'describeWorkflowRule',
    'deleteWorkflowRule',
    'listWorkflowRules',
    'triggerWorkflowRule',
    'fetchWorkerConfig',
    'updateWorkerConfig',
  ].flatMap((rpc) => [
    [`${rpc}, refused`, workflow(rpc)] as const,
    [`${rpc} without namespace`, () => ['workflow', rpc, {}] as const] as const,
  ]),
);
