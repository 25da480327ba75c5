export { type BufferedQuery, type QueryAnswers, type QueryCompletion, QueryRegistry } from './query-registry.ts';
export { type QueriedWorkflow, type QueryRoute, routeQuery } from './query-route.ts';
