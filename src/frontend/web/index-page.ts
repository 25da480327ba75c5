// The UI's one page under a public path: it must know the path, and ask for its files under it. Main loop.

import { createHash } from 'node:crypto';

const INLINE_SCRIPT = /<script>([\s\S]*?)<\/script>/g;

/**
 * `publicPath` is '' or begins with a slash and does not end with one. Differs: Temporal drops the page's content security policy under a
 * public path; here the policy goes on to hold, with the hash of the changed script.
 */
export function indexPage(html: string, publicPath: string): string {
  if (publicPath === '') return html;
  const changed = html.replaceAll('base: ""', `base: "${publicPath}"`).replaceAll('"/_app/', `"${publicPath}/_app/`);
  const hashes = (text: string) => [...text.matchAll(INLINE_SCRIPT)].map((match) => scriptHash(match[1] as string));
  const renewed = hashes(changed);
  return hashes(html).reduce((text, hash, i) => text.replaceAll(hash, renewed[i] as string), changed);
}

/** As a content security policy names an inline script. */
export function scriptHash(script: string): string {
  return `sha256-${createHash('sha256').update(script).digest('base64')}`;
}
