// Tells an operator which configured values nobody reads or nobody can use. Main loop, once all threads said what they declare.

import type { ConfiguredValues } from './configured-values.ts';
import type { SettingDeclaration } from './dynamic-config.ts';
import { convertValue } from './setting-values.ts';

const SCOPE_OF_CONSTRAINT: Readonly<Record<string, readonly SettingDeclaration['scope'][]>> = {
  namespace: ['namespace', 'taskQueue'],
  taskQueue: ['taskQueue'],
  taskQueueType: ['taskQueue'],
  shardId: ['shard'],
};

/** One line per problem. */
export function checkValues(values: ConfiguredValues, declarations: readonly SettingDeclaration[]): readonly string[] {
  const byKey = new Map(declarations.map((declaration) => [declaration.key.toLowerCase(), declaration]));
  const problems: string[] = [];
  for (const [key, entries] of Object.entries(values)) {
    const declaration = byKey.get(key);
    if (declaration === undefined) {
      problems.push(`${key}: unknown key, nothing reads it`);
      continue;
    }
    for (const { value, constraints } of entries) {
      if (convertValue(declaration, value) === undefined) {
        const type = declaration.type === 'durationMs' ? 'duration' : declaration.type;
        problems.push(`${declaration.key}: ${JSON.stringify(value)} is no ${type}, the last good value stays`);
      }
      for (const name of Object.keys(constraints)) {
        if (!SCOPE_OF_CONSTRAINT[name]!.includes(declaration.scope)) {
          problems.push(`${declaration.key}: cannot be set per ${name}, this entry is never used`);
        }
      }
    }
  }
  return problems;
}
