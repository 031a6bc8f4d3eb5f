// What holds for every file: size, portability, links.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, statSync } from 'node:fs';
import { join, posix } from 'node:path';
import test from 'node:test';
import { files, lines, root, text } from './tree.mjs';

const maxLines = 500;

test(`no source file is longer than ${maxLines} lines`, () => {
  const long = files('.cc', '.h', '.ts', '.mjs')
    .map((path) => ({ path, count: lines(path).length - 1 }))
    .filter(({ count }) => count > maxLines)
    .map(({ path, count }) => `${path} has ${count} lines`);
  assert.deepEqual(long, []);
});

test('no file names a package registry or a place on somebody\'s machine', () => {
  // Put together here, so that this file does not hold what it looks for.
  const hosts = [['registry', 'npmjs', 'org'], ['registry', 'yarnpkg', 'com'], ['deb', 'debian', 'org'],
    ['files', 'pythonhosted', 'org'], ['pypi', 'org']].map((parts) => parts.join('\\.'));
  const places = ['work', 'root'].map((name) => `(?<![\\w.}$*-])/${name}/[\\w.]`);
  const pattern = new RegExp([...hosts, ...places].join('|'));
  const binary = /\.(png|jpe?g|webp|ico|bin|wasm|onnx|npy|gz|zst|woff2?)$/;
  const found = files().filter((path) => !binary.test(path)).flatMap(lines)
    .filter(({ line }) => pattern.test(line))
    .map(({ line, at }) => `${at}: ${line.trim().slice(0, 120)}`);
  assert.deepEqual(found, []);
});

test('every file that a person starts is executable, and every shell script parses', () => {
  for (const path of ['run', '.ci/run']) {
    assert.ok(statSync(join(root, path)).mode & 0o100, `${path} is not executable`);
  }
  for (const path of ['run', '.ci/run', ...files('.sh')]) {
    execFileSync('bash', ['-n', join(root, path)]);
  }
});

// The anchor that a heading gets: lower case, punctuation dropped, blanks to hyphens.
const anchorOf = (heading) =>
  heading.toLowerCase().replace(/[`*]/g, '').replace(/[^\p{L}\p{N}\s_-]/gu, '').trim().replace(/\s/g, '-');

const anchors = (path) => new Set(lines(path)
  .flatMap(({ line }) => (/^#{1,6} /.test(line) ? [anchorOf(line.replace(/^#+ /, ''))] : [])));

test('every link in the documents leads somewhere', () => {
  const broken = [];
  for (const path of files('.md')) {
    const prose = text(path).replace(/^```[\s\S]*?^```/gm, '').replace(/`[^`\n]*`/g, '');
    for (const [, link] of prose.matchAll(/\]\(\s*<?([^)\s>]+)>?(?:\s+"[^"]*")?\s*\)/g)) {
      if (/^[a-z]+:/.test(link)) continue;  // another site
      const [file, anchor] = link.split('#');
      const target = file === '' ? path : posix.normalize(posix.join(posix.dirname(path), file));
      if (!existsSync(join(root, target))) broken.push(`${path}: ${link}`);
      else if (anchor && target.endsWith('.md') && !anchors(target).has(anchor)) {
        broken.push(`${path}: ${link} (no such heading)`);
      }
    }
  }
  assert.deepEqual(broken, []);
});
