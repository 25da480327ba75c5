// The first code of every thread other than main: loads only what its role needs.

import { enterThread, type RunningThread, type ThreadContext } from '../../runtime/thread-context.ts';
import type { ThreadRole } from '../../runtime/topology.ts';
import type { ThreadSettings } from './server-options.ts';

type StartThread = (context: ThreadContext, settings: ThreadSettings) => Promise<RunningThread>;

const ROLES: Readonly<Record<Exclude<ThreadRole, 'main'>, () => Promise<StartThread>>> = {
  history: async () => (await import('./history-thread.ts')).startHistoryThread,
  matching: async () => (await import('./matching-thread.ts')).startMatchingThread,
  worker: async () => (await import('./worker-thread.ts')).startWorkerThread,
};

export function runThread(): void {
  enterThread(async (context, settings) => {
    const { role } = context.description;
    if (role === 'main') throw new Error('the main thread is not a worker');
    const start = await ROLES[role]();
    return start(context, settings as ThreadSettings);
  });
}
