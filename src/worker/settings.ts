// Dynamic settings of the worker thread's services: Temporal's keys and defaults (common/dynamicconfig/constants.go, v1.31).

import { defineSetting } from '../config/dynamic-config.ts';

/** Rows in one page of a list, whatever a request asks for. */
export const VISIBILITY_MAX_PAGE_SIZE = defineSetting({
  key: 'frontend.visibilityMaxPageSize',
  type: 'int',
  scope: 'namespace',
  defaultValue: 1000,
});
export const VISIBILITY_ARCHIVAL_QUERY_MAX_PAGE_SIZE = defineSetting({
  key: 'frontend.visibilityArchivalQueryMaxPageSize',
  type: 'int',
  scope: 'global',
  defaultValue: 10_000,
});
/** Refuses ListOpen and ListClosed with a filter by id, type or status. */
export const DISABLE_LIST_VISIBILITY_BY_FILTER = defineSetting<boolean>({
  key: 'frontend.disableListVisibilityByFilter',
  type: 'bool',
  scope: 'namespace',
  defaultValue: false,
});
/** How long a namespace's record stays after its executions are deleted. */
export const DELETE_NAMESPACE_DELAY = defineSetting({
  key: 'frontend.deleteNamespaceNamespaceDeleteDelay',
  type: 'durationMs',
  scope: 'global',
  defaultValue: 0,
});
/** Executions deleted per second for one namespace. */
export const DELETE_NAMESPACE_RPS = defineSetting({
  key: 'frontend.deleteNamespaceDeleteActivityRPS',
  type: 'int',
  scope: 'global',
  defaultValue: 100,
});
/** Executions of a deleted namespace that are listed at once. */
export const DELETE_NAMESPACE_PAGE_SIZE = defineSetting({
  key: 'frontend.deleteNamespaceDeletePageSize',
  type: 'int',
  scope: 'global',
  defaultValue: 1000,
});
/** Namespaces that nobody deletes: names separated by commas. */
export const PROTECTED_NAMESPACES = defineSetting({
  key: 'worker.protectedNamespaces',
  type: 'string',
  scope: 'global',
  defaultValue: '',
});
