// What a scenario file runs against: a server (an own Ostinato, or the one that OSTINATO_E2E_TARGET names), connections to it,
// and the namespace and search attributes that the scenarios use.

import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { Client, Connection } from '@temporalio/client';
import { duration, enums, type OperatorService, type WorkflowService } from './api.ts';
import { DYNAMIC_CONFIG } from './dynamic-config.ts';
import { startPostgres, type TestPostgres } from './postgres.ts';
import { OstinatoServer } from './server.ts';
import { waitUntil } from './wait-until.ts';

export const NAMESPACE = 'default';

const { IndexedValueType } = enums;

/** Custom search attributes of the suite, registered in the namespace before the first scenario. */
export const SEARCH_ATTRIBUTES = {
  E2eKeyword: IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD,
  E2eText: IndexedValueType.INDEXED_VALUE_TYPE_TEXT,
  E2eInt: IndexedValueType.INDEXED_VALUE_TYPE_INT,
  E2eDouble: IndexedValueType.INDEXED_VALUE_TYPE_DOUBLE,
  E2eBool: IndexedValueType.INDEXED_VALUE_TYPE_BOOL,
  E2eDatetime: IndexedValueType.INDEXED_VALUE_TYPE_DATETIME,
  E2eKeywordList: IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD_LIST,
} as const;

export interface Environment {
  readonly address: string;
  readonly namespace: string;
  /** Without retries, so that a scenario sees each answer as it was. */
  readonly connection: Connection;
  readonly service: WorkflowService;
  readonly operator: OperatorService;
  readonly client: Client;
  /** Set when this process started the server. */
  readonly server: OstinatoServer | undefined;
  /** Short, and different in every process. */
  readonly unique: string;
  stop(): Promise<void>;
}

export async function openEnvironment(): Promise<Environment> {
  const target = process.env.OSTINATO_E2E_TARGET;
  let postgres: TestPostgres | undefined;
  let server: OstinatoServer | undefined;
  if (!target) {
    postgres = process.env.OSTINATO_E2E_STORE === 'postgres' ? await startPostgres() : undefined;
    server = await OstinatoServer.start({ databaseUrl: postgres?.url, dynamicConfig: DYNAMIC_CONFIG });
  }
  const address = target ?? server?.address ?? '';
  const connection = await Connection.connect({ address, interceptors: [] });
  await prepareNamespace(connection);
  return {
    address,
    namespace: NAMESPACE,
    connection,
    service: connection.workflowService,
    operator: connection.operatorService,
    client: new Client({ connection, namespace: NAMESPACE }),
    server,
    unique: randomBytes(4).toString('hex'),
    async stop() {
      await connection.close();
      const ended = await server?.stop();
      await postgres?.stop();
      if (ended) assert.equal(ended.exitCode, 0, `the server ended with ${ended.exitCode}:\n${server?.log}`);
    },
  };
}

export async function prepareNamespace(connection: Connection): Promise<void> {
  const { workflowService, operatorService } = connection;
  try {
    await workflowService.describeNamespace({ namespace: NAMESPACE });
  } catch {
    await workflowService.registerNamespace({
      namespace: NAMESPACE,
      workflowExecutionRetentionPeriod: duration(86_400_000),
    });
  }
  await waitUntil(
    async () => {
      const known = await operatorService.listSearchAttributes({ namespace: NAMESPACE });
      const missing = Object.entries(SEARCH_ATTRIBUTES).filter(([name]) => !(name in known.customAttributes));
      if (missing.length === 0) return true;
      await operatorService.addSearchAttributes({
        namespace: NAMESPACE,
        searchAttributes: Object.fromEntries(missing),
      });
      return false;
    },
    'the search attributes',
    20_000,
  );
  await waitUntil(
    () => workflowService.listWorkflowExecutions({ namespace: NAMESPACE, query: 'E2eKeyword = "x" AND E2eInt = 1' }),
    'a namespace that answers',
    30_000,
  );
}
