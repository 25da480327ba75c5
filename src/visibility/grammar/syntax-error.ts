import type { Token } from './lexer.ts';

/** A filter that does not follow the grammar; the message is the one of Temporal's parser. */
export class FilterSyntaxError extends Error {
  override readonly name = 'FilterSyntaxError';

  constructor(problem: string, token: Token) {
    const near = token.near === undefined ? '' : ` near '${token.near}'`;
    super(`${problem} at position ${token.position}${near}`);
  }
}
