import assert from 'node:assert/strict';
import { test } from 'node:test';
import { markdownToHtml } from './markdown.ts';

const CASES: readonly (readonly [markdown: string, html: string])[] = [
  ['plain', '<p>plain</p>'],
  ['one\ntwo\n\nthree', '<p>one\ntwo</p>\n<p>three</p>'],
  ['# Order #', '<h1>Order</h1>'],
  ['### *third*', '<h3><em>third</em></h3>'],
  ['a **b** _c_ ~~d~~ `e*f*`', '<p>a <strong>b</strong> <em>c</em> <del>d</del> <code>e*f*</code></p>'],
  ['snake_case_name and 2*3*4', '<p>snake_case_name and 2<em>3</em>4</p>'],
  ['- a\n- b\n  - c\n', '<ul><li>a</li><li>b\n<ul><li>c</li></ul></li></ul>'],
  ['1. a\n2. b', '<ol><li>a</li><li>b</li></ol>'],
  ['> a\n> > b', '<blockquote><p>a</p>\n<blockquote><p>b</p></blockquote></blockquote>'],
  ['---', '<hr>'],
  ['```js\na < b\n\n# c\n```\nd', '<pre><code>a &lt; b\n\n# c</code></pre>\n<p>d</p>'],
  ['```\nnever closed', '<pre><code>never closed</code></pre>'],
  ['a  \nb\\\nc', '<p>a<br>\nb<br>\nc</p>'],
  ['\\*a\\*', '<p>*a*</p>'],
  [
    '| a | b |\n| - | :-: |\n| 1 | **2** |',
    '<table><thead><tr><th>a</th><th>b</th></tr></thead><tbody><tr><td>1</td><td><strong>2</strong></td></tr></tbody></table>',
  ],
];

for (const [markdown, html] of CASES) {
  test(`${JSON.stringify(markdown)} is rendered`, () => assert.equal(markdownToHtml(markdown), html));
}

test('links go out to a tab of their own, and only to where a link may go', () => {
  const attributes = 'target="_blank" rel="noopener noreferrer"';
  assert.equal(markdownToHtml('[a](https://b/?c&d)'), `<p><a href="https://b/?c&amp;d" ${attributes}>a</a></p>`);
  assert.equal(markdownToHtml('see http://b/c'), `<p>see <a href="http://b/c" ${attributes}>http://b/c</a></p>`);
  for (const target of ['javascript:alert', 'JAVASCRIPT:x', 'data:text/html,x', '//elsewhere', 'vbscript:x']) {
    assert.equal(markdownToHtml(`[a](${target})`), '<p>a</p>', target);
  }
});

test('HTML is text wherever it stands', () => {
  const evil = '<img src=x onerror="alert(1)">';
  for (const markdown of [
    evil,
    `# ${evil}`,
    `- ${evil}`,
    `> ${evil}`,
    `\`${evil}\``,
    `**${evil}**`,
    `| ${evil} |\n|---|\n| ${evil} |`,
  ]) {
    assert.doesNotMatch(markdownToHtml(markdown), /<img|"alert/, markdown);
  }
  assert.doesNotMatch(markdownToHtml('[a](https://b/"onmouseover="x)'), /"onmouseover/);
});

test('text made to be slow is not', () => {
  const size = 40_000;
  const texts = [
    '*',
    '_',
    '`',
    '[',
    '> ',
    '- ',
    '|',
    '\n',
    '#',
    '~',
    '<http://',
    '**a',
    '[a](',
    'a\n\n',
    '  - a\n',
  ].map((each) => each.repeat(size / each.length));
  for (const text of texts) {
    const beganMs = performance.now();
    markdownToHtml(text);
    const tookMs = performance.now() - beganMs;
    assert.ok(tookMs < 1_000, `${JSON.stringify(text.slice(0, 10))}: ${tookMs} ms`);
  }
});
