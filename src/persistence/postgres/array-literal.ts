// Writes PostgreSQL array literals. The driver sends parameters as text and would escape each element with two regular
// expressions; ids and hexadecimal need none of it, and this is the hot path of every commit. Any thread; pure.

/** PostgreSQL cannot hold the character NUL in text, but clients may put it in their ids: U+0001 introduces the escapes. */
const ESCAPE = '\u0001';
const ESCAPED_NUL = `${ESCAPE}0`;
const ESCAPED_ESCAPE = `${ESCAPE}1`;
// biome-ignore lint/suspicious/noControlCharactersInRegex: these two characters are what it looks for
const NEEDS_ESCAPE = /[\u0000\u0001]/;

/** A client's string as text PostgreSQL accepts; order and equality of strings without control characters are kept. */
export function toStoredText(text: string): string {
  if (!NEEDS_ESCAPE.test(text)) return text;
  return text.replaceAll(ESCAPE, ESCAPED_ESCAPE).replaceAll('\u0000', ESCAPED_NUL);
}

export function fromStoredText(stored: string): string {
  if (!stored.includes(ESCAPE)) return stored;
  return stored.replaceAll(ESCAPED_NUL, '\u0000').replaceAll(ESCAPED_ESCAPE, ESCAPE);
}

/** Grows one array literal. Begin a new one for each statement. */
export class ArrayLiteral {
  private text = '';
  private elements = 0;

  get length(): number {
    return this.elements;
  }

  number(value: number): void {
    this.append(String(value));
  }

  bytes(value: Uint8Array): void {
    const buffer = Buffer.isBuffer(value) ? value : Buffer.from(value.buffer, value.byteOffset, value.byteLength);
    this.append(`"\\\\x${buffer.toString('hex')}"`);
  }

  string(value: string): void {
    const stored = toStoredText(value);
    this.append(/["\\]/.test(stored) ? `"${stored.replace(/["\\]/g, '\\$&')}"` : `"${stored}"`);
  }

  null(): void {
    this.append('NULL');
  }

  toString(): string {
    return `{${this.text}}`;
  }

  private append(element: string): void {
    this.text = this.elements === 0 ? element : `${this.text},${element}`;
    this.elements += 1;
  }
}
