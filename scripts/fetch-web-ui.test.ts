import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { install, moduleChecksum } from './fetch-web-ui.ts';

const root = mkdtempSync(join(tmpdir(), 'ostinato-fetch-'));
after(() => rmSync(root, { recursive: true, force: true }));

const module = join(root, 'module');
const files = {
  'go.mod': 'module example.com/m\n',
  '.hidden/x': 'x',
  LICENSE: 'free',
  'ui/assets/local/index.html': '<html>',
  'ui/assets/local/_app/a.js': 'a',
  'ui-other': '',
};
for (const [name, content] of Object.entries(files)) {
  mkdirSync(join(module, name, '..'), { recursive: true });
  writeFileSync(join(module, name), content);
}
const target = join(root, 'dist', 'web-ui');
// `sha256sum` of each file, sorted by name, and of that list (golang.org/x/mod/sumdb/dirhash).
const CHECKSUM = 'h1:/V2Hw/UkK6NGlz+uQmWZ3/qahuLxtNz3wTnaj+14uaw=';

test("a module's checksum is Go's, over every file, hidden ones too", () => {
  assert.equal(moduleChecksum(module, 'example.com/m@v1.0.0'), CHECKSUM);
});

test('only the module that is meant is installed', () => {
  assert.throws(
    () => install(module, target),
    /is not github\.com\/temporalio\/ui-server\/v2@v2\.54\.1: its checksum is h1:/,
  );
  assert.throws(() => install(root, target), /has no ui\/assets\/local\/index\.html/);
  assert.equal(existsSync(target), false);
});

test('the built files and the license are laid down, and nothing that was there before stays', () => {
  const checksum = moduleChecksum(module, 'github.com/temporalio/ui-server/v2@v2.54.1');
  mkdirSync(target, { recursive: true });
  writeFileSync(join(target, 'old.js'), '');
  assert.equal(install(module, target, checksum), 3);
  assert.deepEqual(readdirSync(target).sort(), ['LICENSE.txt', '_app', 'index.html']);
  assert.equal(readFileSync(join(target, '_app/a.js'), 'utf8'), 'a');
  assert.deepEqual(readdirSync(join(root, 'dist')), ['web-ui']);
});
