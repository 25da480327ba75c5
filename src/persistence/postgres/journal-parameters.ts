// Statements of the journal and their parameters, in the order of the functions' signatures in schema/v4.ts. Any thread; pure.

import type { FoldedShard } from '../folded-commit.ts';
import type { JournalPosition, NewEntry } from '../journal/journal-backend.ts';
import { ArrayLiteral, toStoredText } from './array-literal.ts';
import type { Parameter } from './client.ts';
import { commitCall } from './commit-parameters.ts';

const ENTRY_TYPES = ['integer', 'bigint', 'bigint', 'bytea', 'text', 'text', 'text', 'boolean', 'text'];

/** By number of entries. */
const appendStatements: string[] = [];

/** One statement is one transaction. */
export function appendStatement(entries: number): string {
  appendStatements[entries] ??= `SELECT ${Array.from({ length: entries }, (_, index) =>
    call('ostinato_append_entry_v1', ENTRY_TYPES, index * ENTRY_TYPES.length),
  ).join(', ')}`;
  return appendStatements[entries];
}

export function entryParameters({ shardId, rangeId, sequence, data, conditions }: NewEntry): Parameter[] {
  const position = [shardId, rangeId, sequence, data];
  if (conditions === undefined) return [...position, null, null, null, null, null];
  const { key, run, currentRunId } = conditions;
  return [
    ...position,
    ...[toStoredText(key.namespaceId), toStoredText(key.workflowId), toStoredText(key.runId)],
    run === undefined ? null : run === 'present',
    currentRunId === undefined ? null : toStoredText(currentRunId),
  ];
}

const POSITION_TYPES = ['integer[]', 'bigint[]', 'bigint[]'];
const INFO_TYPES = ['integer[]', 'bytea[]'];

export const TAKE_ENTRIES = call('ostinato_take_entries_v1', POSITION_TYPES, 0);
export const PUT_INFOS = call('ostinato_put_shard_infos_v1', INFO_TYPES, 0);

/** Entries are taken first, the rows of shards, which commits wait for, are written last. */
export const COMMIT_WITH_ENTRIES_STATEMENT = `SELECT ${TAKE_ENTRIES},
  ${commitCall(POSITION_TYPES.length + INFO_TYPES.length)},
  ${call('ostinato_put_shard_infos_v1', INFO_TYPES, POSITION_TYPES.length)}`;

export function positionParameters(positions: readonly JournalPosition[]): string[] {
  const [shardIds, rangeIds, sequences] = [new ArrayLiteral(), new ArrayLiteral(), new ArrayLiteral()];
  for (const { shardId, rangeId, sequence } of positions) {
    shardIds.number(shardId);
    rangeIds.number(rangeId);
    sequences.number(sequence);
  }
  return [String(shardIds), String(rangeIds), String(sequences)];
}

export function infoParameters(shards: readonly FoldedShard[]): string[] {
  const [shardIds, infos] = [new ArrayLiteral(), new ArrayLiteral()];
  for (const { shardId, shardInfo } of shards) {
    shardIds.number(shardId);
    if (shardInfo === undefined) infos.null();
    else infos.bytes(shardInfo);
  }
  return [String(shardIds), String(infos)];
}

function call(name: string, types: readonly string[], parametersBefore: number): string {
  return `${name}(${types.map((type, index) => `$${parametersBefore + index + 1}::${type}`).join(', ')})`;
}
