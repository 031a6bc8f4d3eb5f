// What the structure tests share: the project's files, without what is built or installed.
import { readFileSync, readdirSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('../..', import.meta.url));

const notOurs = (name) =>
  ['.git', 'node_modules', 'dist', '.cache', '__pycache__'].includes(name) || /^build(-.*)?$/.test(name);

function walk(folder) {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    if (notOurs(entry.name)) return [];
    const path = join(folder, entry.name);
    return entry.isDirectory() ? walk(path) : entry.isFile() ? [path] : [];
  });
}

// Paths from the root, with '/', sorted: those that end with one of `endings` (all when none given).
export function files(...endings) {
  return walk(root)
    .map((path) => relative(root, path).split(sep).join('/'))
    .filter((path) => endings.length === 0 || endings.some((ending) => path.endsWith(ending)))
    .sort();
}

export const text = (path) => readFileSync(join(root, path), 'utf8');

// Numbered lines, for messages that name file:line.
export const lines = (path) =>
  text(path).split('\n').map((line, index) => ({ line, at: `${path}:${index + 1}` }));
