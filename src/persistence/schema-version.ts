// Versioned schemas: which version a database has, whether this program may use it, and the way up to the newest. Each
// backend brings the SQL and runs it; the rules are here. Called by the main thread at start and by `ostinato schema`.

import { invariant } from '../base/invariant.ts';
import { SchemaVersionError } from './store-errors.ts';

/** One step: version 1 creates the tables, each later one changes them with data in place. Released steps never change. */
export interface SchemaStep {
  readonly version: number;
  /** The oldest program (by the newest version it knows) that can still work on a database of this version. */
  readonly minCompatibleVersion: number;
  /** One line for `ostinato schema`. */
  readonly summary: string;
  readonly statements: readonly string[];
}

export interface StoredSchemaVersion {
  readonly currentVersion: number;
  readonly minCompatibleVersion: number;
}

export type SchemaState = 'missing' | 'current' | 'outdated' | 'newer' | 'incompatible';

export interface SchemaStatus {
  /** What it is about: a file, or a database and a schema name. */
  readonly location: string;
  readonly state: SchemaState;
  /** Undefined when the schema is missing. */
  readonly storedVersion: number | undefined;
  readonly newestVersion: number;
  readonly pending: readonly { readonly version: number; readonly summary: string }[];
}

export function newestVersion(steps: readonly SchemaStep[]): number {
  steps.forEach((step, index) => {
    invariant(step.version === index + 1, `schema step ${index + 1} has version ${step.version}`);
  });
  return steps.length;
}

export function describeSchema(
  location: string,
  steps: readonly SchemaStep[],
  stored: StoredSchemaVersion | undefined,
): SchemaStatus {
  const newest = newestVersion(steps);
  return {
    location,
    state: schemaState(newest, stored),
    storedVersion: stored?.currentVersion,
    newestVersion: newest,
    pending: pendingSteps(steps, stored).map(({ version, summary }) => ({ version, summary })),
  };
}

export function pendingSteps(steps: readonly SchemaStep[], stored: StoredSchemaVersion | undefined): SchemaStep[] {
  return steps.filter((step) => step.version > (stored?.currentVersion ?? 0));
}

/**
 * Decides what a start does with a schema: 'ready', or 'apply' the pending steps. A missing schema is always created. Throws
 * SchemaVersionError for a database that is too new, or too old while `upgrade` is not set. A newer version that still allows
 * this program is fine: that is a rolling upgrade.
 */
export function admitSchema(status: SchemaStatus, options: { readonly upgrade: boolean }): 'ready' | 'apply' {
  switch (status.state) {
    case 'missing':
      return 'apply';
    case 'current':
    case 'newer':
      return 'ready';
    case 'outdated':
      if (options.upgrade) return 'apply';
      throw new SchemaVersionError(
        `${status.location}: schema version ${status.storedVersion} is older than this program's ${status.newestVersion}; ` +
          'run `ostinato schema update`',
      );
    case 'incompatible':
      throw new SchemaVersionError(
        `${status.location}: schema version ${status.storedVersion} is too new for this program, ` +
          `which knows version ${status.newestVersion}; use a newer ostinato`,
      );
  }
}

function schemaState(newest: number, stored: StoredSchemaVersion | undefined): SchemaState {
  if (stored === undefined) return 'missing';
  if (stored.currentVersion === newest) return 'current';
  if (stored.currentVersion < newest) return 'outdated';
  return stored.minCompatibleVersion <= newest ? 'newer' : 'incompatible';
}
