// Holds the layers of docs/architecture.md: imports point down, the four services never import one another, outsiders come in
// by a folder's index.ts or a contract file. Prints each violation as file:line. Part of npm run verify.

import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

/** From the top down. A folder may import its own layer's folders (but see SEPARATE) and everything below. */
const LAYERS: readonly (readonly string[])[] = [
  ['main.js', 'main.ts', 'cli'],
  ['frontend', 'history', 'matching', 'worker'],
  ['replication', 'archival'],
  ['visibility', 'persistence', 'cluster', 'namespace', 'auth'],
  ['rpc', 'runtime'],
  ['config', 'metrics'],
  ['base', 'proto'],
];

/** They meet in messages only. */
const SEPARATE = new Set(['frontend', 'history', 'matching', 'worker']);

const IMPORT = /^\s*(?:import|export)\b[^'"]*?from\s*['"]([^'"]+)['"]|\bimport\(\s*['"]([^'"]+)['"]\s*\)/gm;

export interface Violation {
  readonly file: string;
  readonly line: number;
  readonly reason: string;
}

/** `files`: path within src to source text. */
export function checkLayering(files: ReadonlyMap<string, string>): readonly Violation[] {
  const violations: Violation[] = [];
  for (const [file, text] of files) {
    const from = folderOf(file);
    const fromLayer = layerOf(from);
    if (fromLayer === -1) {
      violations.push({ file, line: 1, reason: `src/${from} is in no layer: add it to scripts/check-layering.ts` });
      continue;
    }
    for (const match of text.matchAll(IMPORT)) {
      const specifier = match[1] ?? match[2]!;
      const target = targetFolder(file, specifier);
      if (target === undefined || target === from) continue;
      const line = text.slice(0, match.index).split('\n').length + (match[0].startsWith('\n') ? 1 : 0);
      const reason = whyForbidden(from, fromLayer, target);
      if (reason !== undefined) violations.push({ file, line, reason: `${reason} (${specifier})` });
    }
  }
  return violations;
}

function whyForbidden(from: string, fromLayer: number, target: string): string | undefined {
  const targetLayer = layerOf(target);
  if (targetLayer === -1) return undefined;
  if (SEPARATE.has(from) && SEPARATE.has(target)) return `${from} must not import ${target}: services meet in messages`;
  if (targetLayer < fromLayer) return `${from} must not import ${target}: imports point down`;
  return undefined;
}

/** The folder of src that an import reaches, undefined for packages. */
function targetFolder(file: string, specifier: string): string | undefined {
  if (specifier.startsWith('#proto/')) return 'proto';
  if (!specifier.startsWith('.')) return undefined;
  const target = relative('/src', resolve('/src', dirname(file), specifier));
  return target.startsWith('..') ? undefined : folderOf(target);
}

function folderOf(path: string): string {
  return path.split('/', 1)[0]!;
}

function layerOf(folder: string): number {
  return LAYERS.findIndex((layer) => layer.includes(folder));
}

/** Every TypeScript file of src but tests and generated code. Tests may reach anywhere. */
export function readSources(source: string): ReadonlyMap<string, string> {
  const files = new Map<string, string>();
  for (const name of readdirSync(source, { recursive: true, encoding: 'utf8' })) {
    const path = name.replaceAll('\\', '/');
    const isTest =
      path.endsWith('.test.ts') || path.split('/').some((part) => part === 'testing' || part === 'contract');
    if (path.endsWith('.ts') && !isTest && !path.startsWith('proto/generated/')) {
      files.set(path, readFileSync(join(source, name), 'utf8'));
    }
  }
  return files;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const violations = checkLayering(readSources(join(import.meta.dirname, '../src')));
  for (const { file, line, reason } of violations) console.error(`src/${file}:${line}: ${reason}`);
  console.log(violations.length === 0 ? 'layering: ok' : `layering: ${violations.length} violations`);
  process.exitCode = violations.length === 0 ? 0 : 1;
}
