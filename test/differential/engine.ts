// What the engine has that programs can meet: RPCs, kinds of events and commands, error messages. Read from its sources, so that a
// report can name what no program has met.

import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { publicRpcs } from '../../src/frontend/api/index.ts';
import { unimplementedRpcs } from '../../src/frontend/api/unimplemented.ts';
import { enums } from '../end-to-end/harness/api.ts';
import { repositoryRoot } from '../end-to-end/harness/server.ts';
import type { Coverage } from './coverage.ts';

/** Kinds of events of later work, and those that Temporal itself never writes. */
const NOT_WRITTEN = /^UNSPECIFIED$|^NEXUS_|_EXTERNALLY$|UPDATE_REJECTED$|TIME_SKIPPING/;
/** Where error messages of calls come from. */
const SOURCES = ['frontend', 'history', 'matching', 'namespace', 'visibility', 'worker'];
const MAKERS =
  /\b(invalidArgument|notFound|failedPrecondition|alreadyExists|permissionDenied|unimplemented|internal|resourceExhausted|unavailable|notSupported|invalidExpression|workflowNotReady|notSet|new CommandError\(\w+,|new FilterError|new InvalidValueError)\(?\s*(['`])((?:(?!\2).)*)\2/g;

export async function unmet(met: Coverage): Promise<readonly (readonly [string, readonly string[]])[]> {
  const later = new Set(unimplementedRpcs.map(({ method }) => method));
  const rpcs = publicRpcs
    .filter(({ method, service }) => service !== 'AdminService' && !later.has(method))
    .map(({ method }) => method.charAt(0).toLowerCase() + method.slice(1));
  const events = Object.keys(enums.EventType)
    .filter((name) => name.startsWith('EVENT_TYPE_'))
    .map((name) => name.replace('EVENT_TYPE_', ''))
    .filter((name) => !NOT_WRITTEN.test(name));
  const known = [...met.errors];
  const messages = (await errorMessages()).filter((message) => {
    const pattern = patternOf(message);
    return !known.some((error) => pattern.test(error));
  });
  return [
    ['RPCs', rpcs.filter((name) => !met.rpcs.has(name))],
    ['kinds of events', events.filter((name) => !met.events.has(name))],
    ['error messages', messages],
  ];
}

async function errorMessages(): Promise<string[]> {
  const found = new Set<string>();
  for (const part of SOURCES) {
    const root = join(repositoryRoot, 'src', part);
    const files = (await readdir(root, { recursive: true })).filter((name) => /(?<!\.test)\.ts$/.test(name));
    for (const file of files) {
      for (const [, , , message] of (await readFile(join(root, file), 'utf8')).matchAll(MAKERS)) {
        if (message) found.add(message);
      }
    }
  }
  return [...found].sort();
}

/** Of a template, with whatever was put into it; numbers are counted as one. */
function patternOf(template: string): RegExp {
  const parts = template.split(/\$\{(?:[^{}]|\{[^}]*\})*\}/);
  const escaped = parts.map((part) => part.replaceAll(/\d+/g, 'N').replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(escaped.join('.*'), 's');
}
