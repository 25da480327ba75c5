// GET /render: the page that the Web UI shows in a frame where a workflow, an activity or a timer has a summary or details in Markdown.
// It may run nothing and load nothing. Parameters as in Temporal's UI server (server/route/ui.go, ui-server v2.54). Main loop.

import { randomBytes } from 'node:crypto';
import type { HttpResponse } from '../http/gateway.ts';
import { escapeHtml, markdownToHtml } from './markdown.ts';

/** Background and text by theme and, after a hyphen, by the surface that the frame stands on. */
const COLOURS: readonly (readonly [theme: string, background: string, text: string, link: string])[] = [
  ['light', '#fff', '#121416', '#444ce7'],
  ['light-background', '#f8fafc', '#121416', '#444ce7'],
  ['light-primary', '#fff', '#121416', '#444ce7'],
  ['dark', '#141414', '#f8fafc', '#8098f9'],
  ['dark-background', '#141414', '#f8fafc', '#8098f9'],
  ['dark-primary', '#000', '#f8fafc', '#8098f9'],
];

const STYLE = `
* { margin: 0; padding: 0; box-sizing: border-box; }
html { color-scheme: light; }
html:has(body[data-theme^='dark']) { color-scheme: dark; }
body { padding: 1rem; font-family: sans-serif; white-space: pre-line; overflow-wrap: break-word; }
h1 { font-size: 2em; } h2 { font-size: 1.5em; } h3 { font-size: 1.17em; }
ul, ol, table { white-space: normal; }
li { list-style-position: inside; }
td, th { padding: 0.125rem 0.5rem; text-align: left; }
a { text-underline-offset: 2px; }
code, pre { font-family: monospace; padding: 0.125rem 0.25rem; border-radius: 0.25rem; }
code, pre, blockquote { background: #e8efff; color: #121416; }
pre { white-space: pre; overflow-x: auto; }
pre code { padding: 0; }
blockquote { padding-left: 0.5rem; border-left: 4px solid #92a4c3; }
${COLOURS.map(
  ([theme, background, text, link]) =>
    `body[data-theme='${theme}'] { background: ${background}; color: ${text}; }\nbody[data-theme='${theme}'] a { color: ${link}; }`,
).join('\n')}
body.compact { padding: 0; overflow: hidden; white-space: normal; background: transparent; font-size: 14px; line-height: 20px; }
body.compact code { padding: 0 0.375rem; font-size: 13px; }
`;

export function renderedPage(parameters: URLSearchParams): HttpResponse {
  const nonce = randomBytes(16).toString('hex');
  const theme = [parameters.get('theme'), parameters.get('overrideTheme')].filter(Boolean).join('-');
  const bodyClass = parameters.get('compact') === 'true' ? 'prose compact' : 'prose';
  const policy = [
    "base-uri 'none'",
    "default-src 'none'",
    `style-src 'nonce-${nonce}'`,
    "frame-ancestors 'self'",
    "form-action 'none'",
    'sandbox allow-same-origin allow-popups allow-popups-to-escape-sandbox',
  ];
  return {
    status: 200,
    headers: {
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy': policy.join('; '),
      'cache-control': 'no-store',
    },
    body: `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Rendered Markdown</title>
<style nonce="${nonce}">${STYLE}</style>
</head>
<body class="${bodyClass}" data-theme="${escapeHtml(theme)}">
<main>${markdownToHtml(parameters.get('content') ?? '')}</main>
</body>
</html>
`,
  };
}
