// Reads what AVA prints with --tap: the outcome of each test of one file.

export type Outcome = 'passed' | 'failed' | 'skipped';

export interface TestResult {
  readonly test: string;
  readonly outcome: Outcome;
  /** The diagnostic block of a failure. */
  readonly detail?: string;
}

const TEST_LINE = /^(not )?ok \d+ - (.*?)( # (?:SKIP|TODO).*)?$/;

export function readTap(output: string): TestResult[] {
  const results: TestResult[] = [];
  const lines = output.split('\n');
  for (let at = 0; at < lines.length; at++) {
    const match = TEST_LINE.exec(lines[at] ?? '');
    if (!match) continue;
    const test = match[2] ?? '';
    if (match[3] !== undefined) results.push({ test, outcome: 'skipped' });
    else if (match[1] === undefined) results.push({ test, outcome: 'passed' });
    else results.push({ test, outcome: 'failed', detail: diagnosticAt(lines, at + 1) });
  }
  return results;
}

function diagnosticAt(lines: readonly string[], start: number): string {
  if (lines[start]?.trim() !== '---') return '';
  const end = lines.findIndex((line, at) => at > start && line.trim() === '...');
  return lines.slice(start + 1, end === -1 ? undefined : end).join('\n');
}
