// The commands of the executable. Every failure is one line on stderr and exit code 1.

import { Command } from 'commander';
import { OSTINATO_VERSION, TEMPORAL_VERSION } from '../base/version.ts';
import { benchCommand } from './bench.ts';
import { fatalLine } from './fatal.ts';
import { schemaCommand } from './schema.ts';
import { startCommand } from './start.ts';
import { startDevCommand } from './start-dev.ts';

export async function runCli(args: readonly string[]): Promise<void> {
  try {
    await createProgram().parseAsync([...args], { from: 'user' });
    process.exit(process.exitCode ?? 0);
  } catch (error) {
    process.stderr.write(`${fatalLine(error)}\n`);
    if (process.env.OSTINATO_DEBUG !== undefined) process.stderr.write(`${(error as Error).stack}\n`);
    process.exit(1);
  }
}

function createProgram(): Command {
  return new Command('ostinato')
    .description('A Temporal server in one executable')
    .version(versionText(), '-v, --version')
    .showSuggestionAfterError()
    .addCommand(startDevCommand())
    .addCommand(startCommand())
    .addCommand(schemaCommand())
    .addCommand(benchCommand())
    .addCommand(serverCommand())
    .addCommand(versionCommand());
}

/** `server start-dev`, as Temporal's executable is called by people and by the test environments of SDKs. */
function serverCommand(): Command {
  return new Command('server')
    .description("What Temporal's executable has under this name")
    .addCommand(startDevCommand());
}

function versionText(): string {
  return `ostinato ${OSTINATO_VERSION} (Temporal ${TEMPORAL_VERSION}, Node ${process.versions.node})`;
}

function versionCommand(): Command {
  return new Command('version')
    .description('Print the version')
    .action(() => void process.stdout.write(`${versionText()}\n`));
}
