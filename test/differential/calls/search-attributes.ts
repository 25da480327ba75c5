// OperatorService: search attributes, and namespaces that may not be deleted.

import { type OddCall, operator } from './odd-call.ts';

export const searchAttributes: Readonly<Record<string, OddCall>> = {
  'add no search attributes': operator('addSearchAttributes'),
  'add a search attribute without type': operator('addSearchAttributes', { searchAttributes: { E2eNew: 0 } }),
  'add a system search attribute': operator('addSearchAttributes', { searchAttributes: { WorkflowId: 2 } }),
  'add a search attribute again': operator('addSearchAttributes', { searchAttributes: { E2eKeyword: 2 } }),
  'add a search attribute with another type': operator('addSearchAttributes', { searchAttributes: { E2eKeyword: 1 } }),
  'remove no search attributes': operator('removeSearchAttributes'),
  'remove a search attribute that is not there': operator('removeSearchAttributes', { searchAttributes: ['Nonsense'] }),
  'remove a system search attribute': operator('removeSearchAttributes', { searchAttributes: ['WorkflowId'] }),
  'list search attributes of nobody': () => ['operator', 'listSearchAttributes', { namespace: 'nobody' }],
  'delete namespace of nobody': () => ['operator', 'deleteNamespace', { namespace: 'nobody' }],
  'delete namespace without name': () => ['operator', 'deleteNamespace', {}],
  'delete the system namespace': () => ['operator', 'deleteNamespace', { namespace: 'temporal-system' }],
  'search attributes': () => ['workflow', 'getSearchAttributes', {}],
};
