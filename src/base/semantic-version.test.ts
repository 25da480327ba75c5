import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compareVersions, parseVersion, parseVersionRange, satisfies, VersionSyntaxError } from './semantic-version.ts';

test('versions are ordered as semver.org has it', () => {
  const ordered = [
    '1.0.0-alpha',
    '1.0.0-alpha.1',
    '1.0.0-alpha.beta',
    '1.0.0-rc.2',
    '1.0.0-rc.10',
    '1.0.0',
    '1.2.0',
    '10.0.0',
  ];
  for (let i = 0; i + 1 < ordered.length; i++) {
    const [a, b] = [parseVersion(ordered[i]!), parseVersion(ordered[i + 1]!)];
    assert.ok(compareVersions(a, b) < 0, `${ordered[i]} < ${ordered[i + 1]}`);
    assert.ok(compareVersions(b, a) > 0);
  }
  assert.equal(compareVersions(parseVersion('1.0.0+a'), parseVersion('1.0.0+b')), 0);
});

test('ranges combine comparisons and alternatives', () => {
  const cases: readonly [string, string, boolean][] = [
    ['1.31.2', '>=1.0.0 <2.0.0', true],
    ['2.0.0', '>=1.0.0 <2.0.0', false],
    ['2.0.0', '>=1.0.0 <2.0.0 || 2.0.0', true],
    ['1.5.0', '!=1.5.0', false],
    ['1.5.0', '> 1.4.0', true],
    ['1.5.0', '==1.5.0', true],
  ];
  for (const [version, range, expected] of cases) {
    assert.equal(satisfies(parseVersion(version), parseVersionRange(range)), expected, `${version} in ${range}`);
  }
});

test('malformed versions and ranges are refused with the words that clients know', () => {
  const versions: readonly [string, string][] = [
    ['', 'Version string empty'],
    ['1.2', 'No Major.Minor.Patch elements found'],
    ['a.2.3', 'Invalid character(s) found in major number "a"'],
    ['1.02.3', 'Minor number must not contain leading zeroes "02"'],
    ['1.2.3-', 'Prerelease is empty'],
    ['1.2.3-01', 'Numeric PreRelease version must not contain leading zeroes "01"'],
    ['1.2.3+', 'Build meta data is empty'],
  ];
  for (const [text, message] of versions) {
    assert.throws(() => parseVersion(text), new VersionSyntaxError(message));
  }
  const ranges: readonly [string, string][] = [
    ['abc', 'Could not get version from string: "abc"'],
    ['~1.0.0', 'Could not parse Range "~1.0.0": Could not parse comparator "~" in "~1.0.0"'],
    [
      '>=1.0',
      'Could not parse Range ">=1.0": Could not parse version "1.0" in ">=1.0": No Major.Minor.Patch elements found',
    ],
  ];
  for (const [text, message] of ranges) {
    assert.throws(() => parseVersionRange(text), new VersionSyntaxError(message));
  }
});
