// Parses list filters: `WorkflowType = 'Order' AND StartTime > '2024-01-01T00:00:00Z' GROUP BY ExecutionStatus`. The grammar is
// what follows WHERE in MySQL's SELECT; what filters may not hold still parses, so that it is refused by name. Pure; any thread.

import { formatExpression } from './format.ts';
import { Lexer } from './lexer.ts';
import type { Expression, FilterSyntax } from './syntax.ts';
import { TokenStream } from './token-stream.ts';
import { ValueParser } from './value-parser.ts';

/** Temporal parses "select * from table1 where <filter>": its positions count from there. */
const SELECT_PREFIX = 'select * from table1 ';
const WHERE_PREFIX = 'where ';

const COMPARISONS = new Map([
  ['=', '='],
  ['<', '<'],
  ['>', '>'],
  ['<=', '<='],
  ['>=', '>='],
  ['<>', '!='],
  ['!=', '!='],
  ['<=>', '<=>'],
] as const);

/** Throws FilterSyntaxError. */
export function parseFilter(text: string): FilterSyntax {
  const trimmed = trimGoSpace(text);
  const clausesOnly = trimmed === '' || /^(order by|group by)/i.test(trimmed);
  const prefix = clausesOnly ? SELECT_PREFIX : SELECT_PREFIX + WHERE_PREFIX;
  return new FilterParser(new TokenStream(new Lexer(trimmed, prefix.length))).parse(!clausesOnly);
}

/** Go's strings.TrimSpace. */
function trimGoSpace(text: string): string {
  return text.replace(/^[\s\u0085]+|[\s\u0085]+$/g, '');
}

class FilterParser {
  private readonly tokens: TokenStream;
  private readonly values: ValueParser;

  constructor(tokens: TokenStream) {
    this.tokens = tokens;
    this.values = new ValueParser(tokens, () => this.expression());
  }

  parse(hasWhere: boolean): FilterSyntax {
    const where = hasWhere ? this.expression() : undefined;
    const groupBy = this.tokens.takeKeyword('group') ? this.groupBy() : [];
    if (this.tokens.takeKeyword('having')) this.expression();
    const hasOrderBy = this.tokens.takeKeyword('order');
    if (hasOrderBy) this.orderBy();
    const hasLimit = this.tokens.takeKeyword('limit');
    if (hasLimit) this.limit();
    this.lock();
    this.tokens.takeSymbol(';');
    this.tokens.expectEnd();
    return { where, groupBy, hasOrderBy, hasLimit };
  }

  private groupBy(): readonly Expression[] {
    this.tokens.expectKeyword('by');
    return this.expressionList();
  }

  private orderBy(): void {
    this.tokens.expectKeyword('by');
    do {
      this.expression();
      if (!this.tokens.takeKeyword('asc')) this.tokens.takeKeyword('desc');
    } while (this.tokens.takeSymbol(','));
  }

  private limit(): void {
    this.expression();
    if (this.tokens.takeSymbol(',') || this.tokens.takeKeyword('offset')) this.expression();
  }

  private lock(): void {
    if (this.tokens.takeKeyword('for')) {
      this.tokens.expectKeyword('update');
    } else if (this.tokens.takeKeyword('lock')) {
      for (const word of ['in', 'share', 'mode']) this.tokens.expectKeyword(word);
    }
  }

  private expressionList(): readonly Expression[] {
    const list = [this.expression()];
    while (this.tokens.takeSymbol(',')) list.push(this.expression());
    return list;
  }

  private expression(): Expression {
    const operands = [this.andExpression()];
    while (this.tokens.takeKeyword('or') || this.tokens.takeSymbol('||')) operands.push(this.andExpression());
    return operands.length === 1 ? operands[0]! : { kind: 'OrExpr', operands };
  }

  private andExpression(): Expression {
    const operands = [this.notExpression()];
    while (this.tokens.takeKeyword('and') || this.tokens.takeSymbol('&&')) operands.push(this.notExpression());
    return operands.length === 1 ? operands[0]! : { kind: 'AndExpr', operands };
  }

  /** Two NOTs are none, in three-valued logic too: a long chain does not make a deep tree. */
  private notExpression(): Expression {
    let negated = false;
    while (this.tokens.takeKeyword('not')) negated = !negated;
    const operand = this.isExpression();
    return negated ? { kind: 'NotExpr', operand } : operand;
  }

  /** IS binds closer than NOT and AND. */
  private isExpression(): Expression {
    let operand = this.condition();
    while (this.tokens.takeKeyword('is')) {
      const not = this.tokens.takeKeyword('not') ? 'not ' : '';
      const word = this.tokens.expectOneOf(['null', 'true', 'false']);
      operand = { kind: 'IsExpr', operator: `is ${not}${word}` as 'is null', operand };
    }
    return operand;
  }

  private condition(): Expression {
    if (this.tokens.takeKeyword('exists')) {
      const subquery = this.values.subquery();
      return { kind: 'ExistsExpr', text: `exists ${formatExpression(subquery)}` };
    }
    if (this.tokens.takeKeyword('default')) return this.values.defaultValue();
    const left = this.values.value();
    const symbol = this.tokens.peek();
    const comparison = symbol.kind === 'symbol' ? COMPARISONS.get(symbol.text as '=') : undefined;
    if (comparison !== undefined) {
      this.tokens.take();
      return { kind: 'ComparisonExpr', operator: comparison, left, right: this.values.value() };
    }
    return this.wordCondition(left, this.tokens.takeKeyword('not'));
  }

  /** IN, LIKE, REGEXP, STARTS_WITH, BETWEEN, each with or without NOT before it. */
  private wordCondition(left: Expression, negated: boolean): Expression {
    if (this.tokens.takeKeyword('in')) {
      const operator = negated ? 'not in' : 'in';
      return { kind: 'ComparisonExpr', operator, left, right: this.values.inOperand() };
    }
    if (this.tokens.takeKeyword('like')) {
      const right = this.values.value();
      if (this.tokens.takeKeyword('escape')) this.values.value();
      return { kind: 'ComparisonExpr', operator: negated ? 'not like' : 'like', left, right };
    }
    if (this.tokens.takeKeyword('regexp') || this.tokens.takeKeyword('rlike')) {
      return { kind: 'ComparisonExpr', operator: negated ? 'not regexp' : 'regexp', left, right: this.values.value() };
    }
    if (this.tokens.takeKeyword('starts_with')) {
      const operator = negated ? 'not starts_with' : 'starts_with';
      return { kind: 'ComparisonExpr', operator, left, right: this.values.value() };
    }
    if (this.tokens.takeKeyword('between')) {
      const from = this.values.value();
      this.tokens.expectAnd();
      const to = this.values.value();
      return { kind: 'RangeCond', operator: negated ? 'not between' : 'between', left, from, to };
    }
    if (negated) throw this.tokens.unexpected();
    return left;
  }
}
