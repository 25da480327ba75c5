// Where activity executions lie in the store: in the tables of workflow runs, under a namespace id of their own. So an activity and
// a workflow may have the same id, and neither their rows nor the statements that write them need a column that says which is which.

/** Namespace ids are the server's own: none ends like this. */
const SUFFIX = ':activity';

export const activityStoreKey = (namespaceId: string): string => namespaceId + SUFFIX;

export const isActivityStoreKey = (key: string): boolean => key.endsWith(SUFFIX);
