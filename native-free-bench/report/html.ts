// The report as one HTML page without anything from elsewhere: per workload and load the table and, per latency, the curve of
// all servers (percentiles stretched towards the tail, milliseconds on a logarithmic scale).

import { FIGURES, type FigureName } from '../load/figures.ts';
import type { Result } from './result.ts';
import { groups, table } from './table.ts';

const WIDTH = 520;
const HEIGHT = 260;
const MARGIN = { left: 56, right: 12, top: 12, bottom: 34 };
const COLOURS = ['#0b6e4f', '#c1440e', '#2b59c3', '#8e3b9e', '#8a6d00', '#444444'];
const MARKED_PERCENTILES = [0, 50, 90, 99, 99.9, 99.99];

export function htmlReport(results: readonly Result[], about: string): string {
  const sections = groups(results).map((group) => {
    const names = (Object.keys(FIGURES) as FigureName[]).filter((name) =>
      group.some(({ latencies }) => latencies[name]),
    );
    const charts = names.map(
      (name) => `<figure><figcaption>${FIGURES[name]}</figcaption>${chart(group, name)}</figure>`,
    );
    const heading = `${group[0]!.workload}, ${group[0]!.load}`;
    return `<section><h2>${escapeHtml(heading)}</h2><pre>${escapeHtml(table(group))}</pre><div class="charts">${charts.join('')}</div></section>`;
  });
  return `<!doctype html><meta charset="utf-8"><title>native-free-bench</title>
<style>
body{font:15px/1.45 system-ui,sans-serif;margin:2rem auto;max-width:1180px;padding:0 1rem;color:#222}
pre{overflow-x:auto;background:#f6f6f4;padding:.8rem;font-size:12px}
.charts{display:flex;flex-wrap:wrap;gap:1rem}figure{margin:0}figcaption{font-weight:600}
svg text{font:11px system-ui,sans-serif;fill:#555}svg .grid{stroke:#ddd}
</style>
<h1>native-free-bench</h1><p>${escapeHtml(about)}</p>
${sections.join('\n')}
`;
}

function chart(group: readonly Result[], name: FigureName): string {
  const curves = group.flatMap((result, index) => {
    const latency = result.latencies[name];
    return latency === undefined ? [] : [{ server: result.server, colour: COLOURS[index % COLOURS.length]!, latency }];
  });
  const values = curves.flatMap(({ latency }) => latency.curve.map(([, value]) => Math.max(value, 0.01)));
  const low = Math.floor(Math.log10(Math.min(...values)));
  const high = Math.max(low + 1, Math.ceil(Math.log10(Math.max(...values))));
  const y = (value: number): number =>
    HEIGHT -
    MARGIN.bottom -
    ((Math.log10(Math.max(value, 0.01)) - low) / (high - low)) * (HEIGHT - MARGIN.top - MARGIN.bottom);
  const parts: string[] = [];
  for (let power = low; power <= high; power++) {
    const at = y(10 ** power);
    parts.push(`<line class="grid" x1="${MARGIN.left}" x2="${WIDTH - MARGIN.right}" y1="${at}" y2="${at}"/>`);
    parts.push(`<text x="${MARGIN.left - 6}" y="${at + 4}" text-anchor="end">${10 ** power} ms</text>`);
  }
  for (const percentile of MARKED_PERCENTILES) {
    const at = x(percentile);
    parts.push(`<line class="grid" x1="${at}" x2="${at}" y1="${MARGIN.top}" y2="${HEIGHT - MARGIN.bottom}"/>`);
    parts.push(`<text x="${at}" y="${HEIGHT - MARGIN.bottom + 14}" text-anchor="middle">${percentile}</text>`);
  }
  curves.forEach(({ server, colour, latency }, index) => {
    const points = latency.curve.map(([percentile, value]) => `${x(percentile).toFixed(1)},${y(value).toFixed(1)}`);
    parts.push(`<polyline fill="none" stroke="${colour}" stroke-width="2" points="${points.join(' ')}"/>`);
    parts.push(
      `<text x="${MARGIN.left + 8}" y="${MARGIN.top + 14 + index * 14}" style="fill:${colour}">${escapeHtml(server)}</text>`,
    );
  });
  return `<svg width="${WIDTH}" height="${HEIGHT}" role="img">${parts.join('')}</svg>`;
}

/** Each nine takes as much room as the one before. The maximum stands at five nines. */
function x(percentile: number): number {
  const nines = Math.min(5, -Math.log10(Math.max(1e-5, 1 - percentile / 100)));
  return MARGIN.left + (nines / 5) * (WIDTH - MARGIN.left - MARGIN.right);
}

function escapeHtml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
