// Markdown as HTML, the part of it that people write into a summary or into details: headings, emphasis, code, lists, quotes, links,
// tables, rules. Everything else is text, HTML too. Each pattern looks at a character a bounded number of times. Main loop.

/** Quotes and lists within one another; deeper ones are text. */
const MAX_DEPTH = 8;

export function markdownToHtml(text: string): string {
  return blocks(text.replace(/\r\n?/g, '\n').split('\n'), 0);
}

const FENCE = /^ {0,3}(```+|~~~+)/;
const HEADING = /^ {0,3}(#{1,6})(?: (.*))?$/;
const RULE = /^ {0,3}(?:(?:- ?){3,}|(?:\* ?){3,}|(?:_ ?){3,})$/;
const QUOTE = /^ {0,3}> ?/;
const ITEM = /^( {0,3})([-*+]|\d{1,9}[.)]) +/;
const TABLE_RULE = /^\|?(?: ?:?-+:? ?\|)+(?: ?:?-+:? ?)?$/;

/** Each kind of block takes lines from `at` on, and says how many. */
function blocks(lines: readonly string[], depth: number): string {
  const html: string[] = [];
  for (let at = 0; at < lines.length; ) {
    if (lines[at]?.trim() === '') {
      at++;
      continue;
    }
    const [block, taken] =
      fence(lines, at) ??
      heading(lines, at) ??
      rule(lines, at) ??
      quote(lines, at, depth) ??
      list(lines, at, depth) ??
      table(lines, at) ??
      paragraph(lines, at);
    html.push(block);
    at += taken;
  }
  return html.join('\n');
}

type Block = readonly [html: string, lines: number];

function fence(lines: readonly string[], at: number): Block | undefined {
  const mark = FENCE.exec(lines[at] as string)?.[1];
  if (mark === undefined) return undefined;
  const inner = countWhile(lines, at + 1, (line) => !line.trim().startsWith(mark));
  const isClosed = at + 1 + inner < lines.length;
  const code = lines.slice(at + 1, at + 1 + inner).join('\n');
  return [`<pre><code>${escapeHtml(code)}</code></pre>`, inner + (isClosed ? 2 : 1)];
}

function heading(lines: readonly string[], at: number): Block | undefined {
  const match = HEADING.exec(lines[at] as string);
  if (match === null) return undefined;
  const level = (match[1] as string).length;
  return [`<h${level}>${inline((match[2] ?? '').replace(/ #+$/, ''))}</h${level}>`, 1];
}

function rule(lines: readonly string[], at: number): Block | undefined {
  return RULE.test((lines[at] as string).trimEnd()) ? ['<hr>', 1] : undefined;
}

function quote(lines: readonly string[], at: number, depth: number): Block | undefined {
  if (depth >= MAX_DEPTH || !QUOTE.test(lines[at] as string)) return undefined;
  const taken = countWhile(lines, at, (line) => QUOTE.test(line));
  const inner = lines.slice(at, at + taken).map((line) => line.replace(QUOTE, ''));
  return [`<blockquote>${blocks(inner, depth + 1)}</blockquote>`, taken];
}

function list(lines: readonly string[], from: number, depth: number): Block | undefined {
  const first = ITEM.exec(lines[from] as string);
  if (depth >= MAX_DEPTH || first === null) return undefined;
  const isOrdered = /\d/.test(first[2] as string);
  const items: string[] = [];
  let at = from;
  while (at < lines.length) {
    const marker = ITEM.exec(lines[at] as string);
    if (marker === null || /\d/.test(marker[2] as string) !== isOrdered) break;
    const indent = marker[0].length;
    const isInside = (line: string) => line.trim() === '' || leadingSpaces(line) >= Math.min(indent, 2);
    const more = countWhile(lines, at + 1, isInside);
    const inner = lines.slice(at + 1, at + 1 + more).map((line) => line.slice(Math.min(indent, leadingSpaces(line))));
    items.push(`<li>${item((lines[at] as string).slice(indent), inner, depth)}</li>`);
    at += 1 + more;
  }
  const tag = isOrdered ? 'ol' : 'ul';
  return [`<${tag}>${items.join('')}</${tag}>`, at - from];
}

/** An item's first line is text, not a paragraph of its own. */
function item(text: string, inner: readonly string[], depth: number): string {
  return [inline(text), blocks(inner, depth + 1)].filter((part) => part !== '').join('\n');
}

function table(lines: readonly string[], at: number): Block | undefined {
  const [head = '', second = ''] = lines.slice(at, at + 2);
  if (!head.includes('|') || !TABLE_RULE.test(second.trim())) return undefined;
  const rows = countWhile(lines, at + 2, (line) => line.includes('|'));
  const row = (line: string, tag: string) =>
    `<tr>${cells(line)
      .map((cell) => `<${tag}>${inline(cell)}</${tag}>`)
      .join('')}</tr>`;
  const body = lines.slice(at + 2, at + 2 + rows).map((line) => row(line, 'td'));
  return [`<table><thead>${row(head, 'th')}</thead><tbody>${body.join('')}</tbody></table>`, 2 + rows];
}

function cells(line: string): string[] {
  const inner = line.trim().replace(/^\|/, '').replace(/\|$/, '');
  return inner.split('|').map((cell) => cell.trim());
}

function paragraph(lines: readonly string[], at: number): Block {
  const isMore = (line: string) =>
    line.trim() !== '' && ![FENCE, HEADING, RULE, QUOTE, ITEM].some((pattern) => pattern.test(line));
  const taken = 1 + countWhile(lines, at + 1, isMore);
  return [`<p>${inline(lines.slice(at, at + taken).join('\n'))}</p>`, taken];
}

const INLINE = new RegExp(
  [
    '`([^`]{1,2000})`', // 1: code
    String.raw`!?\[([^\]]{0,500})\]\(([^\s()]{0,2000})\)`, // 2, 3: a link, or a picture's description
    String.raw`<?(https?://[^\s<>"]{1,2000})>?`, // 4: an address
    String.raw`\*\*([^*]{1,2000})\*\*`, // 5, 6: strong
    String.raw`\b__([^_]{1,2000})__\b`,
    String.raw`\*([^*\s][^*]{0,2000})\*`, // 7, 8: emphasis
    String.raw`\b_([^_\s][^_]{0,2000})_\b`,
    '~~([^~]{1,2000})~~', // 9: struck out
    String.raw`\\([!-/:-@[-\x60{-~])`, // 10: a character that shall mean nothing
    '( {2,}|\\\\)\n', // 11: a break
  ].join('|'),
  'g',
);

function inline(text: string): string {
  let html = '';
  let at = 0;
  for (const match of text.matchAll(INLINE)) {
    html += escapeHtml(text.slice(at, match.index)) + marked(match);
    at = match.index + match[0].length;
  }
  return html + escapeHtml(text.slice(at));
}

function marked(match: RegExpExecArray): string {
  const [, code, label, target, address, strong, strong2, emphasis, emphasis2, struck, literal] = match;
  if (code !== undefined) return `<code>${escapeHtml(code)}</code>`;
  if (target !== undefined) return link(target, label === '' ? target : (label ?? target));
  if (address !== undefined) return link(address, address);
  if ((strong ?? strong2) !== undefined) return `<strong>${inline((strong ?? strong2) as string)}</strong>`;
  if ((emphasis ?? emphasis2) !== undefined) return `<em>${inline((emphasis ?? emphasis2) as string)}</em>`;
  if (struck !== undefined) return `<del>${inline(struck)}</del>`;
  return literal === undefined ? '<br>\n' : escapeHtml(literal);
}

/** A target that a browser would run is text. */
function link(target: string, label: string): string {
  if (!/^(?:https?:\/\/|mailto:|\/(?!\/)|#)/i.test(target)) return escapeHtml(label);
  return `<a href="${escapeHtml(target)}" target="_blank" rel="noopener noreferrer">${escapeHtml(label)}</a>`;
}

function countWhile(lines: readonly string[], from: number, holds: (line: string) => boolean): number {
  let at = from;
  while (at < lines.length && holds(lines[at] as string)) at++;
  return at - from;
}

function leadingSpaces(line: string): number {
  return line.length - line.trimStart().length;
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ENTITIES[character] as string);
}
