// The same photo and the same words give the same vectors natively and in the browser, whatever the
// model: towers of floats to 1e-4 a component, towers of int8 to a cosine of .999.
import assert from "node:assert/strict";
import {execFileSync} from "node:child_process";
import {copyFileSync, cpSync, existsSync, mkdirSync, writeFileSync} from "node:fs";
import {basename, join} from "node:path";
import {after, before, describe, test} from "node:test";
import {launch, openPage, packageDist, PATIENCE_MS, root, whyNot} from "../web/browser.mjs";
import {serve, STRICT_CSP} from "../web/server.mjs";
import {buildTinyShop, deviceVectors, makeSite, nativeVectors, noShop} from "./support.mjs";

const data = join(root, "../shared/data/encoders");
const mobileNet = join(root, "build/deps/models/mobilenet-v2");

const copy = (to, files) => {
  mkdirSync(to, {recursive: true});
  for (const [from, name] of files) copyFileSync(from, join(to, name ?? basename(from)));
};

// A vision transformer of four layers, every product of matrices with weights in int8.
function writeTransformerInt8(models) {
  execFileSync(process.execPath, [join(root, "scripts/models/random_vit.mjs"), join(models, "random-vit"), "--small", "--int8"]);
  writeFileSync(join(models, "random-vit.json"), JSON.stringify({
    name: "random-vit", dimensions: 64,
    image: {model: ["vision_model_int8.onnx"], input: "pixel_values", output: "image_embeds", fit: "squash", size: 64, filter: "bicubic", scale: 1 / 255, mean: [0.5, 0.5, 0.5], std: [0.25, 0.25, 0.25]},
  }));
}

const kModels = [
  {about: "the tiny model of colours", towers: ["image", "text"]},
  {about: "int8: the tiny model of colours", encoder: "tiny-colours-int8", towers: ["image", "text"], int8: true},
  {about: "int8: a small vision transformer", encoder: "random-vit", writeModels: writeTransformerInt8, towers: ["image"], int8: true},
  {
    about: "MobileNetV2", encoder: "mobilenet-v2", towers: ["image"],
    skip: existsSync(join(mobileNet, "model.onnx")) ? false : "MobileNetV2 is not there: ./run setup",
    writeModels: (models) => cpSync(mobileNet, join(models, "mobilenet-v2"), {recursive: true}),
  },
  {
    about: "the test data's tiny CLIP", encoder: "fashion-clip", towers: ["image", "text"],
    skip: existsSync(data) ? false : "../shared/data is not there",
    writeModels: (models) => copy(join(models, "fashion-clip"), [
      [join(data, "tiny_clip_vision.onnx"), "vision_model.onnx"], [join(data, "tiny_clip_text.onnx"), "text_model.onnx"],
      [join(data, "bpe_simple_vocab_16e6.txt.gz")],
    ]),
  },
];

const skip = noShop || whyNot(join(packageDist, "search.js"));
const csp = STRICT_CSP.replace("img-src 'self'", "img-src 'self' data:");

describe("vectors natively and in the browser", {skip}, () => {
  let browser;
  before(async () => (browser = await launch()));
  after(() => browser?.close());

  for (const {about, towers, int8, skip: missing = false, ...model} of kModels) {
    test(about, {skip: missing, timeout: 4 * PATIENCE_MS}, async () => {
      const shop = await buildTinyShop(model);
      const site = await serve([makeSite(shop)], {headers: {"content-security-policy": csp}});
      const {page, context} = await openPage(browser);
      try {
        await page.goto(site.url);
        const native = await nativeVectors(shop, towers);
        const products = shop.products.filter((_, i) => i % 20 === 0);
        const device = await deviceVectors(page, products, towers);
        for (const tower of towers) {
          const pairs = products.map(({id}, i) => [native[tower](id), device[i][tower]]);
          const cosines = pairs.map(([ours, theirs]) => ours.reduce((total, value, k) => total + value * theirs[k], 0));
          const difference = Math.max(...pairs.flatMap(([ours, theirs]) => ours.map((value, k) => Math.abs(value - theirs[k]))));
          console.log(`${about}, ${tower}: lowest cosine ${Math.min(...cosines)}, largest difference of a component ${difference}`);
          // Vectors that are all the same would agree without saying anything.
          const others = pairs.slice(1).map(([ours]) => Math.hypot(...ours.map((value, k) => value - pairs[0][0][k])));
          assert.ok(Math.max(...others) > 0.05, `${tower}: the products' vectors do not differ`);
          if (int8) assert.ok(Math.min(...cosines) >= 0.999, `${tower}: ${cosines}`);
          else assert.ok(difference <= 1e-4, `${tower}: ${difference}`);
        }
      } finally {
        await context.close();
        await site.close();
        shop.remove();
      }
    });
  }
});
