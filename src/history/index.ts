export { createHistoryService, type HistoryService, type HistoryServiceDeps } from './service.ts';
