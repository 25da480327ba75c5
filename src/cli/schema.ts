// `ostinato schema describe | setup | update`: the versions of a store's tables. A server that is started with a configuration
// file refuses a schema that is not the newest; this is how an operator brings it there.

import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { Command, Option } from 'commander';
import { createSchemaAdmin, type SchemaAdmin, type SchemaStatus, type StoreDescription } from '../persistence/index.ts';
import { FatalError } from './fatal.ts';

interface StoreFlags {
  readonly dbFilename?: string;
  readonly databaseUrl?: string;
}

export function schemaCommand(): Command {
  return new Command('schema')
    .description("Show, create or upgrade a store's tables")
    .addCommand(
      storeCommand('describe', 'Show the stored versions and what an update would do', async (admin) => {
        print(await admin.describe());
      }),
    )
    .addCommand(
      storeCommand('setup', 'Create the tables of a new store', async (admin) => {
        await admin.setup();
        print(await admin.describe());
      }),
    )
    .addCommand(
      storeCommand('update', 'Raise the tables to the newest version, their data kept', async (admin, flags) => {
        if (flags.dbFilename !== undefined && !existsSync(flags.dbFilename)) {
          throw new FatalError(`${flags.dbFilename} does not exist`);
        }
        await admin.update();
        print(await admin.describe());
      }),
    );
}

function storeCommand(
  name: string,
  description: string,
  action: (admin: SchemaAdmin, flags: StoreFlags) => Promise<void>,
): Command {
  return new Command(name)
    .description(description)
    .option('-f, --db-filename <path>', 'main file of an embedded store')
    .addOption(new Option('--database-url <url>', 'a PostgreSQL database').conflicts('dbFilename'))
    .action(async (flags: StoreFlags) => {
      const { visibilitySchemas } = await import('../visibility/schemas.ts');
      await action(await createSchemaAdmin(storeOf(flags), visibilitySchemas), flags);
    });
}

function storeOf({ dbFilename, databaseUrl }: StoreFlags): StoreDescription {
  if (dbFilename !== undefined) return { kind: 'sqlite', path: resolve(dbFilename), pragmas: {} };
  if (databaseUrl === undefined) throw new FatalError('name the store: --db-filename or --database-url');
  if (!URL.canParse(databaseUrl) || !/^postgres(ql)?:\/\//.test(databaseUrl)) {
    throw new FatalError('--database-url must be a URL that begins with postgres://');
  }
  return { kind: 'postgres', url: databaseUrl, maxConnections: 1 };
}

function print(statuses: readonly SchemaStatus[]): void {
  if (statuses.length === 0) process.stdout.write('nothing is there yet\n');
  for (const { location, state, storedVersion, newestVersion, pending } of statuses) {
    process.stdout.write(`${location}: ${state}, version ${storedVersion ?? 'none'} of ${newestVersion}\n`);
    for (const { version, summary } of pending) process.stdout.write(`  pending ${version}: ${summary}\n`);
  }
}
