// The line that decides whether a run passed must not be fooled.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'node:test';
import { root } from './tree.mjs';

const testcase = (name, status, output) => `<testcase name="${name}" classname="${name}" time="0.1" ` +
  `status="${status}">${status === 'fail' ? '<failure message=""/>' : ''}<system-out>${output}</system-out></testcase>`;
const ran = '[doctest] test cases: 1 | 1 passed | 0 failed | 4 skipped';
const goodCtest = testcase('shared: a', 'run', ran) + testcase('shared: b', 'run', ran);
const goodTap = 'ok 1 - one\n1..1\n# tests 1\n# pass 1\n# fail 0\n# cancelled 0\n# skipped 0\n';

// What test_summary.mjs says of a run that left these files: its exit code and its last line.
function summary(ctest, tap) {
  const directory = mkdtempSync(join(tmpdir(), 'vitrine-summary-'));
  try {
    if (ctest !== null) writeFileSync(join(directory, 'ctest.xml'), `<testsuite>${ctest}</testsuite>`);
    if (tap !== null) writeFileSync(join(directory, 'node.tap'), tap);
    const { status, stdout } = spawnSync(process.execPath,
      [join(root, 'scripts/test_summary.mjs'), directory], { encoding: 'utf8' });
    return { status, last: stdout.trim().split('\n').at(-1), stdout };
  } finally {
    rmSync(directory, { recursive: true });
  }
}

test('a good run adds both suites up and ends with 0', () => {
  const { status, last } = summary(goodCtest, goodTap);
  assert.equal(last, '3 passed, 0 failed');
  assert.equal(status, 0);
});

test('a suite that left nothing behind, or ran no test, fails the run', () => {
  for (const [ctest, tap] of [[null, goodTap], ['', goodTap], [goodCtest, null],
    [goodCtest, '1..0\n# tests 0\n# pass 0\n# fail 0\n']]) {
    const { status, last } = summary(ctest, tap);
    assert.match(last, /, 1 failed$/);
    assert.equal(status, 1);
  }
});

test('failed tests are counted, and their output is shown', () => {
  const { status, last, stdout } = summary(
    goodCtest + testcase('mine: c', 'fail', 'CHECK( 1 &lt; 0 ) is NOT correct') + testcase('mine: d', 'notrun', ''),
    goodTap.replace('# fail 0', '# fail 1') + 'not ok 2 - two\n');
  assert.equal(last, '3 passed, 3 failed');
  assert.equal(status, 1);
  assert.match(stdout, /CHECK\( 1 < 0 \) is NOT correct/);
  assert.match(stdout, /FAILED mine: d/);
});

test('a doctest program that found no such test case has not passed', () => {
  const { last } = summary(goodCtest + testcase('mine: [x], y', 'run',
    '[doctest] test cases: 0 | 0 passed | 0 failed | 4 skipped'), goodTap);
  assert.equal(last, '3 passed, 1 failed');
});

test('a test file without a test has not passed', () => {
  const { last } = summary(goodCtest, `${goodTap}ok 1 - tests/web/empty.test.mjs\n`);
  assert.equal(last, '2 passed, 1 failed');
});

test('a test that says it is skipped counts as neither, and its reason is told', () => {
  const { status, last, stdout } = summary(
    goodCtest + testcase('ingest: real', 'run', `a.cc:9: MESSAGE: skipped: no ../shared/data\n${ran}`), goodTap);
  assert.equal(last, '3 passed, 0 failed');
  assert.equal(status, 0);
  assert.match(stdout, /skipped: ingest: real \(skipped: no \.\.\/shared\/data\)/);
});
