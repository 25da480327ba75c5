// The rules of schema versions.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { admitSchema, describeSchema, newestVersion, pendingSteps, type SchemaStep } from './schema-version.ts';
import { SchemaVersionError } from './store-errors.ts';

const step = (version: number, minCompatibleVersion = 1): SchemaStep => ({
  version,
  minCompatibleVersion,
  summary: `step ${version}`,
  statements: [],
});
const steps = [step(1), step(2), step(3)];
const stored = (currentVersion: number, minCompatibleVersion = 1) => ({ currentVersion, minCompatibleVersion });

describe('schema versions', () => {
  test('a missing schema is created in any case, with all steps', () => {
    const status = describeSchema('x', steps, undefined);
    assert.equal(status.state, 'missing');
    assert.deepEqual(
      status.pending.map(({ version }) => version),
      [1, 2, 3],
    );
    assert.equal(admitSchema(status, { upgrade: false }), 'apply');
  });

  test('the newest version is ready', () => {
    const status = describeSchema('x', steps, stored(3));
    assert.equal(status.state, 'current');
    assert.deepEqual(status.pending, []);
    assert.equal(admitSchema(status, { upgrade: false }), 'ready');
  });

  test('an older version is raised on request only, and the refusal says how', () => {
    const status = describeSchema('x', steps, stored(1));
    assert.equal(status.state, 'outdated');
    assert.deepEqual(
      pendingSteps(steps, stored(1)).map(({ version }) => version),
      [2, 3],
    );
    assert.equal(admitSchema(status, { upgrade: true }), 'apply');
    assert.throws(
      () => admitSchema(status, { upgrade: false }),
      (error) => {
        assert.ok(error instanceof SchemaVersionError);
        assert.match(error.message, /x: schema version 1 is older than this program's 3; run `ostinato schema update`/);
        return true;
      },
    );
  });

  test('a newer version that allows this program is ready: a rolling upgrade', () => {
    const status = describeSchema('x', steps, stored(5, 3));
    assert.equal(status.state, 'newer');
    assert.equal(admitSchema(status, { upgrade: true }), 'ready');
  });

  test('a newer version that excludes this program is refused, upgrade or not', () => {
    const status = describeSchema('x', steps, stored(5, 4));
    assert.equal(status.state, 'incompatible');
    for (const upgrade of [false, true]) assert.throws(() => admitSchema(status, { upgrade }), SchemaVersionError);
  });

  test('steps are numbered from 1 without a gap', () => {
    assert.equal(newestVersion(steps), 3);
    assert.throws(() => newestVersion([step(1), step(3)]));
  });
});
