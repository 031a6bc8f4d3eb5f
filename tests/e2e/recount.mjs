// What the tests of a report count with: plainly and slowly, by nothing that the report was made with.
import assert from "node:assert/strict";
import {readFileSync, writeFileSync} from "node:fs";
import {join} from "node:path";
import {readNpy} from "../support/npy.mjs";
import {run, seeded} from "./bundle.mjs";

const RESULT_BYTES = 32;  // wasm/api.h

export const sum = (values) => values.reduce((total, value) => total + value, 0);
export const mean = (values) => sum(values) / values.length;

/** Equal but for the six digits that a report has. */
export const near = (actual, expected, what) =>
  assert.ok(Math.abs(actual - expected) <= 1e-5 * Math.max(1e-9, Math.abs(expected)) + 1e-12, `${what}: ${actual}, counted ${expected}`);

/** The rows of a CSV file without line breaks in its cells, as objects. */
export function csv(path) {
  const [header, ...lines] = readFileSync(path, "utf8").trimEnd().split("\n");
  const names = header.split(",");
  return lines.map((line) => {
    const cells = [...line.matchAll(/("(?:[^"]|"")*"|[^,]*)(?:,|$)/g)].map(([, cell]) => cell.replace(/^"|"$/g, "").replaceAll('""', '"'));
    return Object.fromEntries(names.map((name, at) => [name, cells[at]]));
  });
}

/** As popularity is published: the upper half of a float. */
export function bfloat16(value) {
  const bytes = Buffer.alloc(4);
  bytes.writeFloatLE(value);
  const bits = bytes.readUInt32LE();
  bytes.writeUInt32LE(((bits + 0x7fff + ((bits >>> 16) & 1)) & 0xffff0000) >>> 0);
  return bytes.readFloatLE();
}

/** Positions in a list of so many: at most `count`, evenly spread. */
export const evenSample = (size, count) => Array.from({length: Math.min(size, count)}, (_, k) => Math.floor((k * size) / Math.min(size, count)));

/** The tenth of each product by a count of it, 1 = the highest; ties in the order given. */
export function tenths(counts) {
  const ranked = [...counts.keys()].sort((a, b) => counts[b] - counts[a] || a - b);
  const tenth = [];
  ranked.forEach((item, rank) => { tenth[item] = Math.floor((rank * 10) / ranked.length) + 1; });
  return tenth;
}

/** Half the mean difference of all pairs, over the mean. */
export function gini(values) {
  let differences = 0;
  for (const a of values) for (const b of values) differences += Math.abs(a - b);
  return differences / (2 * values.length * sum(values));
}

/** The words that a catalogue says a product's kind with: the last level of its category. */
export const typeOf = ({category}) => category.split(">").at(-1).trim();

/** What `vitrine recommend` answers to each question, from the bundle in `folder`/out. */
export async function answers(folder, questions, limit) {
  const file = join(folder, "questions.txt");
  writeFileSync(file, questions.join("\n") + "\n");
  const {code, stdout, stderr} = await run(["recommend", "--bundle", join(folder, "out"), "--queries", file, "-k", String(limit)]);
  assert.equal(code, 0, stderr);
  return stdout.split("\n").slice(0, questions.length).map((line) => {
    const bytes = Buffer.from(line, "hex");
    return Array.from({length: bytes.length / RESULT_BYTES}, (_, r) => {
      const at = r * RESULT_BYTES;
      return {item: bytes.readUInt32LE(at), reason: bytes.readUInt32LE(at + 8), other: bytes.readUInt32LE(at + 12), strength: bytes.readFloatLE(at + 20)};
    });
  });
}

/** The rows of an .npy file of 32-bit floats, each made as long as 1. */
export function unitRows(path) {
  const {rows, cols, data} = readNpy(path);
  return Array.from({length: rows}, (_, r) => {
    const row = [...data.subarray(r * cols, (r + 1) * cols)];
    const length = Math.sqrt(sum(row.map((x) => x * x)));
    return length > 0 ? row.map((x) => x / length) : row;
  });
}

export const dot = (a, b) => {
  let total = 0;
  for (let k = 0; k < a.length; ++k) total += a[k] * b[k];
  return total;
};

/** All other rows as [{item, cosine}], the nearest first, ties in the order of the rows. */
export const nearest = (rows, query) => rows.map((row, item) => ({item, cosine: dot(rows[query], row)}))
  .filter(({item}) => item !== query).sort((a, b) => b.cosine - a.cosine || a.item - b.item);

const kDraws = 2000;
// Ends of an interval from 400 draws and from ours differ by chance. The share p of draws below the
// end has the variance p(1 - p)/draws, and the density of a normal distribution is 0.0584/sigma at its
// 2.5 %: so an end's standard error is sqrt(.025 x .975 / draws) / .0584 sigma, .134 sigma for 400 draws
// and .060 for 2,000, together .147. Four of those, for there are hundreds of ends, and what one
// case more or less makes.
const kTolerance = 4 * Math.sqrt((0.025 * 0.975) / 400 + (0.025 * 0.975) / kDraws) / 0.0584;

/** Bootstrap over sessions: `sessionOf[c]` is the session of case c. */
export class Resamples {
  #sessions = new Map();
  #cases;
  #drawn;

  constructor(sessionOf, seed = 20261130) {
    for (const session of sessionOf) if (!this.#sessions.has(session)) this.#sessions.set(session, this.#sessions.size);
    this.#cases = sessionOf.map((session) => this.#sessions.get(session));
    const random = seeded(seed), n = this.#sessions.size;
    this.#drawn = Array.from({length: kDraws}, () => {
      const times = new Uint16Array(n);
      for (let k = 0; k < n; ++k) ++times[Math.floor(random() * n)];
      return times;
    });
  }

  get sessions() { return this.#sessions.size; }

  /** The means of the draws, ascending. */
  means(values) {
    const total = new Float64Array(this.sessions), size = new Float64Array(this.sessions);
    this.#cases.forEach((session, c) => { total[session] += values[c]; ++size[session]; });
    return Float64Array.from(this.#drawn, (times) => dot(times, total) / dot(times, size)).sort();
  }

  /** Checks {value, low, high} and, where there is one, the p-value of a mean of `values`. */
  check({value, low, high, p_value: p}, values, what) {
    near(value, mean(values), what);
    assert.ok(low <= value && value <= high, `${what}: ${value} is not in ${low} to ${high}`);
    const draws = this.means(values), middle = mean([...draws]);
    const sigma = Math.sqrt(mean([...draws].map((draw) => (draw - middle) ** 2)));
    const tolerance = kTolerance * sigma + 1 / values.length;
    for (const [end, share] of [[low, 0.025], [high, 0.975]]) {
      const counted = draws[Math.floor(share * (kDraws - 1))];
      assert.ok(Math.abs(end - counted) <= tolerance, `${what}: an interval ends at ${end}, drawn again at ${counted} +- ${tolerance}`);
    }
    if (p === undefined) return;
    const side = Math.min(draws.filter((draw) => draw <= 0).length, draws.filter((draw) => draw >= 0).length) / kDraws;
    const chance = 4 * Math.sqrt(Math.max(side * (1 - side), 1 / 400) * (1 / 400 + 1 / kDraws));
    assert.ok(Math.abs(p - Math.min(1, 2 * side)) <= 2 * chance + 2 / 400, `${what}: p = ${p}, drawn again ${2 * side}`);
  }
}
