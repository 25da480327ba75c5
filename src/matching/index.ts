// The matching service: task queues, pollers, backlogs. Everything outside reaches it through the Router.

export { createMatchingService, type MatchingService, type MatchingServiceDeps } from './service.ts';
