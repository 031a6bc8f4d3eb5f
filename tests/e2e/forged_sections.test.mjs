// Sections whose bytes were changed and whose checksum is right again: the engine refuses them or answers
// within bounds, as WebAssembly too. A trap, a product that is not there, a hang or a flood of memory fails.
//
// VITRINE_FUZZ_SECONDS: how long each section is tried; else a fixed number of forgeries.
import assert from "node:assert/strict";
import {readFileSync} from "node:fs";
import {join} from "node:path";
import {describe, test} from "node:test";
import {Engine, bundle, itemsOf, noDemo, readJson, seeded} from "./bundle.mjs";

const kForgeries = 120;
const kFrameBytes = 24;
const kMostMemoryBytes = 256 << 20;
const kMostMilliseconds = 5000;  // of one forgery; whole answers take 1
const seconds = Number(process.env.VITRINE_FUZZ_SECONDS ?? 0);

const kCrcTable = Uint32Array.from({length: 256}, (_, n) => {
  for (let k = 0; k < 8; ++k) n = n & 1 ? 0xedb88320 ^ (n >>> 1) : n >>> 1;
  return n;
});

function crc32(bytes) {
  let crc = 0xffffffff;
  for (const byte of bytes) crc = kCrcTable[(crc ^ byte) & 255] ^ (crc >>> 8);
  return (crc ^ 0xffffffff) >>> 0;
}

// A few bytes changed, a stretch overwritten, a number made large, or the end cut off; most at the front,
// where sizes and tables stand.
function forge(bytes, random) {
  const below = (limit) => Math.floor(random() * limit);
  let payload = Buffer.from(bytes.subarray(kFrameBytes));
  for (let change = 1 + below(4); change > 0; --change) {
    const at = below(random() < 0.6 ? Math.min(payload.length, 400) : payload.length);
    switch (below(5)) {
      case 0: payload[at] ^= 1 << below(8); break;
      case 1: payload[at] = below(256); break;
      case 2: payload.fill(random() < 0.5 ? 255 : 0, at, at + 1 + below(8)); break;
      case 3: payload.copy(payload, at, below(payload.length), payload.length); break;
      default: if (random() < 0.2) payload = payload.subarray(0, at + 1);
    }
  }
  const forged = Buffer.concat([bytes.subarray(0, kFrameBytes), payload]);
  forged.writeUInt32LE(crc32(payload), 12);
  forged.writeBigUInt64LE(BigInt(payload.length), 16);
  return forged;
}

// Asks everything; items that are not of the catalogue fail. False = the section was refused.
async function survives(name, forged, itemCount) {
  let engine;
  try {
    engine = await Engine.open(bundle, {[name]: forged});
  } catch (error) {
    assert.ok(!(error instanceof WebAssembly.RuntimeError), `${name}: ${error.message}`);
    return false;
  }
  const products = name === "catalogue" ? engine.api.vitrine_item_count() : itemCount;
  const events = [3, 7, 7, 150].map((item, i) => ({item, kind: i, time: 1.7e9 + 60 * i}));
  const answers = [engine.popular(20), engine.forYou(events, 20), engine.forYou([], 20), engine.boughtTogether([3, 7], 20),
                   ...[0, 3, 150, itemCount - 1].map((item) => engine.similar(item, 20))];
  for (const answer of answers) {
    for (const item of itemsOf(answer)) assert.ok(item < products, `${name}: product ${item} of ${products}`);
  }
  assert.ok(engine.api.memory.buffer.byteLength < kMostMemoryBytes, `${name}: ${engine.api.memory.buffer.byteLength} bytes`);
  return true;
}

describe("forged sections in WebAssembly", {skip: noDemo}, () => {
  const manifest = noDemo ? {sections: {}} : readJson(join(bundle, "manifest.json"));
  for (const [name, section] of Object.entries(manifest.sections)) {
    test(`${name}: refused, or answers within bounds`, async () => {
      const bytes = readFileSync(join(bundle, section.file));
      const random = seeded(bytes.length);
      const end = performance.now() + 1000 * seconds;
      let refused = 0;
      let tried = 0;
      for (; seconds > 0 ? performance.now() < end : tried < kForgeries; ++tried) {
        const start = performance.now();
        refused += await survives(name, forge(bytes, random), manifest.items) ? 0 : 1;
        assert.ok(performance.now() - start < kMostMilliseconds, `${name}: forgery ${tried} took ${performance.now() - start} ms`);
      }
      assert.ok(refused > 0 && refused < tried, `${refused} of ${tried} were refused`);
    });
  }
});
