// Temporal's server and its schema tool, built once per machine from the Go module proxy into node_modules/.cache.

import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { PeerUnavailable } from './peer.ts';

export const TEMPORAL_SERVER_VERSION = '1.31.2';

const COMMANDS = {
  server: 'go.temporal.io/server/cmd/server',
  sqlTool: 'go.temporal.io/server/cmd/tools/sql',
} as const;

const CACHE = join(
  import.meta.dirname,
  '../../node_modules/.cache/native-free-bench',
  `temporal-${TEMPORAL_SERVER_VERSION}`,
);

export type TemporalCommand = keyof typeof COMMANDS;

/** Path of the executable. The first build of a machine takes minutes; OSTINATO_BENCH_TEMPORAL names a server built before. */
export function temporalExecutable(command: TemporalCommand): string {
  const given = process.env.OSTINATO_BENCH_TEMPORAL;
  if (command === 'server' && given !== undefined && given !== '') return given;
  const executable = join(CACHE, command);
  if (existsSync(executable)) return executable;
  if (spawnSync('go', ['version']).status !== 0)
    throw new PeerUnavailable('Temporal is built with Go, which is not here');
  mkdirSync(CACHE, { recursive: true });
  process.stdout.write(`building ${COMMANDS[command]}@v${TEMPORAL_SERVER_VERSION}, once\n`);
  if (!existsSync(join(CACHE, 'go.mod'))) go(['mod', 'init', 'peer']);
  go(['get', `${COMMANDS[command]}@v${TEMPORAL_SERVER_VERSION}`]);
  go(['build', '-buildvcs=false', '-o', executable, COMMANDS[command]]);
  return executable;
}

function go(args: readonly string[]): void {
  const { status, stderr } = spawnSync('go', args, { cwd: CACHE, encoding: 'utf8' });
  if (status !== 0) throw new PeerUnavailable(`go ${args.join(' ')} failed: ${stderr.slice(-500)}`);
}
