import assert from 'node:assert/strict';
import { test } from 'node:test';
import { indexPage, scriptHash } from './index-page.ts';
import { belowPublicPath } from './public-path.ts';

const SCRIPT = '\n{ kit = { base: "" }; import("/_app/immutable/start.js"); }\n';
const HTML = `<meta http-equiv="content-security-policy" content="script-src 'strict-dynamic' '${scriptHash(SCRIPT)}'">
<link href="/_app/immutable/start.js" rel="modulepreload"><script>${SCRIPT}</script>`;

test('without a public path the page is as it was', () => {
  assert.equal(indexPage(HTML, ''), HTML);
});

test('under a public path the page asks for its files there, and its policy allows the script that says so', () => {
  const page = indexPage(HTML, '/temporal');
  assert.match(page, /base: "\/temporal"/);
  assert.match(page, /href="\/temporal\/_app\/immutable\/start\.js"/);
  assert.doesNotMatch(page, /"\/_app/);
  const script = /<script>([\s\S]*)<\/script>/.exec(page)?.[1] as string;
  assert.ok(page.includes(`'strict-dynamic' '${scriptHash(script)}'`));
  assert.ok(!page.includes(scriptHash(SCRIPT)));
});

test('a public path is a whole part of the URL', () => {
  assert.equal(belowPublicPath('/a?b', ''), '/a?b');
  assert.equal(belowPublicPath('/ui', '/ui'), '/');
  assert.equal(belowPublicPath('/ui?a', '/ui'), '/?a');
  assert.equal(belowPublicPath('/ui/a?b', '/ui'), '/a?b');
  assert.equal(belowPublicPath('/uia', '/ui'), undefined);
  assert.equal(belowPublicPath('/a/ui/', '/ui'), undefined);
});
