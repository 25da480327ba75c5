import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parse } from 'yaml';
import { ConfigSection } from './config-section.ts';
import { readTls, type StaticTls } from './static-tls.ts';

interface Read {
  readonly tls: StaticTls | undefined;
  readonly notices: readonly string[];
}

/** `text` is the YAML below `global.tls`. */
function read(text: string): Read {
  const root = new ConfigSection({ tls: parse(text) as unknown }, 'global');
  const notices: string[] = [];
  const tls = readTls(root.section('tls'), notices);
  return { tls, notices: [...notices, ...root.unusedKeys()] };
}

const SERVER = 'global.tls.frontend.server';

test('without a certificate nothing is encrypted', () => {
  assert.deepEqual(read(''), { tls: undefined, notices: [] });
  assert.deepEqual(read('refreshInterval: 0s\nfrontend: { server: { certFile: , keyFile: "" } }').tls, undefined);
});

test('files, authorities of clients and the interval are understood', () => {
  const { tls, notices } = read(`
refreshInterval: 1m
frontend:
  server:
    requireClientAuth: true
    certFile: a.pem
    keyFile: a.key
    clientCaFiles: [one.pem, ~, two.pem]
  client: { serverName: here, rootCaFiles: [one.pem] }
`);
  assert.deepEqual(notices, []);
  assert.deepEqual(tls, {
    certificate: { path: `${SERVER}.certFile`, file: 'a.pem' },
    key: { path: `${SERVER}.keyFile`, file: 'a.key' },
    clientAuthorities: [
      { path: `${SERVER}.clientCaFiles`, file: 'one.pem' },
      { path: `${SERVER}.clientCaFiles`, file: 'two.pem' },
    ],
    refreshIntervalMs: 60_000,
  });
});

test('data stands for files, also for one of them only', () => {
  const { tls } = read('frontend: { server: { certData: YQ==, keyFile: a.key } }');
  assert.deepEqual(tls, {
    certificate: { path: `${SERVER}.certData`, base64: 'YQ==' },
    key: { path: `${SERVER}.keyFile`, file: 'a.key' },
    clientAuthorities: undefined,
    refreshIntervalMs: 0,
  });
  const mutual = read(
    'frontend: { server: { certData: YQ==, keyData: Yg==, clientCaData: [Yw==], requireClientAuth: true } }',
  );
  assert.deepEqual(mutual.tls?.clientAuthorities, [{ path: `${SERVER}.clientCaData`, base64: 'Yw==' }]);
});

test('groups that are not in effect are no error: the docker template writes them', () => {
  const { tls, notices } = read(`
refreshInterval: 0s
expirationChecks: { warningWindow: 0s, errorWindow: 0s, checkInterval: 0s }
internode:
  server: { requireClientAuth: false, certFile: , keyFile: , certData: , keyData: }
  client: { serverName: , disableHostVerification: false }
systemWorker: { client: {} }
frontend:
  server: { requireClientAuth: false, certFile: , keyFile: , certData: , keyData: }
  client: { serverName: , disableHostVerification: false }
`);
  assert.equal(tls, undefined);
  assert.deepEqual(notices, []);
});

test('what means less than it says is told', () => {
  const certificate = 'certFile: a.pem, keyFile: a.key';
  assert.deepEqual(read(`frontend: { server: { ${certificate}, clientCaFiles: [c.pem] } }`), {
    tls: {
      certificate: { path: `${SERVER}.certFile`, file: 'a.pem' },
      key: { path: `${SERVER}.keyFile`, file: 'a.key' },
      clientAuthorities: undefined,
      refreshIntervalMs: 0,
    },
    notices: [`${SERVER}.clientCaFiles: clients are not asked for a certificate without requireClientAuth`],
  });
  assert.deepEqual(read('frontend: { server: { clientCaFiles: [c.pem] } }').notices, [
    `${SERVER}.clientCaFiles: nothing uses it without a certificate`,
  ]);
  assert.deepEqual(read(`frontend: { server: { ${certificate}, requireClientAut: true } }`).notices, [
    `${SERVER}.requireClientAut`,
  ]);
});

test('what cannot be meant, and what is not supported, is refused by key', () => {
  const cases: readonly (readonly [string, RegExp])[] = [
    ['frontend: { server: { certFile: a } }', /^global\.tls\.frontend\.server\.keyFile or keyData is required$/],
    ['frontend: { server: { keyData: a } }', /^global\.tls\.frontend\.server\.certFile or certData is required$/],
    [
      'frontend: { server: { certFile: a, certData: b, keyFile: c } }',
      /\.certFile and certData are mutually exclusive$/,
    ],
    ['frontend: { server: { certFile: a, keyFile: b, keyData: c } }', /\.keyFile and keyData are mutually exclusive$/],
    [
      'frontend: { server: { certFile: a, keyFile: b, clientCaFiles: [c], clientCaData: [d] } }',
      /\.clientCaFiles and clientCaData are mutually exclusive$/,
    ],
    [
      'frontend: { server: { certFile: a, keyFile: b, clientCaFiles: c } }',
      /\.clientCaFiles must be a list of strings$/,
    ],
    ['frontend: { server: { requireClientAuth: true } }', /\.requireClientAuth needs a certificate/],
    [
      'frontend: { server: { certFile: a, keyFile: b, requireClientAuth: true, clientCaFiles: [""] } }',
      /\.requireClientAuth needs authorities/,
    ],
    ['frontend: { hostOverrides: { a.example: {} } }', /^global\.tls\.frontend\.hostOverrides is not supported yet/],
    ['internode: { server: { certFile: a } }', /^global\.tls\.internode is not supported/],
    ['internode: { client: { rootCaFiles: [a] } }', /^global\.tls\.internode is not supported/],
    ['internode: { hostOverrides: { a: {} } }', /^global\.tls\.internode\.hostOverrides is not supported/],
    ['systemWorker: { certFile: a }', /^global\.tls\.systemWorker is not supported/],
    ['systemWorker: { client: { forceTLS: true } }', /^global\.tls\.systemWorker is not supported/],
    ['remoteClusters: { b: {} }', /^global\.tls\.remoteClusters is not supported yet/],
    ['expirationChecks: { checkInterval: 1h }', /^global\.tls\.expirationChecks\.checkInterval is not supported yet/],
    ['refreshInterval: -1s', /^global\.tls\.refreshInterval must not be negative$/],
    ['refreshInterval: often', /^global\.tls\.refreshInterval must be a duration such as 10s$/],
  ];
  for (const [text, message] of cases) assert.throws(() => read(text), { name: 'ConfigError', message }, text);
});
