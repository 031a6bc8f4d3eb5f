// Same input and configuration give the same bytes, whatever the number of threads and whatever the
// stage cache holds.
import assert from "node:assert/strict";
import {createHash} from "node:crypto";
import {appendFileSync, existsSync, readFileSync, readdirSync, rmSync, writeFileSync} from "node:fs";
import {join} from "node:path";
import {after, before, describe, test} from "node:test";
import {noDemo, readJson, run} from "./bundle.mjs";
import {makeSmallShop} from "./small_shop.mjs";

function digests(folder) {
  const all = {};
  for (const entry of readdirSync(folder, {recursive: true, withFileTypes: true})) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath ?? entry.path, entry.name);
    all[path.slice(folder.length)] = createHash("sha256").update(readFileSync(path)).digest("hex");
  }
  return all;
}

describe("building a shop", {skip: noDemo}, () => {
  let folder;
  const build = async (output, ...set) => {
    const args = ["build", "-c", join(folder, "vitrine.toml"), "-o", join(folder, output)];
    const result = await run([...args, ...set.flatMap((pair) => ["--set", pair])]);
    assert.equal(result.code, 0, result.stderr);
    return result;
  };

  before(async () => {
    folder = makeSmallShop();
    await build("one", "build.threads=1");
  });
  after(() => rmSync(folder, {recursive: true}));

  test("one and two threads write the same bytes", async () => {
    await build("two", "build.threads=2");
    const one = digests(join(folder, "one"));
    assert.deepEqual(digests(join(folder, "two")), one);
    assert.ok(Object.keys(one).length > 10);
  });

  test("a build from the stage cache writes the same bytes, also when the cache is damaged", async () => {
    await build("fresh", "build.cache=kept");
    await build("cached", "build.cache=kept");
    const expected = digests(join(folder, "one"));
    assert.deepEqual(digests(join(folder, "cached")), expected);
    let damaged = 0;
    for (const entry of readdirSync(join(folder, "kept"), {recursive: true, withFileTypes: true})) {
      if (!entry.isFile()) continue;
      const path = join(entry.parentPath ?? entry.path, entry.name);
      const bytes = readFileSync(path);
      bytes[bytes.length >> 1] ^= 0x10;
      writeFileSync(path, bytes);
      ++damaged;
    }
    assert.ok(damaged > 3);
    await build("after-damage", "build.cache=kept");
    assert.deepEqual(digests(join(folder, "after-damage")), expected);
  });

  test("an edit publishes a new bundle beside the files of the old one, and the next build tidies up", async () => {
    await build("live");
    const old = readJson(join(folder, "live/manifest.json"));
    const catalogue = join(folder, "catalogue.csv");
    const text = readFileSync(catalogue, "utf8");
    // One more product, out of stock: it changes every list that could have named it.
    const columns = text.split("\n")[0].split(",");
    appendFileSync(catalogue, columns.map((name) =>
      ({id: "new-1", title: "A new thing", price: "10.00", availability: "out_of_stock"})[name] ?? "").join() + "\n");
    try {
      await build("live");
      const next = readJson(join(folder, "live/manifest.json"));
      assert.equal(next.items, old.items + 1);
      assert.deepEqual(next.pages, old.pages, "what is published already stays");
      assert.ok(next.changes.count > 0, "with what changed beside it");
      assert.ok(existsSync(join(folder, "live", old.sections.catalogue.file)), "open pages still find their files");
      await build("live", "publish.list_length=5");
      const other = readJson(join(folder, "live/manifest.json"));
      assert.notEqual(other.pages.stamp, old.pages.stamp);
      assert.ok(existsSync(join(folder, "live/pages", old.pages.stamp)), "open pages still find their shards");
      await build("live", "publish.list_length=5");
      assert.ok(!existsSync(join(folder, "live/pages", old.pages.stamp)), "what nobody needs is gone");
      assert.ok(!existsSync(join(folder, "live", old.sections.catalogue.file)));
    } finally {
      writeFileSync(catalogue, text);
    }
  });

  test("verify finds the bundle sound, and every kind of damage", async () => {
    const bundle = join(folder, "one");
    const sound = await run(["verify", bundle]);
    assert.equal(sound.code, 0, sound.stdout);
    assert.match(sound.stdout, /invariants broken: 0 cross-audience, 0 out of stock, 0 same group, 0 in cart/);
    const manifest = readJson(join(bundle, "manifest.json"));
    const victims = [
      ...Object.values(manifest.sections).map(({file}) => file), manifest.popular.file,
      `pages/${manifest.pages.stamp}/0.json`, `cards/${manifest.cards.stamp}/0.json`, "manifest.json"];
    for (const victim of victims) {
      const path = join(bundle, victim);
      const bytes = readFileSync(path);
      writeFileSync(path, bytes.subarray(0, bytes.length >> 1));
      const broken = await run(["verify", bundle]);
      assert.equal(broken.code, 1, victim);
      assert.match(broken.stdout + broken.stderr, new RegExp(victim.split("/").pop().split(".")[0]));
      writeFileSync(path, bytes);
    }
    assert.equal((await run(["verify", bundle])).code, 0);
  });
});
