import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { loadConfigFiles } from './config-files.ts';
import { readStaticConfig } from './static-config.ts';
import { renderTemplate } from './template.ts';

const PROJECT = join(import.meta.dirname, '../..');
const load = (environment: string, variables: Record<string, string> = {}) =>
  readStaticConfig(loadConfigFiles({ folder: join(PROJECT, 'config'), environment }, variables).values);

/** The development file with something else in it, at a dotted path. */
function changed(path: string, value: unknown): Record<string, unknown> {
  const { values } = loadConfigFiles({ folder: join(PROJECT, 'config'), environment: 'development' }, {});
  const copy = structuredClone(values) as Record<string, unknown>;
  const keys = path.split('.');
  let at = copy;
  for (const key of keys.slice(0, -1)) {
    at[key] ??= {};
    at = at[key] as Record<string, unknown>;
  }
  at[keys.at(-1)!] = value;
  return copy;
}

test('the files that come with the server are understood without a notice', () => {
  const development = load('development');
  assert.deepEqual(development.notices, []);
  assert.deepEqual(development.store, { kind: 'sqlite', path: 'data/ostinato.db', pragmas: {} });
  assert.deepEqual(development.frontend, { host: '127.0.0.1', grpcPort: 7233, httpPort: undefined });
  assert.deepEqual(development.metricsAddress, { host: '127.0.0.1', port: 8000 });
  assert.equal(development.dynamicConfig.pollIntervalMs, 10_000);
});

test('a template takes its values from the environment', () => {
  const config = load('postgres', {
    POSTGRES_SEEDS: 'db.example',
    DB_PORT: '6543',
    POSTGRES_USER: 'me',
    POSTGRES_PWD: 'p@ss"word',
    NUM_HISTORY_SHARDS: '512',
    SQL_TLS_ENABLED: 'true',
  });
  assert.equal(config.shardCount, 512);
  assert.ok(config.store.kind === 'postgres');
  const url = new URL(config.store.url);
  assert.equal(decodeURIComponent(url.password), 'p@ss"word');
  assert.equal(url.host, 'db.example:6543');
  assert.equal(url.searchParams.get('sslmode'), 'require');
  assert.deepEqual(config.notices, []);
});

test('errors name the key', () => {
  const cases: readonly (readonly [string, unknown, string])[] = [
    ['persistence.numHistoryShards', undefined, 'persistence.numHistoryShards is required'],
    ['persistence.numHistoryShards', 'many', 'persistence.numHistoryShards must be a whole number from 1 to 1000000'],
    ['persistence.defaultStore', 'other', 'persistence.defaultStore names other, which is not in datastores'],
    [
      'persistence.datastores.default.sql.pluginName',
      'mysql8',
      'persistence.datastores.default.sql.pluginName must be sqlite or postgres12, not mysql8',
    ],
    [
      'persistence.datastores.default',
      { cassandra: {} },
      'persistence.datastores.default.cassandra is not supported: use sql with sqlite or postgres12',
    ],
    ['services.frontend.rpc.grpcPort', 70_000, 'services.frontend.rpc.grpcPort must be a whole number from 0 to 65535'],
    [
      'services.frontend.rpc.bindOnIP',
      '1.2.3.4',
      'services.frontend.rpc.bindOnIP and bindOnLocalHost are mutually exclusive',
    ],
    ['global.authorization', { authorizer: 'default' }, 'global.authorization is not supported yet'],
    [
      'global.metrics.prometheus.listenAddress',
      'here',
      'global.metrics.prometheus.listenAddress must be host:port, not here',
    ],
    [
      'clusterMetadata.currentClusterName',
      'b',
      'clusterMetadata.currentClusterName names b, which is not in clusterInformation',
    ],
    [
      'clusterMetadata.clusterInformation.b',
      {},
      'clusterMetadata.clusterInformation.b is another cluster: replication is not supported yet',
    ],
    ['dynamicConfigClient.pollInterval', 'often', 'dynamicConfigClient.pollInterval must be a duration such as 10s'],
    ['services', [], 'services must be a mapping'],
  ];
  for (const [path, value, message] of cases) {
    assert.throws(() => readStaticConfig(changed(path, value)), { name: 'ConfigError', message });
  }
});

test('what does not take effect is told', () => {
  assert.deepEqual(readStaticConfig(changed('services.frontend.rpc.grpcPrt', 1)).notices, [
    'services.frontend.rpc.grpcPrt: unknown key, nothing reads it',
  ]);
  assert.deepEqual(readStaticConfig(changed('archival.history.state', 'enabled')).notices, [
    'archival.history.state: archival is not supported yet',
  ]);
});

test('later files win over earlier ones, key by key', () => {
  const folder = mkdtempSync(join(tmpdir(), 'ostinato-static-'));
  try {
    writeFileSync(join(folder, 'base.yaml'), 'a: { b: 1, c: 2 }\nd: [1]\n');
    writeFileSync(join(folder, 'test.yaml'), 'a: { c: 3 }\nd: [2]\n');
    writeFileSync(join(folder, 'test_here.yaml'), 'a: { e: 4 }\n');
    const { values } = loadConfigFiles({ folder, environment: 'test', zone: 'here' }, {});
    assert.deepEqual(values, { a: { b: 1, c: 3, e: 4 }, d: [2] });
    writeFileSync(join(folder, 'broken.yaml'), 'a: [');
    assert.throws(() => loadConfigFiles({ folder, environment: 'broken' }, {}), /broken\.yaml: /);
    assert.throws(
      () => loadConfigFiles({ file: join(folder, 'none.yaml'), folder, environment: '' }, {}),
      /none\.yaml/,
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('templates: conditions, variables, pipes and both orders of default', () => {
  const template = `{{- $db := default .Env.DB "sqlite" | lower -}}
{{- if eq $db "sqlite" "memory" }}
a: {{ $db }}
{{- else if eq $db "postgres" }}
b: {{ env "USER" | quote }}
{{- else }}
c: {{ default "none" (env "MISSING") }}
{{- if not (env "MISSING") }}
d: {{ .Env.USER }}
{{- end }}
{{- end }}
`;
  assert.equal(renderTemplate(template, {}), '\na: sqlite\n');
  assert.equal(renderTemplate(template, { DB: 'POSTGRES', USER: 'a"b' }), '\nb: "a\\"b"\n');
  assert.equal(renderTemplate(template, { DB: 'x', USER: 'me' }), '\nc: none\nd: me\n');
  assert.throws(() => renderTemplate('x\n{{ range . }}', {}), /line 2: \{\{ range \. \}\} is not supported here/);
  assert.throws(() => renderTemplate('{{ shout "x" }}', {}), /calls shout, which is not supported/);
  assert.throws(() => renderTemplate('{{ if true }}', {}), /has no end/);
  assert.throws(() => renderTemplate('{{ fail "no database" }}', {}), /no database/);
});
