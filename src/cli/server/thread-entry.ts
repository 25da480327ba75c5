// How every thread other than main begins, whatever its role.

import { enterThread, type RunningThread, type ThreadContext } from '../../runtime/thread-context.ts';
import type { ThreadSettings } from './server-options.ts';

type StartThread = (context: ThreadContext, settings: ThreadSettings) => Promise<RunningThread>;

export function runThread(start: StartThread): void {
  enterThread((context, settings) => start(context, settings as ThreadSettings));
}
