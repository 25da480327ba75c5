// A list filter with names and types known: what every visibility backend evaluates or turns into SQL. Three-valued as in SQL: a
// comparison with a missing value is neither true nor false. Pure data; any thread.

import type { IndexedValueType } from '#proto/temporal/api/enums/v1';

/** A searchable attribute. */
export interface FilterColumn {
  /** As the user wrote it. */
  readonly alias: string;
  /** System attribute, predefined attribute, or pre-allocated field. */
  readonly field: string;
  readonly type: IndexedValueType;
}

/**
 * Keyword and Text: string. Datetime: microseconds since the epoch. ExecutionDuration: microseconds. ExecutionStatus, Bool
 * (0, 1), Int and Double: a number, bigint where a double would round.
 */
export type FilterValue = string | number | bigint;

export type CompareOperator = '=' | '!=' | '<' | '<=' | '>' | '>=';

export type Predicate =
  | { readonly kind: 'and' | 'or'; readonly operands: readonly Predicate[] }
  | { readonly kind: 'not'; readonly operand: Predicate }
  | {
      readonly kind: 'compare';
      readonly column: FilterColumn;
      readonly operator: CompareOperator;
      readonly value: FilterValue;
    }
  | {
      readonly kind: 'in';
      readonly column: FilterColumn;
      readonly values: readonly FilterValue[];
      readonly negated: boolean;
    }
  | {
      readonly kind: 'between';
      readonly column: FilterColumn;
      readonly from: FilterValue;
      readonly to: FilterValue;
      readonly negated: boolean;
    }
  /** Differs: Temporal on SQLite ignores case here and in KeywordLists (on its other databases it does not). */
  | { readonly kind: 'startsWith'; readonly column: FilterColumn; readonly prefix: string; readonly negated: boolean }
  | { readonly kind: 'isNull'; readonly column: FilterColumn; readonly negated: boolean }
  /** A KeywordList holds one of the values. Never unknown: a missing list holds nothing. */
  | {
      readonly kind: 'listHolds';
      readonly column: FilterColumn;
      readonly values: readonly string[];
      readonly negated: boolean;
    }
  /** A Text holds one of the phrases, each a sequence of words side by side. Never unknown. */
  | {
      readonly kind: 'textHolds';
      readonly column: FilterColumn;
      readonly phrases: readonly string[];
      readonly negated: boolean;
    }
  /** Settled by the types alone, but unknown where the column is missing. */
  | { readonly kind: 'constant'; readonly column: FilterColumn; readonly value: boolean };
