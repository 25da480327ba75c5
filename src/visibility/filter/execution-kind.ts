// Workflows, and activities without one, are rows of one table: which of them a list is about, and by which names their columns go.

import { IndexedValueType } from '#proto/temporal/api/enums/v1';
import { ACTIVITY_DIVISION, NAMESPACE_DIVISION } from '../search-attributes/definitions.ts';
import type { FilterColumn, Predicate } from './predicate.ts';

export interface ExecutionKind {
  /** Holds for the rows of the kind, unless the filter itself asks for divisions. */
  readonly division: Predicate;
  /** Names that the kind has for fields. The namespace's own attributes come before them. */
  readonly aliases: ReadonlyMap<string, string>;
}

const DIVISION: FilterColumn = {
  alias: NAMESPACE_DIVISION,
  field: NAMESPACE_DIVISION,
  type: IndexedValueType.KEYWORD,
};

/** Without those of the system (schedulers, batches). */
export const OWN_DIVISION: Predicate = { kind: 'isNull', column: DIVISION, negated: false };

export const WORKFLOWS: ExecutionKind = { division: OWN_DIVISION, aliases: new Map() };

export const ACTIVITIES: ExecutionKind = {
  division: { kind: 'compare', column: DIVISION, operator: '=', value: ACTIVITY_DIVISION },
  aliases: new Map([
    ['ActivityId', 'WorkflowId'],
    ['ActivityType', 'WorkflowType'],
  ]),
};
