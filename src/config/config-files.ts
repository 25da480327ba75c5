// Finds, renders and merges static configuration files: one file, or base.yaml, <env>.yaml and <env>_<zone>.yaml of a folder,
// later ones over earlier ones (common/config/loader.go, v1.31).

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse as parseYaml } from 'yaml';
import { isMapping } from '../base/is-mapping.ts';
import { ConfigError } from './config-section.ts';
import { type Environment, isTemplate, renderTemplate } from './template.ts';

export interface ConfigLocation {
  readonly file?: string | undefined;
  readonly folder: string;
  readonly environment: string;
  readonly zone?: string | undefined;
}

export interface LoadedConfig {
  readonly files: readonly string[];
  readonly values: Readonly<Record<string, unknown>>;
}

export function loadConfigFiles(location: ConfigLocation, environment: Environment): LoadedConfig {
  const files = filesOf(location);
  let values: Readonly<Record<string, unknown>> = {};
  for (const file of files) values = merge(values, parseFile(file, environment));
  return { files, values };
}

function filesOf({ file, folder, environment, zone }: ConfigLocation): readonly string[] {
  if (file !== undefined) {
    if (!existsSync(file)) throw new ConfigError(`there is no configuration file ${file}`);
    return [file];
  }
  const names = ['base.yaml', `${environment}.yaml`, ...(zone ? [`${environment}_${zone}.yaml`] : [])];
  const files = names.map((name) => join(folder, name)).filter((path) => existsSync(path));
  if (files.length === 0) throw new ConfigError(`there is no ${names.join(' or ')} in ${folder}`);
  return files;
}

function parseFile(file: string, environment: Environment): Readonly<Record<string, unknown>> {
  const text = readFileSync(file, 'utf8');
  let document: unknown;
  try {
    document = parseYaml(isTemplate(text) ? renderTemplate(text, environment) : text) ?? {};
  } catch (cause) {
    throw new ConfigError(`${file}: ${(cause as Error).message.split('\n', 1)[0]}`, { cause });
  }
  if (!isMapping(document)) throw new ConfigError(`${file}: must be a mapping`);
  return document;
}

/** Mappings merge, everything else replaces. */
function merge(
  base: Readonly<Record<string, unknown>>,
  over: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> {
  const merged: Record<string, unknown> = { ...base };
  for (const [key, value] of Object.entries(over)) {
    const below = merged[key];
    merged[key] = isMapping(below) && isMapping(value) ? merge(below, value) : value;
  }
  return merged;
}
