// The entry of every thread other than main: its own module, and in the executable its own bundle, so that a thread neither
// loads nor parses what only the main loop needs. JavaScript, as main.js says.

import { enableCompileCache } from 'node:module';

enableCompileCache();

void import('./thread-entry.ts').then(({ runThread }) => runThread());
