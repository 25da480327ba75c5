#!/usr/bin/env node
// The entry of the executable: a command on the main thread, a role of the server on every other one.

import { enableCompileCache } from 'node:module';
import { isMainThread } from 'node:worker_threads';

// Types are stripped and code is compiled once per machine, not once per thread and start. (Nothing to do in the executable.)
enableCompileCache();

if (isMainThread) {
  void import('./cli/cli.ts').then(({ runCli }) => runCli(process.argv.slice(2)));
} else {
  void import('./cli/server/thread-entry.ts').then(({ runThread }) => runThread());
}
