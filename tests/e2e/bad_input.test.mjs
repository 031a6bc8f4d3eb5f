// Bad input: a clear message with file, line and field, exit code 1 or 2, no half-written output, and
// valid rows kept with the rejected ones counted and listed.
import assert from "node:assert/strict";
import {existsSync, readFileSync, rmSync, writeFileSync} from "node:fs";
import {join} from "node:path";
import {after, before, beforeEach, describe, test} from "node:test";
import {bundle, noDemo, readJson, run} from "./bundle.mjs";
import {kProducts, makeSmallShop} from "./small_shop.mjs";

describe("bad input", {skip: noDemo}, () => {
  let folder;
  let catalogue;
  let whole;
  before(() => {
    folder = makeSmallShop();
    catalogue = join(folder, "catalogue.csv");
    whole = readFileSync(catalogue, "utf8");
  });
  after(() => rmSync(folder, {recursive: true}));
  beforeEach(() => {
    writeFileSync(catalogue, whole);
    rmSync(join(folder, "out"), {recursive: true, force: true});
  });

  const build = (...set) => run(["build", "-c", join(folder, "vitrine.toml"), "-o", join(folder, "out"),
    "--report", join(folder, "report.json"), ...set.flatMap((pair) => ["--set", pair])]);

  // Each: what is done, the expected exit code, and what the message must say.
  const failures = [
    ["a missing feed", () => build("catalogue.files=nowhere.csv"), 1, /nowhere\.csv/],
    ["a missing log", () => build("orders.files=nowhere.csv"), 1, /nowhere\.csv/],
    ["a column that no file has", () => build("catalogue.columns.id=ident"), 2, /ident/],
    ["an unknown key", () => build("mine.partnrs=3"), 2, /mine\.partnrs.*did you mean "mine\.partners"/],
    ["a wrong type", () => build("vectors.bytes_per_item=\"many\""), 2, /vectors\.bytes_per_item/],
    ["an empty catalogue", () => {
      writeFileSync(catalogue, whole.split("\n")[0] + "\n");
      return build();
    }, 1, /catalogue\.csv/],
    ["an unknown encoder", () => build("embed.encoders=[\"telepathy\"]"), 2, /telepathy/],
    ["a missing configuration", () => run(["build", "-c", join(folder, "none.toml"), "-o", join(folder, "out")]), 2, /none\.toml/],
    ["a missing bundle", () => run(["recommend", "--bundle", join(folder, "none"), "--popular"]), 1, /manifest\.json/],
    ["an unknown product", () => run(["recommend", "--bundle", bundle, "--similar", "none-such"]), 1, /none-such/],
    ["no question", () => run(["recommend", "--bundle", bundle]), 2, /--bought-together/],
    ["an unknown command", () => run(["recomend"]), 2, /./],
  ];
  for (const [what, act, code, message] of failures) {
    test(`${what} ends with code ${code}, a message, and no output`, async () => {
      const result = await act();
      assert.match(result.stderr, message);
      assert.ok(result.code === code || (code === 2 && result.code === 1), `exit code ${result.code}: ${result.stderr}`);
      assert.ok(!existsSync(join(folder, "out")), "nothing was written");
    });
  }

  test("a duplicate id, a broken price and a broken photo are listed; the rest is kept", async () => {
    const lines = whole.trimEnd().split("\n");
    const columns = lines[0].split(",");
    const row = (fields) => columns.map((name) => fields[name] ?? "").join();
    const duplicate = lines[1];
    const image = `images/${lines[2].split(",")[0]}.jpg`;
    const photo = readFileSync(join(folder, image));
    writeFileSync(join(folder, image), photo.subarray(0, 40));
    writeFileSync(catalogue, [...lines, duplicate,
      row({id: "odd-1", title: "Odd thing", price: "about ten"}),
      row({id: "odd-2", title: "Thing without a photo", price: "12.00", images: "images/none.jpg"}), ""].join("\n"));
    try {
      const result = await build();
      assert.equal(result.code, 0, result.stderr);
      const report = readJson(join(folder, "report.json"));
      assert.equal(report.products, kProducts + 1, "only the thing without a photo is new");
      const listed = JSON.stringify(report.ingest);
      assert.match(listed, new RegExp(`"line": ?${lines.length + 1}\\b`));
      assert.match(listed, /duplicate/);
      assert.match(listed, /price/);
      assert.equal(report.products_without_photo, 2);
    } finally {
      writeFileSync(join(folder, image), photo);
    }
  });
});
