// How good every encoder is that runs without a model brought from elsewhere, alone and fused: the mean
// precision at 10 by what two public sets say of their products, as a table for docs/encoders.md.
//
//   node tests/bench/encoders.bench.mjs        (also run by ./run bench; needs build/vitrine)
import {spawnSync} from "node:child_process";
import {existsSync, mkdtempSync, rmSync} from "node:fs";
import {tmpdir} from "node:os";
import {join} from "node:path";
import {fileURLToPath} from "node:url";

const root = fileURLToPath(new URL("../..", import.meta.url));
const data = process.env.VITRINE_DATA ?? join(root, "../shared/data");
const folder = mkdtempSync(join(tmpdir(), "vitrine-bench-"));
process.on("exit", () => rmSync(folder, {recursive: true, force: true}));

// Runs `vitrine embed`; the lines of its precision table, as {name, dimensions, values}.
function measure(catalogue, encoders, fields) {
  const names = encoders.split(",");
  const {status, stdout, stderr} = spawnSync(join(root, "build/vitrine"), ["embed", "--catalogue", catalogue,
    "--encoder", encoders, "--precision", fields, "--cache", join(root, "build/photo-cache"), "--out", folder,
    ...(names.length > 1 ? ["--fuse", "fused"] : [])], {encoding: "utf8"});
  if (status !== 0) throw Error(stderr);
  return stdout.trim().split("\n").slice(1).map((line) => {
    const [name, dimensions, ...values] = line.split(/ +/);
    return {name: name === "fused" ? names.join(" ⊕ ") : name, dimensions, values};
  }).filter(({name}) => names.length === 1 || !names.includes(name));
}

const words = ["tfidf-onehot", "product-words", "sparse-projection"];
const sets = [
  {set: "fashion-small", catalogue: "catalogue.csv", fields: {category: "article type", colour: "colour"},
    encoders: [...words, "mobilenet-v2", ...words.map((name) => `${name},mobilenet-v2`)]},
  // Whose column "label" is a brand for `vitrine ingest`.
  {set: "clothing-cc0", catalogue: "labels.csv", fields: {brand: "label"}, encoders: ["mobilenet-v2"]},
];
for (const {set, catalogue, fields, encoders} of sets) {
  const file = join(data, set, catalogue);
  if (!existsSync(file)) {
    console.log(`skipped: no ${file}`);
    continue;
  }
  const columns = [set, "dimensions", ...Object.values(fields).map((label) => `P@10 ${label}`)];
  console.log(`\n| ${columns.join(" | ")} |\n|${columns.map((_, i) => (i ? "--:" : "---")).join("|")}|`);
  for (const encoder of encoders) {
    for (const {name, dimensions, values} of measure(file, encoder, Object.keys(fields).join())) {
      console.log(`| ${[name, dimensions, ...values].join(" | ")} |`);
    }
  }
}
