// What search's module makes of a picture before an encoder reads it.
import assert from "node:assert/strict";
import {existsSync} from "node:fs";
import {test} from "node:test";
import {SearchModule, searchWasm} from "./support.mjs";

const FITS = {squash: 1, pad: 2};
const BILINEAR = 2;

function pixels(search, {data, width, height}, fit, toWidth, toHeight) {
  const settings = Float64Array.of(FITS[fit], toWidth, toHeight, BILINEAR, 0, 0, 1, 0, 0, 0, 0, 1, 1, 1);
  const count = search.with(data, (rgba) => search.with(new Uint8Array(settings.buffer), (at) =>
    search.api.vitrine_search_pixels(rgba, width, height, at)));
  assert.equal(count, 3 * toWidth * toHeight, count < 0 ? search.error() : "");
  const bytes = search.output(4 * count);
  return Array.from({length: count}, (_, i) => bytes.readFloatLE(4 * i));
}

function noise(width, height) {
  let state = width * 31 + height;
  const next = () => (state = (Math.imul(state, 1664525) + 1013904223) >>> 0) >>> 24;
  return {width, height, data: Uint8Array.from({length: 4 * width * height}, next)};
}

test("a padded picture is the whole one, as large as fits, in the middle of white", {skip: existsSync(searchWasm) ? false : "not built: ./run build"}, async () => {
  const search = await SearchModule.open();
  // [width, height] and where Pillow's ImageOps.pad puts it in 224 x 224: [width, height, left, top].
  for (const [width, height, inner, outer, left, top] of [
    [168, 224, 168, 224, 28, 0], [600, 800, 168, 224, 28, 0], [80, 40, 224, 112, 0, 56], [50, 50, 224, 224, 0, 0], [300, 100, 224, 75, 0, 74],
  ]) {
    const picture = noise(width, height);
    const whole = pixels(search, picture, "squash", inner, outer);
    const padded = pixels(search, picture, "pad", 224, 224);
    const expected = Array.from({length: 3 * 224 * 224}, () => 255);
    for (let c = 0; c < 3; c++) {
      for (let y = 0; y < outer; y++) {
        for (let x = 0; x < inner; x++) expected[(c * 224 + y + top) * 224 + x + left] = whole[(c * outer + y) * inner + x];
      }
    }
    assert.deepEqual(padded, expected, `${width} x ${height}`);
  }
});
