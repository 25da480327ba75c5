// Semantic versions and ranges of them, as clients announce theirs. Grammar and error texts follow github.com/blang/semver, which
// Temporal uses and whose texts reach clients. Differs: wildcards (`1.x`) in ranges are refused; no client sends them.

export interface SemanticVersion {
  readonly numbers: readonly [number, number, number];
  readonly prerelease: readonly (number | string)[];
}

/** Alternatives, each a list of comparisons that must all hold. */
export type VersionRange = readonly (readonly VersionComparison[])[];

interface VersionComparison {
  readonly operator: Operator;
  readonly version: SemanticVersion;
}

type Operator = '=' | '!=' | '<' | '<=' | '>' | '>=';

export class VersionSyntaxError extends Error {
  override readonly name = 'VersionSyntaxError';
}

export function parseVersion(text: string): SemanticVersion {
  if (text === '') throw new VersionSyntaxError('Version string empty');
  const [major, minor, ...rest] = text.split('.');
  if (major === undefined || minor === undefined || rest.length === 0) {
    throw new VersionSyntaxError('No Major.Minor.Patch elements found');
  }
  const numbers = [parseNumber(major, 'major'), parseNumber(minor, 'minor')] as const;
  let patch = rest.join('.');
  const plus = patch.indexOf('+');
  const build = plus < 0 ? [] : patch.slice(plus + 1).split('.');
  if (plus >= 0) patch = patch.slice(0, plus);
  const dash = patch.indexOf('-');
  const prerelease = dash < 0 ? [] : patch.slice(dash + 1).split('.');
  if (dash >= 0) patch = patch.slice(0, dash);
  const patchNumber = parseNumber(patch, 'patch');
  const parts = prerelease.map(parsePrerelease);
  build.forEach(checkBuild);
  return { numbers: [numbers[0], numbers[1], patchNumber], prerelease: parts };
}

function parseNumber(text: string, what: string): number {
  if (!/^[0-9]*$/.test(text))
    throw new VersionSyntaxError(`Invalid character(s) found in ${what} number ${quote(text)}`);
  if (text.length > 1 && text.startsWith('0')) {
    const subject = `${what.slice(0, 1).toUpperCase()}${what.slice(1)}`;
    throw new VersionSyntaxError(`${subject} number must not contain leading zeroes ${quote(text)}`);
  }
  if (text === '') throw new VersionSyntaxError('strconv.ParseUint: parsing "": invalid syntax');
  return Number(text);
}

function parsePrerelease(text: string): number | string {
  if (text === '') throw new VersionSyntaxError('Prerelease is empty');
  if (/^[0-9]+$/.test(text)) {
    if (text.length > 1 && text.startsWith('0')) {
      throw new VersionSyntaxError(`Numeric PreRelease version must not contain leading zeroes ${quote(text)}`);
    }
    return Number(text);
  }
  if (!/^[0-9A-Za-z-]+$/.test(text)) {
    throw new VersionSyntaxError(`Invalid character(s) found in prerelease ${quote(text)}`);
  }
  return text;
}

function checkBuild(text: string): void {
  if (text === '') throw new VersionSyntaxError('Build meta data is empty');
  if (!/^[0-9A-Za-z-]+$/.test(text)) {
    throw new VersionSyntaxError(`Invalid character(s) found in build meta data ${quote(text)}`);
  }
}

const quote = (text: string) => JSON.stringify(text);

export function parseVersionRange(text: string): VersionRange {
  const parts = text
    .replaceAll(/([<>=!])\s+/g, '$1')
    .split(' ')
    .filter((part) => part !== '');
  if (parts[0] === '||') throw new VersionSyntaxError("First element in range is '||'");
  if (parts.length === 0 || parts.at(-1) === '||') throw new VersionSyntaxError("Last element in range is '||'");
  const alternatives: VersionComparison[][] = [[]];
  for (const part of parts) {
    if (part === '||') alternatives.push([]);
    else (alternatives.at(-1) as VersionComparison[]).push(parseComparison(part));
  }
  return alternatives;
}

const OPERATORS: ReadonlyMap<string, Operator> = new Map([
  ['', '='],
  ['=', '='],
  ['==', '='],
  ['!', '!='],
  ['!=', '!='],
  ['<', '<'],
  ['<=', '<='],
  ['>', '>'],
  ['>=', '>='],
]);

function parseComparison(text: string): VersionComparison {
  const digit = text.search(/[0-9]/);
  if (digit < 0) throw new VersionSyntaxError(`Could not get version from string: ${quote(text)}`);
  const operator = OPERATORS.get(text.slice(0, digit));
  const failed = `Could not parse Range ${quote(text)}: `;
  if (operator === undefined) {
    throw new VersionSyntaxError(
      `${failed}Could not parse comparator ${quote(text.slice(0, digit))} in ${quote(text)}`,
    );
  }
  const versionText = text.slice(digit);
  try {
    return { operator, version: parseVersion(versionText) };
  } catch (error) {
    if (!(error instanceof VersionSyntaxError)) throw error;
    const reason = `Could not parse version ${quote(versionText)} in ${quote(text)}: ${error.message}`;
    throw new VersionSyntaxError(failed + reason);
  }
}

export function satisfies(version: SemanticVersion, range: VersionRange): boolean {
  return range.some((comparisons) => comparisons.every((comparison) => holds(version, comparison)));
}

function holds(version: SemanticVersion, { operator, version: other }: VersionComparison): boolean {
  const order = compareVersions(version, other);
  switch (operator) {
    case '=':
      return order === 0;
    case '!=':
      return order !== 0;
    case '<':
      return order < 0;
    case '<=':
      return order <= 0;
    case '>':
      return order > 0;
    case '>=':
      return order >= 0;
  }
}

/** Negative, zero or positive; build metadata does not count. */
export function compareVersions(a: SemanticVersion, b: SemanticVersion): number {
  for (const i of [0, 1, 2] as const) {
    if (a.numbers[i] !== b.numbers[i]) return a.numbers[i] - b.numbers[i];
  }
  if (a.prerelease.length === 0 || b.prerelease.length === 0) {
    return Number(b.prerelease.length > 0) - Number(a.prerelease.length > 0);
  }
  for (let i = 0; i < Math.min(a.prerelease.length, b.prerelease.length); i++) {
    const order = comparePrerelease(a.prerelease[i] as number | string, b.prerelease[i] as number | string);
    if (order !== 0) return order;
  }
  return a.prerelease.length - b.prerelease.length;
}

function comparePrerelease(a: number | string, b: number | string): number {
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  if (typeof a === 'number') return -1;
  if (typeof b === 'number') return 1;
  return a < b ? -1 : a > b ? 1 : 0;
}
