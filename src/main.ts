#!/usr/bin/env node
// The entry of the executable: a command on the main thread, a role of the server on every other one.

import { isMainThread } from 'node:worker_threads';

if (isMainThread) {
  void import('./cli/cli.ts').then(({ runCli }) => runCli(process.argv.slice(2)));
} else {
  void import('./cli/server/thread-entry.ts').then(({ runThread }) => runThread());
}
