import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { silentLogger } from '../metrics/logger.ts';
import { checkValues } from './check-values.ts';
import { type ConfiguredValues, parseAssignment, parseConfiguredValues } from './configured-values.ts';
import { parseDurationMs } from './duration.ts';
import { declaredSettings, defineSetting } from './dynamic-config.ts';
import { DynamicConfigFile } from './dynamic-config-file.ts';
import { withLastGood } from './last-good.ts';
import { SettingValues } from './setting-values.ts';

const RPS = defineSetting({ key: 'test.namespaceRps', type: 'int', scope: 'namespace', defaultValue: 2400 });
const QUEUE = defineSetting({ key: 'test.partitions', type: 'int', scope: 'taskQueue', defaultValue: 4 });
const INTERVAL = defineSetting({ key: 'test.interval', type: 'durationMs', scope: 'shard', defaultValue: 1_000 });
const SWITCH = defineSetting({ key: 'test.enable', type: 'bool', scope: 'global', defaultValue: false });

function valuesOf(yaml: string): ConfiguredValues {
  const { values, problems } = parseConfiguredValues(yaml);
  assert.deepEqual(problems, []);
  return values;
}

test('what is not configured has its default', () => {
  const config = new SettingValues();
  assert.equal(config.get(RPS, { namespace: 'one' }), 2400);
});

test('keys are found whatever their case', () => {
  const config = new SettingValues(valuesOf('TEST.NAMESPACErps:\n  - value: 5\n'));
  assert.equal(config.get(RPS), 5);
});

test('the most specific constraints win, in the order of Temporal', () => {
  const config = new SettingValues(
    valuesOf(`
test.partitions:
  - value: 1
  - value: 2
    constraints: { namespace: one }
  - value: 3
    constraints: { taskQueueName: queue }
  - value: 5
    constraints: { namespace: one, taskQueueName: queue, taskType: Activity }
  - value: 4
    constraints: { namespace: one, taskQueueName: queue }
`),
  );
  assert.equal(config.get(QUEUE), 1);
  assert.equal(config.get(QUEUE, { namespace: 'one' }), 2);
  assert.equal(config.get(QUEUE, { namespace: 'two', taskQueue: 'queue' }), 3);
  assert.equal(config.get(QUEUE, { namespace: 'one', taskQueue: 'queue', taskQueueType: 1 }), 4);
  assert.equal(config.get(QUEUE, { namespace: 'one', taskQueue: 'queue', taskQueueType: 2 }), 5);
});

test('durations are Go strings or seconds', () => {
  const config = new SettingValues(
    valuesOf('test.interval:\n  - value: 1m30s\n  - value: 2\n    constraints: { shardId: 3 }\n'),
  );
  assert.equal(config.get(INTERVAL, { shardId: 1 }), 90_000);
  assert.equal(config.get(INTERVAL, { shardId: 3 }), 2_000);
  assert.equal(parseDurationMs('1.5h'), 5_400_000);
  assert.equal(parseDurationMs('7d'), 604_800_000);
  assert.equal(parseDurationMs('250ms'), 250);
  assert.equal(parseDurationMs('-1s'), -1_000);
  assert.equal(parseDurationMs('10'), 10_000);
  for (const wrong of ['', 's', '1x', '1s ago', true, null, '--1s']) assert.equal(parseDurationMs(wrong), undefined);
});

test('a value of the wrong type keeps the last good one, and another key is not touched', () => {
  const config = new SettingValues(valuesOf('test.namespaceRps:\n  - value: 7\n'));
  assert.equal(config.get(RPS), 7);
  assert.equal(config.get(SWITCH), false);
  config.replace(valuesOf('test.namespaceRps:\n  - value: many\ntest.enable:\n  - value: "true"\n'));
  assert.equal(config.get(RPS), 7);
  assert.equal(config.get(SWITCH), true);
  config.replace({});
  assert.equal(config.get(RPS), 2400);
});

test('of a new configuration that is partly wrong, the wrong keys stay as they were', () => {
  const lastGood = valuesOf(
    'test.namespaceRps: [{ value: 7 }]\ntest.interval: [{ value: 5s }]\ntest.enable: [{ value: true }]',
  );
  const next = parseConfiguredValues(
    'test.namespaceRps: 9\ntest.interval: [{ value: soon }]\ntest.partitions: [{ value: x }]',
  );
  const inForce = withLastGood(next, lastGood, declaredSettings());
  assert.deepEqual(Object.keys(inForce).sort(), ['test.interval', 'test.namespacerps']);
  // Nobody asked for these before: what they were is known all the same.
  const config = new SettingValues(inForce);
  assert.equal(config.get(RPS), 7);
  assert.equal(config.get(INTERVAL), 5_000);
  assert.equal(config.get(QUEUE), 4);
  assert.equal(config.get(SWITCH), false);
});

test('an operator hears of unknown keys, wrong types and constraints that are never used', () => {
  const values = valuesOf(`
test.nameSpaceRPS: [{ value: 1.5 }]
nobody.knows: [{ value: 1 }]
test.enable: [{ value: true, constraints: { namespace: one } }]
`);
  assert.deepEqual(checkValues(values, declaredSettings()), [
    'test.namespaceRps: 1.5 is no int, the last good value stays',
    'nobody.knows: unknown key, nothing reads it',
    'test.enable: cannot be set per namespace, this entry is never used',
  ]);
});

test('a broken entry is told and the rest of the file is used', () => {
  const { values, problems, broken } = parseConfiguredValues(
    'a: 5\nb:\n  - value: 1\n  - constraints: {}\n  - value: 2\n    constraints: { planet: x }\n',
  );
  assert.deepEqual(problems, [
    'a: must be a list of { value, constraints }',
    'b: each entry needs a value',
    'b: constraint planet is not supported',
  ]);
  assert.deepEqual(values, { b: [{ value: 1, constraints: {} }] });
  assert.deepEqual(broken, ['a', 'b']);
});

test('an assignment of the command line is KEY=JSON', () => {
  assert.deepEqual(parseAssignment('a.b="x=y"'), { key: 'a.b', value: 'x=y' });
  assert.deepEqual(parseAssignment('a.b=3'), { key: 'a.b', value: 3 });
  assert.throws(() => parseAssignment('a.b'), /KEY=JSON/);
  assert.throws(() => parseAssignment('a.b=x'), /not JSON/);
});

test('a changed file is read at the next poll; a broken one leaves what was there', () => {
  const directory = mkdtempSync(join(tmpdir(), 'ostinato-config-'));
  const path = join(directory, 'dynamic.yaml');
  let poll = () => {};
  const clock = {
    after: (_delayMs: number, callback: () => void) => {
      poll = callback;
      return { cancel() {} };
    },
  };
  let seconds = 1_000;
  const write = (text: string) => {
    writeFileSync(path, text);
    seconds += 1;
    utimesSync(path, seconds, seconds);
  };
  const seen: ConfiguredValues[] = [];
  const file = new DynamicConfigFile({ path, clock, logger: silentLogger, changed: ({ values }) => seen.push(values) });
  try {
    write('a: [{ value: 1 }]');
    assert.deepEqual(file.start().values, { a: [{ value: 1, constraints: {} }] });
    poll();
    assert.equal(seen.length, 0);
    write('a: [{ value: 2 }]');
    poll();
    assert.deepEqual(seen, [{ a: [{ value: 2, constraints: {} }] }]);
    write('a: [');
    poll();
    rmSync(path);
    poll();
    assert.equal(seen.length, 1);
  } finally {
    file.stop();
    rmSync(directory, { recursive: true });
  }
});
