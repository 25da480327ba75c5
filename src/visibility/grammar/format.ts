// Prints syntax trees in the canonical form that Temporal's error messages quote. Pure; any thread.

import { assertNever } from '../../base/invariant.ts';
import { isKeyword } from './keywords.ts';
import type { Expression, Literal } from './syntax.ts';

const STRING_ESCAPES: Readonly<Record<string, string>> = {
  '\0': '\\0',
  "'": "\\'",
  '"': '\\"',
  '\b': '\\b',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\x1a': '\\Z',
  '\\': '\\\\',
};

export function formatExpression(expression: Expression): string {
  switch (expression.kind) {
    case 'ColName':
      return expression.name;
    case 'SQLVal':
      return formatLiteral(expression);
    case 'BoolVal':
      return String(expression.value);
    case 'ValTuple':
      return `(${expression.elements.map(formatExpression).join(', ')})`;
    case 'ParenExpr':
      return `(${formatExpression(expression.operand)})`;
    case 'NotExpr':
      return `not ${formatExpression(expression.operand)}`;
    case 'AndExpr':
      return expression.operands.map(formatExpression).join(' and ');
    case 'OrExpr':
      return expression.operands.map(formatExpression).join(' or ');
    case 'ComparisonExpr':
      return `${formatExpression(expression.left)} ${expression.operator} ${formatExpression(expression.right)}`;
    case 'RangeCond': {
      const { left, operator, from, to } = expression;
      return `${formatExpression(left)} ${operator} ${formatExpression(from)} and ${formatExpression(to)}`;
    }
    case 'IsExpr':
      return `${formatExpression(expression.operand)} ${expression.operator}`;
    case 'NullVal':
    case 'UnaryExpr':
    case 'BinaryExpr':
    case 'CollateExpr':
    case 'IntervalExpr':
    case 'FuncExpr':
    case 'GroupConcatExpr':
    case 'Subquery':
    case 'ExistsExpr':
    case 'Default':
    case 'ListArg':
      return expression.text;
    default:
      return assertNever(expression, 'expression');
  }
}

function formatLiteral(literal: Literal): string {
  switch (literal.type) {
    case 'string':
      return `'${[...literal.text].map((character) => STRING_ESCAPES[character] ?? character).join('')}'`;
    case 'hex':
      return `X'${literal.text}'`;
    case 'bits':
      return `B'${literal.text}'`;
    default:
      return literal.text;
  }
}

/** An identifier, in backquotes where it could be read as something else. */
export function formatIdentifier(name: string): string {
  if (/^[A-Za-z_@][A-Za-z0-9_@]*$/.test(name) && !isKeyword(name.toLowerCase())) return name;
  return `\`${name.replaceAll('`', '``')}\``;
}
