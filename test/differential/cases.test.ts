// Every program that once showed a difference, with the answers that Temporal gave then: Ostinato gives the same. Needs no Temporal.

import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { Connection } from '@temporalio/client';
import { prepareNamespace } from '../end-to-end/harness/environment.ts';
import { OstinatoServer } from '../end-to-end/harness/server.ts';
import { CASES, type Case, neutral, transcriptDifferences } from './compare.ts';
import { play } from './player/index.ts';
import { SETTINGS } from './settings.ts';

/** Cases at a time: most of a case's time is waiting. */
const CONCURRENCY = 4;

const files = existsSync(CASES) ? readdirSync(CASES).filter((name) => name.endsWith('.json')) : [];

describe('regression cases of the differential suite', { concurrency: CONCURRENCY, skip: files.length === 0 }, () => {
  let server: OstinatoServer | undefined;
  let connection: Connection | undefined;
  before(async () => {
    server = await OstinatoServer.start({ dynamicConfig: SETTINGS });
    connection = await Connection.connect({ address: server.address, interceptors: [] });
    await prepareNamespace(connection);
  });
  after(async () => {
    await connection?.close();
    await server?.stop();
  });

  for (const [index, file] of files.entries()) {
    const name = file.replace(/\.json$/, '');
    test(name.replaceAll('-', ' '), async () => {
      assert.ok(connection);
      const { program, transcript } = JSON.parse(readFileSync(join(CASES, file), 'utf8')) as Case;
      // No case's prefix begins that of another: runs are listed by it.
      const prefix = `case-${process.pid}-${index}`;
      const ours = neutral(await play(connection, program, prefix), prefix);
      assert.deepEqual(transcriptDifferences(program, ours, transcript).found, []);
    });
  }
});
