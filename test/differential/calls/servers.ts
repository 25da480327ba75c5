// What a server says about itself, its clusters and its namespaces.

import { bytesOf } from '../../end-to-end/harness/api.ts';
import { type OddCall, operator, workflow } from './odd-call.ts';

export const servers: Readonly<Record<string, OddCall>> = {
  clusters: () => ['operator', 'listClusters', {}],
  'clusters with a negative page': () => ['operator', 'listClusters', { pageSize: -1 }],
  'list namespaces with a negative page': () => ['workflow', 'listNamespaces', { pageSize: -1 }],
  'list namespaces with garbage as token': () => ['workflow', 'listNamespaces', { nextPageToken: bytesOf('garbage') }],
  'list namespaces': () => ['workflow', 'listNamespaces', { pageSize: 5 }],
  system: () => ['workflow', 'getSystemInfo', {}],
  cluster: () => ['workflow', 'getClusterInfo', {}],
  'list search attributes': operator('listSearchAttributes'),
  'describe the namespace': workflow('describeNamespace'),
};
