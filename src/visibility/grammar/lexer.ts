// Splits a list filter into tokens: MySQL's lexical rules as Temporal's parser has them, positions included, because its error
// messages name them. Works on UTF-8 bytes. Pure; any thread.

import { isKeyword } from './keywords.ts';

export type TokenKind =
  | 'end'
  | 'error'
  | 'identifier'
  | 'keyword'
  | 'string'
  | 'integral'
  | 'float'
  | 'hex'
  | 'hexNumber'
  | 'bits'
  | 'argument'
  | 'listArgument'
  | 'comment'
  | 'symbol';

export interface Token {
  readonly kind: TokenKind;
  /** The identifier, the lower-case keyword, the decoded string, the digits, or the symbol. */
  readonly text: string;
  /** Where the lexer stood when it had read the token: 1 for the first byte. What error messages print. */
  readonly position: number;
  /** What an error prints as `near '...'`; symbols, the end and empty texts are not named. */
  readonly near: string | undefined;
}

const END = -1;
const code = (character: string): number => character.charCodeAt(0);
const QUOTE = code("'");
const DOUBLE_QUOTE = code('"');
const BACKQUOTE = code('`');
const BACKSLASH = code('\\');
const NEWLINE = code('\n');
const STAR = code('*');
const SLASH = code('/');
const DOT = code('.');

/** What MySQL's escapes stand for; other characters after a backslash stand for themselves. */
const ESCAPES: ReadonlyMap<number, number> = new Map([
  [code('0'), 0],
  [code('b'), 8],
  [code('n'), 10],
  [code('r'), 13],
  [code('t'), 9],
  [code('Z'), 26],
]);

/** Symbols of two and three characters, longest first. */
const LONG_SYMBOLS = ['<=>', '->>', '<>', '<<', '<=', '>=', '>>', '!=', '&&', '||', '->'];
const SHORT_SYMBOLS = '=,;()+*%^~&|.-/<>!';

const isLetter = (byte: number): boolean =>
  (byte >= 97 && byte <= 122) || (byte >= 65 && byte <= 90) || byte === 95 || byte === 64;
const isDigit = (byte: number): boolean => byte >= 48 && byte <= 57;
const isBlank = (byte: number): boolean => byte === 32 || byte === 10 || byte === 13 || byte === 9;

export class Lexer {
  private readonly bytes: Uint8Array;
  private offset = 0;
  private readonly positionOffset: number;
  private arguments = 0;

  /** `positionOffset` is added to positions: Temporal counts from the start of the SELECT it builds around the filter. */
  constructor(text: string, positionOffset: number) {
    this.bytes = new TextEncoder().encode(text);
    this.positionOffset = positionOffset;
  }

  /** The next token that is no comment. */
  next(): Token {
    for (;;) {
      const token = this.scan();
      if (token.kind !== 'comment') return token;
    }
  }

  private at(offset = this.offset): number {
    return offset < this.bytes.length ? this.bytes[offset]! : END;
  }

  private token(kind: TokenKind, text: string): Token {
    const isNamed = kind !== 'symbol' && kind !== 'end' && text !== '';
    return { kind, text, near: isNamed ? text : undefined, position: this.offset + 1 + this.positionOffset };
  }

  private slice(from: number): string {
    return Buffer.from(this.bytes.subarray(from, this.offset)).toString('utf8');
  }

  private scan(): Token {
    while (isBlank(this.at())) this.offset++;
    const byte = this.at();
    if (byte === END) return this.token('end', '');
    if (isLetter(byte)) return this.scanWord(byte);
    if (isDigit(byte) || (byte === DOT && isDigit(this.at(this.offset + 1)))) return this.scanNumber();
    if (byte === code(':')) return this.scanArgument();
    if (byte === code('?')) {
      this.offset++;
      return this.token('argument', `:v${++this.arguments}`);
    }
    if (byte === QUOTE || byte === DOUBLE_QUOTE) return this.scanString(byte);
    if (byte === BACKQUOTE) return this.scanQuotedIdentifier();
    return this.scanComment(byte) ?? this.scanSymbol(byte);
  }

  private scanWord(first: number): Token {
    const start = this.offset++;
    if (this.at() === QUOTE && (first === code('x') || first === code('X')))
      return this.scanDigits('hex', /^[0-9a-f]$/i);
    if (this.at() === QUOTE && (first === code('b') || first === code('B'))) return this.scanDigits('bits', /^[01]$/);
    while (isLetter(this.at()) || isDigit(this.at())) this.offset++;
    const word = this.slice(start);
    const lower = word.toLowerCase();
    if (isKeyword(lower)) return this.token('keyword', lower);
    return this.token('identifier', lower === 'dual' ? lower : word);
  }

  /** The rest of x'...' or b'...'. */
  private scanDigits(kind: 'hex' | 'bits', digit: RegExp): Token {
    const start = ++this.offset;
    while (this.at() !== END && digit.test(String.fromCharCode(this.at()))) this.offset++;
    const digits = this.slice(start);
    if (this.at() !== QUOTE) return this.token('error', digits);
    this.offset++;
    return this.token(kind === 'hex' && digits.length % 2 !== 0 ? 'error' : kind, digits);
  }

  private scanNumber(): Token {
    const start = this.offset;
    let kind: TokenKind = 'integral';
    const digits = (): void => {
      while (isDigit(this.at())) this.offset++;
    };
    if (this.at() === code('0') && (this.at(start + 1) | 32) === code('x')) {
      kind = 'hexNumber';
      this.offset += 2;
      while (this.at() !== END && /[0-9a-f]/i.test(String.fromCharCode(this.at()))) this.offset++;
    } else {
      digits();
      if (this.at() === DOT) {
        kind = 'float';
        this.offset++;
        digits();
      }
      if ((this.at() | 32) === code('e') && this.at() !== END) {
        kind = 'float';
        this.offset++;
        if (this.at() === code('+') || this.at() === code('-')) this.offset++;
        digits();
      }
    }
    return this.token(isLetter(this.at()) ? 'error' : kind, this.slice(start));
  }

  private scanArgument(): Token {
    const start = this.offset++;
    let kind: TokenKind = 'argument';
    if (this.at() === code(':')) {
      kind = 'listArgument';
      this.offset++;
    }
    if (!isLetter(this.at())) return this.token('error', this.slice(start));
    while (isLetter(this.at()) || isDigit(this.at()) || this.at() === DOT) this.offset++;
    return this.token(kind, this.slice(start));
  }

  private scanString(delimiter: number): Token {
    const bytes: number[] = [];
    this.offset++;
    for (;;) {
      const byte = this.at();
      const text = (): string => Buffer.from(bytes).toString('utf8');
      if (byte === END) return this.token('error', text());
      this.offset++;
      if (byte === BACKSLASH) {
        const escaped = this.at();
        if (escaped === END) return this.token('error', text());
        bytes.push(ESCAPES.get(escaped) ?? escaped);
        this.offset++;
      } else if (byte === delimiter) {
        if (this.at() !== delimiter) return this.token('string', text());
        bytes.push(delimiter); // a doubled delimiter stands for one
        this.offset++;
      } else {
        bytes.push(byte);
      }
    }
  }

  private scanQuotedIdentifier(): Token {
    const bytes: number[] = [];
    this.offset++;
    for (;;) {
      const byte = this.at();
      if (byte === END) return this.token('error', Buffer.from(bytes).toString('utf8'));
      this.offset++;
      if (byte === BACKQUOTE) {
        if (this.at() !== BACKQUOTE) break;
        this.offset++;
      }
      bytes.push(byte);
    }
    return this.token(bytes.length === 0 ? 'error' : 'identifier', Buffer.from(bytes).toString('utf8'));
  }

  private scanComment(byte: number): Token | undefined {
    const start = this.offset;
    const second = this.at(start + 1);
    if (byte === code('#') || (byte === SLASH && second === SLASH) || (byte === code('-') && second === code('-'))) {
      while (this.at() !== END && this.at() !== NEWLINE) this.offset++;
      if (this.at() === NEWLINE) this.offset++;
      return this.token('comment', this.slice(start));
    }
    if (byte !== SLASH || second !== STAR) return undefined;
    this.offset += 2;
    while (this.at() !== END) {
      if (this.at() === STAR && this.at(this.offset + 1) === SLASH) {
        this.offset += 2;
        return this.token('comment', this.slice(start));
      }
      this.offset++;
    }
    return this.token('error', this.slice(start));
  }

  private scanSymbol(byte: number): Token {
    for (const symbol of LONG_SYMBOLS) {
      let length = 0;
      while (length < symbol.length && this.at(this.offset + length) === symbol.charCodeAt(length)) length++;
      if (length !== symbol.length) continue;
      this.offset += length;
      return this.token('symbol', symbol);
    }
    const character = String.fromCharCode(byte);
    this.offset++;
    if (SHORT_SYMBOLS.includes(character)) return this.token('symbol', character);
    return this.token('error', Buffer.from([byte]).toString('utf8'));
  }
}
