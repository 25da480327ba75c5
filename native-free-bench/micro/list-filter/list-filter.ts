// What does the filter of a list call cost before the store is asked?
// Workload: filters as the Web UI and scripts send them, from text to syntax (`parse`) and on to typed predicates (`resolve`).
// Unit: us of one thread per filter. Baseline: JSON.parse of the syntax tree of the same filter. Prints p50, p99, max and a
// checksum: characters of the trees.
// Run: node native-free-bench/micro/list-filter/list-filter.ts

import { resolveListFilter } from '../../../src/visibility/filter/resolve-filter.ts';
import { parseFilter } from '../../../src/visibility/grammar/parser.ts';

const TIMES = 20_000;
/** Calls of one measurement: a clock read costs a part of a call. */
const AT_ONCE = 20;

const namespace = {
  name: 'bench',
  customSearchAttributeAliases: new Map([
    ['Keyword01', 'CustomerId'],
    ['Int01', 'Amount'],
  ]),
};

const ids = Array.from({ length: 100 }, (_, i) => `'order-${i}'`).join(', ');
const FILTERS: readonly (readonly [string, string])[] = [
  ['status', "ExecutionStatus = 'Running'"],
  ['web page', "WorkflowType = 'checkout' AND StartTime BETWEEN '2026-01-01T00:00:00Z' AND '2026-02-01T00:00:00Z'"],
  ['custom', "CustomerId = 'c-1' AND (Amount > 100 OR Amount IS NULL) AND WorkflowId STARTS_WITH 'order-'"],
  ['100 ids', `WorkflowId IN (${ids}) AND ExecutionStatus != 'Completed'`],
];

const jsonOf = (value: unknown): string =>
  JSON.stringify(value, (_, inner: unknown) => (typeof inner === 'bigint' ? String(inner) : inner));

function measure(name: string, run: () => unknown, report: boolean): void {
  const times: number[] = [];
  let result: unknown;
  for (let done = 0; done < TIMES; done += AT_ONCE) {
    const startMs = performance.now();
    for (let i = 0; i < AT_ONCE; i++) result = run();
    times.push(((performance.now() - startMs) * 1000) / AT_ONCE);
  }
  if (!report) return;
  times.sort((a, b) => a - b);
  const at = (part: number) => times[Math.floor(part * (times.length - 1))]!.toFixed(2);
  console.log(`${name}\tp50 ${at(0.5)} us\tp99 ${at(0.99)} us\tmax ${at(1)} us\tchecksum ${jsonOf(result).length}`);
}

for (const report of [false, true]) {
  for (const [name, filter] of FILTERS) {
    const json = jsonOf(parseFilter(filter));
    measure(`${name}\tJSON.parse`, () => JSON.parse(json) as unknown, report);
    measure(`${name}\tparse`, () => parseFilter(filter), report);
    measure(`${name}\tresolve`, () => resolveListFilter(filter, namespace), report);
  }
}
