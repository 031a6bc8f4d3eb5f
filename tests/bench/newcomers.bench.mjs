// What new shoppers take first, from nothing but what they tell of themselves: the first rental of users
// who come after the training days (rtr-rentals), HR@20 and MRR@20 of the strategies that can answer.
//
//   node tests/bench/newcomers.bench.mjs [--data ../shared/data] [--cut .8] [--without height_in,age] [--keep DIR]
//
// --cut: the share of the rows, in the order of their days, that is learned from. Needs ./run build and the
// folder rtr-rentals.
import {execFileSync} from "node:child_process";
import {existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync} from "node:fs";
import {tmpdir} from "node:os";
import {join} from "node:path";
import {parseArgs} from "node:util";
import {gunzipSync} from "node:zlib";
import {parseCsv} from "../../scripts/csv.mjs";
import {project} from "../e2e/bundle.mjs";

const {values: options} = parseArgs({options: {
  data: {type: "string", default: "../shared/data"}, cut: {type: "string", default: "0.8"},
  without: {type: "string", default: ""}, keep: {type: "string"},
}});
const file = join(options.data, "rtr-rentals/interactions.csv.gz");
if (!existsSync(file)) {
  console.log(`not measured: ${file} is not there`);
  process.exit(0);
}
// What a shop can know before the first rental.
const ATTRIBUTES = ["age", "size", "height_in", "weight_lbs", "body_type", "rented_for"]
  .filter((name) => !options.without.split(",").includes(name));

const rows = parseCsv(gunzipSync(readFileSync(file)).toString());
const days = rows.map((row) => row.review_date).sort();
const cut = days[Math.floor(days.length * Number(options.cut))];

const rentals = new Map();
for (const row of rows.sort((a, b) => (a.review_date < b.review_date ? -1 : Number(a.review_date > b.review_date)))) {
  rentals.set(row.user_id, [...rentals.get(row.user_id) ?? [], row]);
}
const number = new Map();
const itemOf = ({item_id: id}) => number.get(id) ?? number.set(id, number.size + 1).get(id);
const train = [], test = [], users = [["session", ...ATTRIBUTES]];
for (const [user, all] of rentals) {
  const early = all.filter((row) => row.review_date < cut);
  const told = early[0] ?? all[0];
  users.push([user, ...ATTRIBUTES.map((name) => told[name])]);
  const line = (some) => [user, Date.parse(some.at(-1).review_date) / 1000, some.map(itemOf).join(" ")];
  if (early.length > 0) train.push(line(early)); else test.push(line(all.slice(0, 1)));
}
const known = new Set(train.flatMap(([, , items]) => items.split(" ")));
const answerable = test.filter(([, , item]) => known.has(item)).length;

const folder = options.keep ?? mkdtempSync(join(tmpdir(), "vitrine-newcomers-"));
mkdirSync(folder, {recursive: true});
const write = (name, table, separator) => {
  writeFileSync(join(folder, name), table.map((cells) => `${cells.join(separator)}\n`).join(""));
  return join(folder, name);
};
const byTime = (table) => table.toSorted((a, b) => a[1] - b[1]);
console.log(`first rentals from ${cut} on: ${test.length}, of products rented before ${answerable}; ` +
  `${train.length} users to learn from; told: ${ATTRIBUTES.join(", ")}`);
process.stdout.write(execFileSync(join(project, "build/vitrine"), ["evaluate",
  "--train", write("train.txt", byTime(train), "\t"), "--test", write("test.txt", byTime(test), "\t"),
  "--cases", write("cases.tsv", byTime(test).map(([user, , item]) => [user, 0, item]), "\t"),
  "--users", write("users.csv", users, ","),
  "--strategy", "popular,recent,popular-segment,blend"], {encoding: "utf8", stdio: ["ignore", "pipe", "inherit"]}));
if (options.keep === undefined) rmSync(folder, {recursive: true});
