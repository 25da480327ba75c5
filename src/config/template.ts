// The part of Go's templates that Temporal's configuration files use: environment variables, defaults, conditions, variables.
// A file is a template when one of its first comments says `enable-template` (common/config/loader.go, v1.31).

/** Characters in which the comment is looked for (commentSearchLimit). */
const MARKER_SEARCH_LIMIT = 1024;

export type Environment = Readonly<Record<string, string | undefined>>;

export function isTemplate(text: string): boolean {
  const head = text.slice(0, MARKER_SEARCH_LIMIT).split('\n');
  return head.some((line) => line.trimStart().startsWith('#') && line.includes('enable-template'));
}

/** Throws with the line of an action that is not understood. */
export function renderTemplate(text: string, environment: Environment): string {
  const renderer = new Renderer(text, environment);
  return renderer.render();
}

interface Action {
  readonly before: string;
  readonly code: string;
  readonly line: number;
}

const ACTION = /\{\{(-\s)?\s*((?:"(?:\\.|[^"\\])*"|`[^`]*`|(?!\s*-?\}\}).)*?)\s*(\s-)?\}\}/gs;

class Renderer {
  readonly #actions: Action[] = [];
  readonly #rest: string;
  readonly #environment: Environment;
  readonly #variables = new Map<string, string>();
  #next = 0;

  constructor(text: string, environment: Environment) {
    this.#environment = environment;
    let at = 0;
    let trimNext = false;
    for (const match of text.matchAll(ACTION)) {
      let before = text.slice(at, match.index);
      if (trimNext) before = before.trimStart();
      if (match[1] !== undefined) before = before.trimEnd();
      this.#actions.push({ before, code: match[2]!.trim(), line: text.slice(0, match.index).split('\n').length });
      trimNext = match[3] !== undefined;
      at = match.index + match[0].length;
    }
    const rest = text.slice(at);
    this.#rest = trimNext ? rest.trimStart() : rest;
  }

  render(): string {
    const text = this.#block(true);
    if (this.#next < this.#actions.length) this.#fail(this.#actions[this.#next]!, 'has no if before it');
    return text + this.#rest;
  }

  /** Up to the `else` or `end` that closes this block, which stays next. With `isLive` false nothing is evaluated. */
  #block(isLive: boolean): string {
    let output = '';
    for (; this.#next < this.#actions.length; this.#next++) {
      const action = this.#actions[this.#next]!;
      if (isLive) output += action.before;
      const keyword = /^(if|else|end|range|with|define|template|block)\b/.exec(action.code)?.[1];
      if (keyword === 'else' || keyword === 'end') return output;
      if (keyword === 'if') output += this.#condition(action, isLive);
      else if (keyword !== undefined) this.#fail(action, 'is not supported here');
      else if (isLive) output += this.#evaluate(action);
    }
    return output;
  }

  /** At an `if`; leaves its `end` next. */
  #condition(first: Action, isLive: boolean): string {
    let output = '';
    let isTaken = !isLive;
    let branch: Action = first;
    let expression: string | undefined = first.code.slice('if'.length);
    for (;;) {
      const isChosen = !isTaken && (expression === undefined || isTrue(this.#pipeline(branch, expression)));
      this.#next++;
      // The closing action's text before it belongs to this branch.
      output += this.#block(isChosen);
      isTaken ||= isChosen;
      const closing = this.#actions[this.#next];
      if (closing === undefined) this.#fail(first, 'has no end');
      if (closing.code === 'end') return output;
      branch = closing;
      expression = /^else\s+if\b(.*)$/s.exec(closing.code)?.[1];
    }
  }

  #evaluate(action: Action): string {
    if (action.code.startsWith('/*')) return '';
    const assignment = /^(\$\w+)\s*:?=\s*(.*)$/s.exec(action.code);
    if (assignment === null) return this.#pipeline(action, action.code);
    this.#variables.set(assignment[1]!, this.#pipeline(action, assignment[2]!));
    return '';
  }

  #pipeline(action: Action, code: string): string {
    const tokens = tokenize(code);
    let value: string | undefined;
    let command: Token[] = [];
    const finish = () => {
      value = this.#command(action, command, value);
      command = [];
    };
    for (const token of tokens) {
      if (token === '|') finish();
      else command.push(token);
    }
    finish();
    return value!;
  }

  /** A function with its arguments, or one value; `piped` is the last argument. */
  #command(action: Action, tokens: readonly Token[], piped: string | undefined): string {
    const [head, ...rest] = tokens;
    if (head === undefined) this.#fail(action, 'is empty');
    const isFunction = typeof head === 'string' && /^[a-z]\w*$/i.test(head) && head !== 'true' && head !== 'false';
    if (!isFunction) {
      if (rest.length > 0 || piped !== undefined) this.#fail(action, 'calls something that is no function');
      return this.#operand(action, head);
    }
    const args = rest.map((token) => this.#operand(action, token));
    if (piped !== undefined) args.push(piped);
    const [first = '', second = ''] = args;
    switch (head) {
      case 'env':
        return this.#environment[first] ?? '';
      case 'default':
        // sprig: default FALLBACK VALUE; the older `default .Env.X "fallback"` of dockerize has them the other way round.
        return typeof rest[0] === 'string' && rest[0].startsWith('.') ? first || second : second || first;
      case 'lower':
        return first.toLowerCase();
      case 'upper':
        return first.toUpperCase();
      case 'trim':
        return first.trim();
      case 'quote':
        return JSON.stringify(first);
      case 'eq':
        return String(args.slice(1).includes(first));
      case 'ne':
        return String(first !== second);
      case 'not':
        return String(!isTrue(first));
      case 'and':
        return args.find((arg) => !isTrue(arg)) ?? args.at(-1) ?? '';
      case 'or':
        return args.find(isTrue) ?? args.at(-1) ?? '';
      case 'fail':
        throw new Error(first);
      default:
        return this.#fail(action, `calls ${head}, which is not supported`);
    }
  }

  #operand(action: Action, token: Token): string {
    if (typeof token !== 'string') return 'text' in token ? token.text : this.#pipeline(action, token.code);
    if (token.startsWith('$')) {
      const value = this.#variables.get(token);
      if (value === undefined) this.#fail(action, `uses ${token} before it is set`);
      return value;
    }
    const variable = /^\.Env\.(\w+)$/.exec(token)?.[1];
    if (variable !== undefined) return this.#environment[variable] ?? '';
    if (/^(-?[\d.]+|true|false)$/.test(token)) return token;
    return this.#command(action, [token], undefined);
  }

  #fail(action: Action, reason: string): never {
    throw new Error(`line ${action.line}: {{ ${action.code} }} ${reason}`);
  }
}

/** A word, a literal, or what stands in parentheses. */
type Token = string | { readonly text: string } | { readonly code: string };

function tokenize(code: string): Token[] {
  const tokens: Token[] = [];
  const pattern = /\s*(?:("(?:\\.|[^"\\])*")|`([^`]*)`|(\()|(\|)|([^\s()|]+))/y;
  let at = 0;
  while (code.slice(at).trim() !== '') {
    pattern.lastIndex = at;
    const match = pattern.exec(code);
    if (match === null) throw new Error(`cannot read ${code}`);
    at = pattern.lastIndex;
    if (match[1] !== undefined) tokens.push({ text: JSON.parse(match[1]) as string });
    else if (match[2] !== undefined) tokens.push({ text: match[2] });
    else if (match[4] !== undefined) tokens.push('|');
    else if (match[5] !== undefined) tokens.push(match[5]);
    else {
      const end = closingParenthesis(code, at);
      tokens.push({ code: code.slice(at, end) });
      at = end + 1;
    }
  }
  return tokens;
}

function closingParenthesis(code: string, from: number): number {
  let depth = 1;
  for (let at = from; at < code.length; at++) {
    if (code[at] === '"') {
      at = code.indexOf('"', at + 1);
      if (at === -1) break;
    } else if (code[at] === '(') depth++;
    else if (code[at] === ')' && --depth === 0) return at;
  }
  throw new Error(`a parenthesis is not closed in ${code}`);
}

/** Go's truth, where everything is text: the functions above answer `false` for false. */
function isTrue(value: string): boolean {
  return value !== '' && value !== 'false' && value !== '0';
}
