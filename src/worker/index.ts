// The door of the worker thread's services.

export { SERVER_VERSION, SUPPORTED_CLIENTS } from './server-version.ts';
export type { WorkerServiceDependencies } from './worker-context.ts';
export { createWorkerService, type WorkerService } from './worker-service.ts';
