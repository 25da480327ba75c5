// Configured values of settings before their types are known: from a dynamic configuration file (Temporal's YAML format), from
// the command line, or from a test. JSON, so that they travel to other threads.

import { parse as parseYaml } from 'yaml';
import { isMapping } from '../base/is-mapping.ts';

export interface ValueConstraints {
  readonly namespace?: string;
  readonly taskQueue?: string;
  readonly taskQueueType?: number;
  readonly shardId?: number;
}

export interface ConstrainedValue {
  readonly value: unknown;
  readonly constraints: ValueConstraints;
}

/** By lower-case key. */
export type ConfiguredValues = Readonly<Record<string, readonly ConstrainedValue[]>>;

export interface ParsedValues {
  readonly values: ConfiguredValues;
  /** What cannot be used, one line each. The rest of the file is fine. */
  readonly problems: readonly string[];
  /** The keys, in lower case, that the problems are about. */
  readonly broken: readonly string[];
}

/** temporal.api.enums.v1.TaskQueueType by its names. */
const TASK_QUEUE_TYPES: Readonly<Record<string, number>> = {
  workflow: 1,
  activity: 2,
  nexus: 3,
  task_queue_type_workflow: 1,
  task_queue_type_activity: 2,
  task_queue_type_nexus: 3,
};

/** Throws when the text is no YAML mapping: the whole file is wrong then, and the caller keeps what it had. */
export function parseConfiguredValues(yaml: string): ParsedValues {
  const document: unknown = parseYaml(yaml) ?? {};
  if (!isMapping(document)) throw new Error('the dynamic configuration must be a mapping of keys to lists of values');
  const values: Record<string, ConstrainedValue[]> = {};
  const problems: string[] = [];
  const broken = new Set<string>();
  const refuse = (key: string, problem: string) => {
    problems.push(`${key}: ${problem}`);
    broken.add(key.toLowerCase());
  };
  for (const [key, entries] of Object.entries(document)) {
    if (!Array.isArray(entries)) {
      refuse(key, 'must be a list of { value, constraints }');
      continue;
    }
    const parsed: ConstrainedValue[] = [];
    for (const entry of entries) {
      const result = parseEntry(entry);
      if (typeof result === 'string') refuse(key, result);
      else parsed.push(result);
    }
    values[key.toLowerCase()] = parsed;
  }
  return { values, problems, broken: [...broken] };
}

function parseEntry(entry: unknown): ConstrainedValue | string {
  if (!isMapping(entry) || !('value' in entry)) return 'each entry needs a value';
  const constraints: { -readonly [K in keyof ValueConstraints]: ValueConstraints[K] } = {};
  const given = entry.constraints ?? {};
  if (!isMapping(given)) return 'constraints must be a mapping';
  for (const [name, constraint] of Object.entries(given)) {
    switch (name.toLowerCase()) {
      case 'namespace':
        if (typeof constraint !== 'string') return 'namespace constraint must be string';
        constraints.namespace = constraint;
        break;
      case 'taskqueuename':
        if (typeof constraint !== 'string') return 'taskQueueName constraint must be string';
        constraints.taskQueue = constraint;
        break;
      case 'tasktype': {
        const type = typeof constraint === 'string' ? TASK_QUEUE_TYPES[constraint.toLowerCase()] : constraint;
        if (type !== 1 && type !== 2 && type !== 3) return 'taskType constraint must be Workflow/Activity';
        constraints.taskQueueType = type;
        break;
      }
      case 'shardid':
        if (!Number.isInteger(constraint)) return 'shardID constraint must be integer';
        constraints.shardId = constraint as number;
        break;
      default:
        return `constraint ${name} is not supported`;
    }
  }
  return { value: entry.value, constraints };
}

/** `KEY=JSON` of the command line. */
export function parseAssignment(assignment: string): { readonly key: string; readonly value: unknown } {
  const at = assignment.indexOf('=');
  if (at <= 0) throw new Error(`must be KEY=JSON_VALUE, got ${JSON.stringify(assignment)}`);
  const text = assignment.slice(at + 1);
  try {
    return { key: assignment.slice(0, at), value: JSON.parse(text) };
  } catch (cause) {
    throw new Error(`the value of ${assignment.slice(0, at)} is not JSON: ${text}`, { cause });
  }
}

/** `over` replaces whole keys of `base`. */
export function mergeValues(base: ConfiguredValues, over: ConfiguredValues): ConfiguredValues {
  return { ...base, ...over };
}
