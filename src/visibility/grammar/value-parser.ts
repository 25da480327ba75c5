// Parses the operands of a condition: columns, literals, tuples, and the arithmetic and functions of SQL that a filter is then
// told it cannot use. Used by parser.ts.

import { formatExpression, formatIdentifier } from './format.ts';
import { isNonReservedKeyword } from './keywords.ts';
import type { Expression, Literal, Tuple, Unsupported } from './syntax.ts';
import type { TokenStream } from './token-stream.ts';

/** Binary operators by how closely they bind. */
const BINARY_PRECEDENCE: ReadonlyMap<string, number> = new Map([
  ['|', 1],
  ['&', 2],
  ['<<', 3],
  ['>>', 3],
  ['+', 4],
  ['-', 4],
  ['*', 5],
  ['/', 5],
  ['div', 5],
  ['%', 5],
  ['mod', 5],
  ['^', 6],
]);
const LOWEST_PRECEDENCE = 1;
/** Prefix operators bind closer than any binary one, but COLLATE binds closer than they do. */
const PREFIX_SYMBOLS = ['+', '-', '~', '!'];
const KEYWORD_FUNCTIONS = ['left', 'right', 'if', 'database', 'mod', 'replace'];
const NILADIC_FUNCTIONS = [
  'current_timestamp',
  'utc_timestamp',
  'utc_time',
  'utc_date',
  'localtime',
  'localtimestamp',
  'current_date',
  'current_time',
];
const LITERALS = new Map<string, Literal['type']>([
  ['string', 'string'],
  ['integral', 'integer'],
  ['float', 'float'],
  ['hexNumber', 'hexNumber'],
  ['hex', 'hex'],
  ['bits', 'bits'],
  ['argument', 'argument'],
]);

export class ValueParser {
  private readonly tokens: TokenStream;
  private readonly expression: () => Expression;

  constructor(tokens: TokenStream, expression: () => Expression) {
    this.tokens = tokens;
    this.expression = expression;
  }

  value(lowest = LOWEST_PRECEDENCE): Expression {
    let left = this.collated();
    for (;;) {
      const token = this.tokens.peek();
      const precedence =
        token.kind === 'symbol' || token.kind === 'keyword' ? BINARY_PRECEDENCE.get(token.text) : undefined;
      if (precedence === undefined || precedence < lowest) return left;
      this.tokens.take();
      const right = this.value(precedence + 1);
      const operator = token.text === 'mod' ? '%' : token.text;
      left = unsupported('BinaryExpr', `${formatExpression(left)} ${operator} ${formatExpression(right)}`);
    }
  }

  private collated(): Expression {
    let operand = this.prefixed();
    while (this.tokens.takeKeyword('collate')) {
      const token = this.tokens.peek();
      if (token.kind !== 'identifier' && token.kind !== 'string') throw this.tokens.unexpected();
      this.tokens.take();
      operand = unsupported('CollateExpr', `${formatExpression(operand)} collate ${token.text}`);
    }
    return operand;
  }

  private prefixed(): Expression {
    const token = this.tokens.peek();
    const isSymbol = token.kind === 'symbol' && PREFIX_SYMBOLS.includes(token.text);
    const isWord = token.kind === 'keyword' && (token.text === 'binary' || token.text === '_binary');
    if (!isSymbol && !isWord) return this.primary();
    this.tokens.enter();
    const operand = this.collated();
    this.tokens.leave();
    if (operand.kind === 'SQLVal' && operand.type === 'integer') {
      if (token.text === '+') return operand;
      if (token.text === '-') return { ...operand, text: negate(operand.text) };
    }
    return unsupported('UnaryExpr', `${token.text}${isWord ? ' ' : ''}${formatExpression(operand)}`);
  }

  private primary(): Expression {
    const token = this.tokens.peek();
    const literal = LITERALS.get(token.kind);
    if (literal !== undefined) {
      this.tokens.take();
      return { kind: 'SQLVal', type: literal, text: token.text };
    }
    if (token.kind === 'symbol' && token.text === '(') return this.parenthesised();
    if (token.kind === 'identifier') return this.columnOrCall();
    if (token.kind === 'keyword') return this.keywordValue(token.text);
    throw this.tokens.unexpected();
  }

  private keywordValue(word: string): Expression {
    if (isNonReservedKeyword(word)) return this.columnOrCall();
    if (word === 'true' || word === 'false') {
      this.tokens.take();
      return { kind: 'BoolVal', value: word === 'true' };
    }
    if (word === 'null') {
      this.tokens.take();
      return unsupported('NullVal', 'null');
    }
    if (word === 'interval') return this.interval();
    if (word === 'group_concat') {
      this.tokens.take();
      return unsupported('GroupConcatExpr', `group_concat${this.callArguments()}`);
    }
    if (NILADIC_FUNCTIONS.includes(word)) {
      this.tokens.take();
      if (this.tokens.takeSymbol('(')) this.tokens.expectSymbol(')');
      return unsupported('FuncExpr', `${word}()`);
    }
    if (!KEYWORD_FUNCTIONS.includes(word)) throw this.tokens.unexpected();
    this.tokens.take();
    return unsupported('FuncExpr', `${word}${this.callArguments()}`);
  }

  private interval(): Expression {
    this.tokens.enter();
    const operand = this.value();
    const unit = this.tokens.peek();
    if (unit.kind !== 'identifier' && !(unit.kind === 'keyword' && isNonReservedKeyword(unit.text))) {
      throw this.tokens.unexpected();
    }
    this.tokens.take();
    this.tokens.leave();
    return unsupported('IntervalExpr', `interval ${formatExpression(operand)} ${unit.text}`);
  }

  private columnOrCall(): Expression {
    let name = formatIdentifier(this.tokens.take().text);
    let parts = 1;
    while (parts < 3 && this.tokens.takeSymbol('.')) {
      const token = this.tokens.peek();
      if (token.kind !== 'identifier' && token.kind !== 'keyword') throw this.tokens.unexpected();
      name += `.${formatIdentifier(this.tokens.take().text)}`;
      parts++;
    }
    if (this.tokens.isSymbol('(') && parts < 3) return unsupported('FuncExpr', `${name}${this.callArguments()}`);
    for (const operator of ['->', '->>']) {
      if (!this.tokens.takeSymbol(operator)) continue;
      return unsupported('BinaryExpr', `${name} ${operator} ${formatExpression(this.primary())}`);
    }
    return { kind: 'ColName', name };
  }

  /** `(a, *, distinct b)` of a function. */
  private callArguments(): string {
    this.open();
    const list: string[] = [];
    const distinct = this.tokens.takeKeyword('distinct') ? 'distinct ' : '';
    while (!this.tokens.isSymbol(')')) {
      list.push(this.tokens.takeSymbol('*') ? '*' : formatExpression(this.expression()));
      if (!this.tokens.takeSymbol(',')) break;
    }
    this.close();
    return `(${distinct}${list.join(', ')})`;
  }

  /** `(x)`, a tuple, or a subquery. */
  private parenthesised(): Expression {
    this.open();
    if (this.tokens.isKeyword('select')) return this.selectInParentheses();
    const elements = this.elements();
    return elements.length === 1 ? { kind: 'ParenExpr', operand: elements[0]! } : { kind: 'ValTuple', elements };
  }

  /** What follows IN: always a tuple, even of one element. */
  inOperand(): Tuple | Unsupported {
    const token = this.tokens.peek();
    if (token.kind === 'listArgument') {
      this.tokens.take();
      return unsupported('ListArg', token.text);
    }
    this.open();
    if (this.tokens.isKeyword('select')) return this.selectInParentheses();
    return { kind: 'ValTuple', elements: this.elements() };
  }

  subquery(): Unsupported {
    this.open();
    if (!this.tokens.isKeyword('select')) throw this.tokens.unexpected();
    return this.selectInParentheses();
  }

  /** Expressions up to the closing parenthesis. */
  private elements(): readonly Expression[] {
    const elements = [this.expression()];
    while (this.tokens.takeSymbol(',')) elements.push(this.expression());
    this.close();
    return elements;
  }

  /** Passes over a SELECT: no filter may hold one, so only its extent matters. */
  private selectInParentheses(): Unsupported {
    const words: string[] = [];
    for (let open = 1; open > 0; ) {
      const token = this.tokens.peek();
      if (token.kind === 'end' || token.kind === 'error') throw this.tokens.unexpected();
      if (token.kind === 'symbol' && token.text === '(') open++;
      if (token.kind === 'symbol' && token.text === ')') open--;
      if (open > 0) words.push(token.text);
      this.tokens.take();
    }
    this.tokens.leave();
    return unsupported('Subquery', `(${words.join(' ')})`);
  }

  /** DEFAULT or DEFAULT(column). */
  defaultValue(): Unsupported {
    if (!this.tokens.isSymbol('(')) return unsupported('Default', 'default');
    this.open();
    const token = this.tokens.peek();
    if (token.kind !== 'identifier') throw this.tokens.unexpected();
    this.tokens.take();
    this.close();
    return unsupported('Default', `default(${token.text})`);
  }

  private open(): void {
    if (!this.tokens.isSymbol('(')) throw this.tokens.unexpected();
    this.tokens.enter();
  }

  private close(): void {
    this.tokens.expectSymbol(')');
    this.tokens.leave();
  }
}

function unsupported(kind: Unsupported['kind'], text: string): Unsupported {
  return { kind, text };
}

const negate = (digits: string): string => (digits.startsWith('-') ? digits.slice(1) : `-${digits}`);
