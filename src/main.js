#!/usr/bin/env node
// The entry of the executable: a command line. Threads of the server begin in cli/server/*-main.js. Both are JavaScript: for the
// first TypeScript that the compile cache does not bring, Node loads its type stripper, which stays for as long as the thread, 15 MiB each.

import { enableCompileCache } from 'node:module';

// Types are stripped and code is compiled once per machine, not once per start. (Nothing to do in the executable.)
enableCompileCache();

void import('./cli/cli.ts').then(({ runCli }) => runCli(process.argv.slice(2)));
