// `vitrine mine` and `vitrine partners` as a shop runs them: files in, files out, exit codes.
import assert from "node:assert/strict";
import {existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync} from "node:fs";
import {tmpdir} from "node:os";
import {join} from "node:path";
import {after, describe, test} from "node:test";
import {gunzipSync} from "node:zlib";
import {project, run} from "./bundle.mjs";

const orders = join(process.env.VITRINE_DATA ?? join(project, "../shared/data"), "hm-baskets/transactions.csv.gz");

describe("mining from file to file", () => {
  const folder = mkdtempSync(join(tmpdir(), "vitrine-mine-"));
  after(() => rmSync(folder, {recursive: true}));
  const file = (name, text) => {
    const path = join(folder, name);
    if (text !== undefined) writeFileSync(path, text);
    return path;
  };
  const wide = file("wide.dat", Array.from({length: 700}, (_, item) => item).join(" ") + "\n");

  test("one basket of 700 items ends at the limit: exit code 1, what to change, no output", async () => {
    for (const limit of [[], ["--max-itemsets", "1000"], ["--max-itemsets", "0", "--max-seconds", "1"]]) {
      const out = file("none.tsv");
      const result = await run(["mine", "--baskets", wide, "--min-count", "1", "--itemsets", out, ...limit]);
      assert.equal(result.code, 1, result.stderr);
      assert.match(result.stderr, /raise the minimum support.*--max-itemsets/);
      assert.ok(!existsSync(out));
      assert.deepEqual(readdirSync(folder).filter((name) => name.includes("tmp")), []);
    }
  });

  test("the same bytes from a basket file and from rows in any order, in any memory", async () => {
    const baskets = Array.from({length: 4000}, (_, b) => [b % 7, 7 + (b % 5), 12 + (b % 3), 20 + (b % 2)]);
    const weights = file("weights", baskets.map((_, b) => `${b % 4}\n`).join(""));
    const lines = file("lines.dat", baskets.map((basket) => basket.join(" ") + "\n").join(""));
    // Round by round, so that a basket's rows are far apart; the first round sets the order.
    const rows = [0, 1, 2, 3].flatMap((k) => baskets.map((basket, b) => `basket ${b},${basket[k]}\n`));
    const csv = file("rows.csv", "basket_id,item_id\n" + rows.join(""));
    const tables = [];
    for (const [source, format] of [[lines, "fimi"], [csv, "csv"]]) {
      for (const more of [[], ["--memory", "16K"], ["--threads", "2"]]) {
        const out = file("itemsets.tsv");
        const result = await run(["mine", "--baskets", source, "--format", format, "--min-count", "9",
          "--weights", weights, "--itemsets", out, ...more]);
        assert.equal(result.code, 0, result.stderr);
        tables.push(readFileSync(out, "utf8"));
      }
    }
    assert.ok(tables[0].split("\n").length > 100);
    for (const table of tables) assert.equal(table, tables[0]);
  });

  test("a day that the state does not hold is refused, and the state stays", async () => {
    const state = file("window.pairs");
    const [monday, tuesday, stranger] = ["a b\nb c\n", "a c\n", "a b c\n"].map((text, d) => file(`day${d}`, text));
    assert.equal((await run(["partners", "--add", monday, tuesday, "--save", state])).code, 0);
    const before = readFileSync(state);
    const result = await run(["partners", "--state", state, "--retire", stranger, "--save", state]);
    assert.equal(result.code, 1);
    assert.match(result.stderr, /retire exactly the files that were added/);
    assert.deepEqual(readFileSync(state), before);
    const kept = await run(["partners", "--state", state, "--retire", monday, "--save", state, "--out", "-"]);
    assert.equal(kept.code, 0, kept.stderr);
    assert.deepEqual(kept.stdout.trim().split("\n").slice(1).map((line) => line.split("\t").slice(0, 3)),
      [["a", "c", "1"], ["c", "a", "1"]]);
  });

  test("of a real week of fashion orders at least 95 % of the articles that were bought with another get a partner",
    {skip: existsSync(orders) ? false : `${orders} is absent`}, async () => {
      const baskets = new Map();
      for (const line of gunzipSync(readFileSync(orders)).toString().trimEnd().split("\n").slice(1)) {
        const [date, customer, article] = line.split(",");
        const key = `${date} ${customer}`;
        if (!baskets.has(key)) baskets.set(key, new Set());
        baskets.get(key).add(article);
      }
      const together = new Set([...baskets.values()].filter((basket) => basket.size > 1).flatMap((basket) => [...basket]));
      const week = file("week.dat", [...baskets.values()].map((basket) => [...basket].join(" ") + "\n").join(""));
      const result = await run(["partners", "--add", week, "-k", "5"]);
      assert.equal(result.code, 0, result.stderr);
      const served = new Set(result.stdout.trimEnd().split("\n").slice(1).map((line) => line.split("\t")[0]));
      assert.ok(together.size > 10_000, `${together.size} articles`);
      assert.ok(served.size >= 0.95 * together.size, `${served.size} of ${together.size}`);
    });
});
