// One token of lookahead over the lexer, with the nesting limit of Temporal's parser. Used by the parsers of this folder.

import type { Lexer, Token } from './lexer.ts';
import { FilterSyntaxError } from './syntax-error.ts';

/** The first nesting that is refused: parentheses (Temporal's sqlparser, sql.y) and, with us, prefix operators. */
const REFUSED_NESTING = 200;

export class TokenStream {
  private readonly lexer: Lexer;
  private current: Token;
  private depth = 0;

  constructor(lexer: Lexer) {
    this.lexer = lexer;
    this.current = lexer.next();
  }

  peek(): Token {
    return this.current;
  }

  take(): Token {
    const token = this.current;
    this.current = this.lexer.next();
    return token;
  }

  isKeyword(word: string): boolean {
    return this.current.kind === 'keyword' && this.current.text === word;
  }

  isSymbol(symbol: string): boolean {
    return this.current.kind === 'symbol' && this.current.text === symbol;
  }

  takeKeyword(word: string): boolean {
    if (!this.isKeyword(word)) return false;
    this.take();
    return true;
  }

  takeSymbol(symbol: string): boolean {
    if (!this.isSymbol(symbol)) return false;
    this.take();
    return true;
  }

  expectKeyword(word: string): void {
    if (!this.takeKeyword(word)) throw this.unexpected();
  }

  expectSymbol(symbol: string): void {
    if (!this.takeSymbol(symbol)) throw this.unexpected();
  }

  /** AND, in either spelling. */
  expectAnd(): void {
    if (!this.takeKeyword('and')) this.expectSymbol('&&');
  }

  expectOneOf(keywords: readonly string[]): string {
    const token = this.current;
    if (token.kind !== 'keyword' || !keywords.includes(token.text)) throw this.unexpected();
    return this.take().text;
  }

  expectEnd(): void {
    if (this.current.kind !== 'end') throw this.unexpected();
  }

  /** Takes the token that nests; the parser recurses, so this also bounds its stack. */
  enter(): void {
    if (++this.depth === REFUSED_NESTING) throw new FilterSyntaxError('max nesting level reached', this.current);
    this.take();
  }

  leave(): void {
    this.depth--;
  }

  unexpected(): FilterSyntaxError {
    return new FilterSyntaxError('syntax error', this.current);
  }
}
