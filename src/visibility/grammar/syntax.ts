// The syntax tree of a list filter, before names and types are known. Each kind bears the name that Temporal's errors print
// (`*sqlparser.ComparisonExpr`). Pure data; any thread.

export interface Column {
  readonly kind: 'ColName';
  /** With qualifiers, `a.b`. */
  readonly name: string;
}

export interface Literal {
  readonly kind: 'SQLVal';
  readonly type: 'string' | 'integer' | 'float' | 'hexNumber' | 'hex' | 'bits' | 'argument';
  readonly text: string;
}

export type ComparisonOperator =
  | '='
  | '!='
  | '<'
  | '<='
  | '>'
  | '>='
  | '<=>'
  | 'in'
  | 'not in'
  | 'like'
  | 'not like'
  | 'regexp'
  | 'not regexp'
  | 'starts_with'
  | 'not starts_with';

export interface Comparison {
  readonly kind: 'ComparisonExpr';
  readonly operator: ComparisonOperator;
  readonly left: Expression;
  readonly right: Expression;
}

export interface Range {
  readonly kind: 'RangeCond';
  readonly operator: 'between' | 'not between';
  readonly left: Expression;
  readonly from: Expression;
  readonly to: Expression;
}

export interface IsTest {
  readonly kind: 'IsExpr';
  readonly operator: 'is null' | 'is not null' | 'is true' | 'is not true' | 'is false' | 'is not false';
  readonly operand: Expression;
}

/** A chain of one operator is one node: a filter of thousands of terms stays shallow. */
export interface Logical {
  readonly kind: 'AndExpr' | 'OrExpr';
  readonly operands: readonly Expression[];
}

export interface Negation {
  readonly kind: 'NotExpr';
  readonly operand: Expression;
}

export interface Parentheses {
  readonly kind: 'ParenExpr';
  readonly operand: Expression;
}

/** `(1, 2, 3)`, and what follows IN. */
export interface Tuple {
  readonly kind: 'ValTuple';
  readonly elements: readonly Expression[];
}

export interface BooleanLiteral {
  readonly kind: 'BoolVal';
  readonly value: boolean;
}

/** Parses, but no filter may hold it; `text` is the canonical form for error messages. */
export interface Unsupported {
  readonly kind:
    | 'NullVal'
    | 'UnaryExpr'
    | 'BinaryExpr'
    | 'CollateExpr'
    | 'IntervalExpr'
    | 'FuncExpr'
    | 'GroupConcatExpr'
    | 'Subquery'
    | 'ExistsExpr'
    | 'Default'
    | 'ListArg';
  readonly text: string;
}

export type Expression =
  | Column
  | Literal
  | Comparison
  | Range
  | IsTest
  | Logical
  | Negation
  | Parentheses
  | Tuple
  | BooleanLiteral
  | Unsupported;

/** A whole filter. */
export interface FilterSyntax {
  readonly where: Expression | undefined;
  readonly groupBy: readonly Expression[];
  readonly hasOrderBy: boolean;
  readonly hasLimit: boolean;
}

const VALUE_KINDS: ReadonlySet<string> = new Set(['BoolVal', 'ValTuple', 'ListArg']);

/** The Go type of a node, as `%T` prints it. */
export function goTypeName(expression: Expression): string {
  return `${VALUE_KINDS.has(expression.kind) ? '' : '*'}sqlparser.${expression.kind}`;
}
