// What stands in the Web UI's place when its files are not there: says so, says how to get them, and shows what answers all the same.
// Main loop.

import { OSTINATO_VERSION, TEMPORAL_VERSION } from '../../base/version.ts';

/** What a browser can ask without knowing more. */
const LINKS: readonly (readonly [string, string])[] = [
  ['/api/v1/namespaces', 'namespaces'],
  ['/api/v1/namespaces/default/workflows', 'workflows of the namespace default'],
  ['/api/v1/namespaces/default/workflow-count', 'how many there are'],
  ['/api/v1/namespaces/default/search-attributes', 'search attributes'],
  ['/api/v1/cluster-info', 'the cluster'],
  ['/api/v1/system-info', 'what the server can do'],
  ['/api/v1/settings', 'settings of the Web UI'],
  ['/healthz', 'health'],
];

/** `remedy` is a sentence of HTML: how the files are had. */
export function missingFilesPage(publicPath: string, remedy: string): string {
  const links = LINKS.map(
    ([path, what]) => `<li><a href="${publicPath}${path}"><code>${path}</code></a> ${what}</li>`,
  ).join('\n      ');
  return `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <meta name="color-scheme" content="light dark">
    <title>Ostinato</title>
    <style>
      body { font: 16px/1.5 system-ui, sans-serif; max-width: 44rem; margin: 4rem auto; padding: 0 1rem; }
      code { font-size: 0.9em; }
      li { margin: 0.25rem 0; }
    </style>
  </head>
  <body>
    <h1>Ostinato ${OSTINATO_VERSION}</h1>
    <p>The server runs and behaves like Temporal ${TEMPORAL_VERSION}. The files of the Temporal Web UI are not installed.</p>
    <p>${remedy}</p>
    <p>What the Web UI asks the server for is answered here already:</p>
    <ul>
      ${links}
    </ul>
  </body>
</html>
`;
}
