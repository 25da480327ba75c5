// `ostinato start` as a process, from static YAML.

import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { Connection } from '@temporalio/client';
import { ServerProcess } from './server-process.ts';

const folder = mkdtempSync(join(tmpdir(), 'ostinato-start-'));
after(() => rmSync(folder, { recursive: true, force: true }));

/** The development configuration on free ports, with its data here. */
function writeConfig(name: string, change: (text: string) => string = (text) => text): void {
  const text = readFileSync(join(import.meta.dirname, '../../config/development.yaml'), 'utf8')
    .replace('127.0.0.1:8000', '127.0.0.1:0')
    .replace('grpcPort: 7233', 'grpcPort: 0')
    .replace('data/ostinato.db', join(folder, `${name}.db`))
    .replace('config/dynamicconfig/development.yaml', join(folder, 'dynamic.yaml'));
  writeFileSync(join(folder, 'dynamic.yaml'), '{}\n');
  writeFileSync(join(folder, `${name}.yaml`), change(text));
}

test('a server starts from static configuration, keeps its data, and ends with 0', async () => {
  writeConfig('whole');
  for (const round of [1, 2]) {
    const server = new ServerProcess(['start', '--config', folder, '--env', 'whole'], {
      SERVICES: 'frontend,history,matching,worker',
    });
    const connection = await Connection.connect({ address: await server.ready() });
    try {
      if (round === 1) {
        await connection.workflowService.registerNamespace({
          namespace: 'mine',
          workflowExecutionRetentionPeriod: { seconds: 86_400 as never },
        });
      }
      const { namespaceInfo } = await connection.workflowService.describeNamespace({ namespace: 'mine' });
      assert.equal(namespaceInfo?.name, 'mine');
    } finally {
      await connection.close();
    }
    const { code, stderr } = await server.stop('SIGINT');
    assert.equal(code, 0, stderr);
    for (const line of stderr.trim().split('\n')) assert.equal(typeof JSON.parse(line).msg, 'string');
  }
});

test('what is wrong is one line that names the key, and exit code 1', async () => {
  writeConfig('wrong', (text) => text.replace('pluginName: sqlite', 'pluginName: mysql8'));
  writeConfig('level', (text) => text.replace('level: info', 'level: loud'));
  const cases: readonly (readonly [readonly string[], Record<string, string>, RegExp])[] = [
    [['--env', 'wrong'], {}, /^error: persistence\.datastores\.default\.sql\.pluginName must be sqlite or postgres12/],
    [['--env', 'level'], {}, /^error: log\.level: It must be one of debug/],
    [['--env', 'missing'], {}, /^error: there is no base\.yaml or missing\.yaml in /],
    [
      ['--env', 'level'],
      { SERVICES: 'history' },
      /^error: running without frontend, matching, worker is not supported/,
    ],
    [['--service', 'frontend', '--service', 'cook'], {}, /There is no service cook/],
  ];
  for (const [flags, environment, expected] of cases) {
    const { code, stderr } = await new ServerProcess(['start', '--config', folder, ...flags], environment).ended();
    assert.equal(code, 1);
    assert.match(stderr, expected);
    assert.equal(stderr.trimEnd().split('\n').length, 1, stderr);
  }
});
