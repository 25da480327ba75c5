// `ostinato schema` as a user runs it.

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { startPostgres, type TestPostgres } from '../../test/support/postgres.ts';

const MAIN = join(import.meta.dirname, '..', 'main.js');

function ostinato(...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  return new Promise((resolve) => {
    execFile(process.execPath, [MAIN, ...args], (error, stdout, stderr) => {
      resolve({ code: typeof error?.code === 'number' ? error.code : 0, stdout, stderr });
    });
  });
}

describe('ostinato schema', () => {
  let directory: string;
  let postgres: TestPostgres;
  before(async () => {
    directory = mkdtempSync(join(tmpdir(), 'ostinato-schema-cli-'));
    postgres = await startPostgres();
  });
  after(async () => {
    rmSync(directory, { recursive: true });
    await postgres?.stop();
  });

  test('an embedded store is described, set up, and described again', async () => {
    const path = join(directory, 'data.db');
    const missing = await ostinato('schema', 'describe', '--db-filename', path);
    assert.deepEqual(missing, { code: 0, stdout: 'nothing is there yet\n', stderr: '' });
    const setup = await ostinato('schema', 'setup', '--db-filename', path);
    assert.equal(setup.code, 0, setup.stderr);
    const described = await ostinato('schema', 'describe', '--db-filename', path);
    assert.equal(described.stdout, setup.stdout);
    assert.deepEqual(
      described.stdout.trimEnd().split('\n'),
      ['-matching', '', '-visibility'].map((suffix) => `${path}${suffix}: current, version 1 of 1`),
    );
  });

  test('a PostgreSQL database is described without being created, set up and updated', async () => {
    const missing = await ostinato('schema', 'describe', '--database-url', postgres.url);
    assert.match(missing.stdout, /\(core\): missing, version none of 4\n {2}pending 1: shards/);
    assert.doesNotMatch(missing.stdout, /:postgres@/);
    const setup = await ostinato('schema', 'setup', '--database-url', postgres.url);
    assert.equal(setup.code, 0, setup.stderr);
    const updated = await ostinato('schema', 'update', '--database-url', postgres.url);
    assert.equal(updated.stdout, setup.stdout);
    assert.match(updated.stdout, /\(core\): current, version 4 of 4\n.*\(visibility\): current/);
  });

  test('a store that is not named or not there is one line and exit code 1', async () => {
    const cases: [string[], RegExp][] = [
      [['describe'], /^error: name the store: --db-filename or --database-url\n$/],
      [
        ['setup', '--database-url', 'mysql://x'],
        /^error: --database-url must be a URL that begins with postgres:\/\/\n$/,
      ],
      [['update', '--db-filename', join(directory, 'absent.db')], /^error: .*absent\.db does not exist\n$/],
      [
        ['setup', '--database-url', 'postgres://a:secret@127.0.0.1:1/x'],
        /^error: PostgreSQL at postgres:\/\/a@127\.0\.0\.1:1\/x: .*ECONNREFUSED.*\n$/,
      ],
    ];
    for (const [args, message] of cases) {
      const { code, stderr, stdout } = await ostinato('schema', ...args);
      assert.equal(code, 1);
      assert.equal(stdout, '');
      assert.match(stderr, message);
    }
  });
});
