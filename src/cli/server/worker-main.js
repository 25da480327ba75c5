// The first code of the worker thread: a module of its own, and in the executable a bundle of its own, so that a thread neither loads nor
// parses what only others need. JavaScript, as main.js says.

import { enableCompileCache } from 'node:module';

enableCompileCache();

void Promise.all([import('./thread-entry.ts'), import('./worker-thread.ts')]).then(
  ([{ runThread }, { startWorkerThread }]) => runThread(startWorkerThread),
);
