// Parsers of flag values, for commander: what is wrong with a value is said in one line; and the flags that commands share.

import { InvalidArgumentError, Option } from 'commander';
import { type ConfiguredValues, parseAssignment } from '../config/configured-values.ts';
import type { LogFormat } from '../metrics/log-output.ts';
import type { LogLevel } from '../metrics/thread-logger.ts';

export function portNumber(text: string): number {
  const port = Number(text);
  if (!/^\d+$/.test(text) || port > 65_535) throw new InvalidArgumentError('It must be a port from 0 to 65535.');
  return port;
}

/** As the UI's page gets it: '' or with a slash before and none after. What may stand in it needs no escaping anywhere. */
export function publicPath(text: string): string {
  const path = text.replace(/^\/*/, '/').replace(/\/+$/, '');
  if (!/^(?:\/[\w.~-]+)*$/.test(path)) throw new InvalidArgumentError('It must be a path such as /temporal.');
  return path;
}

export function countFrom1(text: string): number {
  const count = Number(text);
  if (!/^\d+$/.test(text) || count < 1) throw new InvalidArgumentError('It must be a whole number of at least 1.');
  return count;
}

export function listOf(text: string, previous: readonly string[] | undefined): readonly string[] {
  return [...(previous ?? []), text];
}

/** `never` is Temporal's word for silence. */
const LEVELS: Readonly<Record<string, LogLevel>> = {
  debug: 'debug',
  info: 'info',
  warn: 'warn',
  error: 'error',
  never: 'silent',
};

export function logLevel(text: string): LogLevel {
  const level = LEVELS[text.toLowerCase()];
  if (level === undefined) throw new InvalidArgumentError(`It must be one of ${Object.keys(LEVELS).join(', ')}.`);
  return level;
}

export function logFormat(text: string): LogFormat {
  const format = text.toLowerCase();
  if (format === 'json') return 'json';
  if (format === 'text' || format === 'pretty') return 'pretty';
  throw new InvalidArgumentError('It must be text or json.');
}

export function dynamicConfigValue(text: string, previous: ConfiguredValues | undefined): ConfiguredValues {
  try {
    const { key, value } = parseAssignment(text);
    return { ...previous, [key.toLowerCase()]: [{ value, constraints: {} }] };
  } catch (error) {
    throw new InvalidArgumentError((error as Error).message);
  }
}

/** temporal.api.enums.v1.IndexedValueType by the names that the temporal CLI takes. */
const SEARCH_ATTRIBUTE_TYPES: Readonly<Record<string, number>> = {
  text: 1,
  keyword: 2,
  int: 3,
  double: 4,
  bool: 5,
  datetime: 6,
  keywordlist: 7,
};

export interface SearchAttributeFlag {
  readonly name: string;
  readonly type: number;
}

export function searchAttribute(
  text: string,
  previous: readonly SearchAttributeFlag[] | undefined,
): readonly SearchAttributeFlag[] {
  const at = text.indexOf('=');
  const type = SEARCH_ATTRIBUTE_TYPES[text.slice(at + 1).toLowerCase()];
  if (at <= 0 || type === undefined) {
    const names = 'Text, Keyword, Int, Double, Bool, Datetime, KeywordList';
    throw new InvalidArgumentError(`It must be NAME=TYPE with one of the types ${names}.`);
  }
  return [...(previous ?? []), { name: text.slice(0, at), type }];
}

export function sqlitePragma(
  text: string,
  previous: Readonly<Record<string, string>> | undefined,
): Readonly<Record<string, string>> {
  const match = /^([a-z_]+)=([\w.-]+)$/i.exec(text);
  if (match === null) throw new InvalidArgumentError('It must be PRAGMA=VALUE.');
  return { ...previous, [match[1]!]: match[2]! };
}

export function dynamicConfigFile(): Option {
  const flag = new Option('--dynamic-config-file <path>', 'dynamic configuration in YAML, read again when it changes');
  return flag.env('DYNAMIC_CONFIG_FILE_PATH');
}
