// Which of Temporal's functional tests are to run: the lists beside this file.

import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** The small ones first: a run that is cut short has been through them. */
export const GROUPS = ['sizelimit', 'rawhistory', 'reuse0', 'main'] as const;
export type Group = (typeof GROUPS)[number];

export interface Choice {
  /** `must` or `tests`; a group that has no such list uses `tests`. */
  readonly list: string;
  readonly only?: RegExp | undefined;
  /** Also the tests that wait for later work. */
  readonly all: boolean;
}

export interface ChosenTests {
  readonly chosen: readonly string[];
  readonly later: readonly string[];
}

export async function testsOf(group: Group, { list, only, all }: Choice): Promise<ChosenTests> {
  const candidates = [`${list}-${group}.txt`, `tests-${group}.txt`].map((name) => join(import.meta.dirname, name));
  const file = candidates.find((path) => existsSync(path));
  if (!file) throw new Error(`no list for group ${group}`);
  const wanted = (await readLines(file)).filter((test) => !only || only.test(test));
  const patterns = (await readLines(join(import.meta.dirname, 'later.txt')))
    .filter((line) => !line.startsWith('#'))
    .map((line) => new RegExp(line.split(' ')[0] ?? ''));
  const isLater = (test: string) => !all && patterns.some((pattern) => pattern.test(test));
  return { chosen: wanted.filter((test) => !isLater(test)), later: wanted.filter(isLater) };
}

export async function readLines(file: string): Promise<string[]> {
  return (await readFile(file, 'utf8')).split('\n').filter((line) => line.trim() !== '');
}
