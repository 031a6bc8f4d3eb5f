// Sums up what the suites left behind and decides whether the run passed.
//   node scripts/test_summary.mjs DIR     DIR holds ctest.xml (JUnit), node.tap and node.log
// Prints the output of failed tests, then what was skipped, then a line for each suite, and last
// "N passed, N failed". Ends with 1 when a test failed or a suite ran no test at all.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const read = (path) => (existsSync(path) ? readFileSync(path, 'utf8') : '');

const unescapeXml = (text) =>
  text.replace(/&(lt|gt|quot|apos|amp);/g,
    (_, name) => ({ lt: '<', gt: '>', quot: '"', apos: "'", amp: '&' })[name]);

const attribute = (tag, name) => unescapeXml(tag.match(` ${name}="([^"]*)"`)?.[1] ?? '');

// A doctest program asked for a test case that it does not have says "passed" of nothing.
const ranNothing = (output) => /\[doctest\] test cases: +0 /.test(output);

// doctest cannot skip while running; a test whose data is absent says so with MESSAGE("skipped: …").
const skippedBecause = (output) => output.match(/MESSAGE: (.*\bskip.*)/i)?.[1];

export function readCtest(xml) {
  const suite = { name: 'C++', passed: 0, failed: [], skipped: [] };
  for (const [, tag, body] of xml.matchAll(/<testcase([^>]*)>([\s\S]*?)<\/testcase>/g)) {
    const test = {
      name: attribute(tag, 'name'),
      output: unescapeXml(body.match(/<system-out>([\s\S]*?)<\/system-out>/)?.[1] ?? ''),
    };
    const status = attribute(tag, 'status');
    test.reason = skippedBecause(test.output);
    if (status !== 'run' || ranNothing(test.output)) suite.failed.push(test);
    else if (test.reason) suite.skipped.push(test);
    else suite.passed++;
  }
  return suite;
}

export function readTap(tap, log) {
  const count = (word) => Number(tap.match(new RegExp(`^# ${word} (\\d+)$`, 'm'))?.[1] ?? 0);
  const suite = { name: 'Node and browser', passed: count('pass'), failed: [], skipped: [] };
  for (const [, name, reason] of tap.matchAll(/^ *ok \d+ - (.*?) # SKIP *(.*)$/gm)) {
    suite.skipped.push({ name, reason });
  }
  // Known and open: neither passed nor failed, and always told.
  for (const [, name, reason] of tap.matchAll(/^ *(?:not )?ok \d+ - (.*?) # TODO *(.*)$/gm)) {
    suite.skipped.push({ name, reason: `open: ${reason}` });
  }
  const names = [...tap.matchAll(/^ *not ok \d+ - (?!.* # TODO)(.*)$/gm)].map((match) => match[1]);
  const failures = Math.max(names.length, count('fail') + count('cancelled'));
  for (let i = 0; i < failures; i++) {
    suite.failed.push({ name: names[i] ?? 'a cancelled test', output: i === 0 ? log : '' });
  }
  // Node counts a file that holds no test as one passed test named after the file.
  for (const [, file] of tap.matchAll(/^ok \d+ - (.*\.test\.mjs)$/gm)) {
    suite.passed--;
    suite.failed.push({ name: file, output: 'this file holds no test' });
  }
  return suite;
}

function report(suites) {
  for (const { name, failed } of suites) {
    for (const test of failed) console.log(`\n--- failed (${name}): ${test.name}\n${test.output}`);
  }
  for (const { skipped } of suites) {
    for (const test of skipped) console.log(`skipped: ${test.name} (${test.reason || 'no reason given'})`);
  }
  let passed = 0;
  let failed = 0;
  for (const suite of suites) {
    if (suite.passed + suite.failed.length === 0) {
      suite.failed.push({ name: 'the suite ran no test', output: '' });
    }
    passed += suite.passed;
    failed += suite.failed.length;
    console.log(`${suite.name}: passed ${suite.passed}, failed ${suite.failed.length}, ` +
      `skipped ${suite.skipped.length}`);
    for (const test of suite.failed) console.log(`  FAILED ${test.name}`);
  }
  console.log(`${passed} passed, ${failed} failed`);
  return failed === 0;
}

if (process.argv[1]?.endsWith('test_summary.mjs')) {
  const directory = process.argv[2];
  const ok = report([
    readCtest(read(join(directory, 'ctest.xml'))),
    readTap(read(join(directory, 'node.tap')), read(join(directory, 'node.log'))),
  ]);
  process.exitCode = ok ? 0 : 1;
}
