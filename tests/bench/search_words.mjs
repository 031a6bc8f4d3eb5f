// Precision@10 of instant words on a shop that was built from fashion-small (examples/fashion-small),
// against its labels: colour x article type, gender x article type, and all three.
//   node tests/bench/search_words.mjs BUNDLE CATALOGUE.csv
import {mkdtempSync, readFileSync, rmSync, writeFileSync} from "node:fs";
import {tmpdir} from "node:os";
import {join} from "node:path";
import {parseCsv} from "../../scripts/csv.mjs";
import {cards, run} from "../e2e/bundle.mjs";
import {hits} from "../search/support.mjs";

const [bundle, catalogue] = process.argv.slice(2);
if (!catalogue) throw new Error("usage: node tests/bench/search_words.mjs BUNDLE CATALOGUE.csv");
const products = parseCsv(readFileSync(catalogue, "utf8"));
const all = cards(bundle);
const byId = new Map(products.map((product) => [product.product_id, product]));
const KINDS = [["base_colour", "article_type"], ["gender", "article_type"], ["gender", "base_colour", "article_type"]];
const FEWEST = 3;  // products that a query must have to count

const folder = mkdtempSync(join(tmpdir(), "vitrine-words-"));
try {
  for (const fields of KINDS) {
    const relevant = new Map();
    for (const product of products) {
      const text = fields.map((field) => product[field]).join(" ");
      relevant.set(text, (relevant.get(text) ?? 0) + 1);
    }
    const texts = [...relevant].filter(([, count]) => count >= FEWEST).map(([text]) => text);
    writeFileSync(join(folder, "q.tsv"), texts.map((text) => `text\t${text}\n`).join(""));
    const {code, stdout, stderr} = await run(["recommend", "--bundle", bundle, "--queries", join(folder, "q.tsv"), "-k", "10"]);
    if (code !== 0) throw new Error(stderr);
    const answers = stdout.split("\n");
    const precision = texts.map((text, i) => {
      const right = hits(answers[i]).filter(({item}) => fields.map((field) => byId.get(all[item].id)[field]).join(" ") === text).length;
      return right / Math.min(10, relevant.get(text));
    });
    console.log(`${fields.join(" x ").padEnd(42)} precision@10 ${(precision.reduce((a, b) => a + b, 0) / texts.length).toFixed(3)} over ${texts.length} queries`);
  }
} finally {
  rmSync(folder, {recursive: true});
}
