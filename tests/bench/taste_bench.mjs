// How fast the engine answers *for you* in WebAssembly, and how many bytes of taste a product takes.
//
//   node tests/bench/taste_bench.mjs BUNDLE [--answers 2000] [--limit 20]
//
// The sessions are walks of 1 to 15 events along the bundle's own lists of similar products, from a fixed seed.
import {readFileSync} from "node:fs";
import {join} from "node:path";
import {parseArgs} from "node:util";
import {cards, Engine, itemsOf, pages, readJson, seeded} from "../e2e/bundle.mjs";

const {values: options, positionals: [bundle]} = parseArgs({allowPositionals: true, options: {
  answers: {type: "string", default: "2000"}, limit: {type: "string", default: "20"},
}});
const answers = Number(options.answers), limit = Number(options.limit);
const products = cards(bundle), listOf = pages(bundle);
const indexOf = new Map(products.map(({id, index}) => [id, index]));
const random = seeded(2026);
const anyOf = (list) => list[Math.floor(random() * list.length)];

function walk() {
  let at = anyOf(products);
  return Array.from({length: 1 + Math.floor(random() * 15)}, (_, i) => {
    const event = {item: indexOf.get(at.id), kind: random() < 0.8 ? 0 : 3, time: 1.7e9 + 60 * i};
    at = anyOf(listOf.get(at.id)?.similar ?? []) ?? anyOf(products);
    return event;
  });
}

const engine = await Engine.open(bundle);
const milliseconds = [];
let full = 0;
for (let a = 0; a < answers + 100; ++a) {
  const session = walk();
  const start = performance.now();
  const hex = engine.forYou(session, limit);
  if (a >= 100) milliseconds.push(performance.now() - start);  // after the first, which compile
  if (a >= 100) full += itemsOf(hex).length === limit;
}
milliseconds.sort((a, b) => a - b);
const quantile = (share) => milliseconds[Math.floor(share * (milliseconds.length - 1))].toFixed(2);
const manifest = readJson(join(bundle, "manifest.json"));
const {length: bytes} = readFileSync(join(bundle, manifest.sections.taste.file));
console.log(`${products.length} products, ${(bytes / products.length).toFixed(1)} bytes of taste each`);
console.log(`for you, ${answers} sessions: p50 ${quantile(0.5)} ms, p99 ${quantile(0.99)} ms, longest ${quantile(1)} ms; ${full} full lists of ${limit}`);
