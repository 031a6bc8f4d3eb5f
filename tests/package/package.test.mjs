// The release, unpacked and run in a folder of its own. Needs `./run package`; with VITRINE_RELEASE_ROOT
// it says which root folder (a bare Debian 12) the indexer is run in by chroot.
import assert from "node:assert/strict";
import {execFileSync, spawnSync} from "node:child_process";
import {copyFileSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync} from "node:fs";
import {tmpdir} from "node:os";
import {dirname, join, resolve} from "node:path";
import {after, before, describe, test} from "node:test";
import {fileURLToPath, pathToFileURL} from "node:url";

const project = resolve(dirname(fileURLToPath(import.meta.url)), "../..");
const release = join(project, "build/release");
const packed = (ending) => (existsSync(release) ? readdirSync(release).find((name) => name.endsWith(ending)) : undefined);
const skip = packed(".tar.gz") && packed(".tgz") ? false : "the release is not packed: ./run package";

describe("the release", {skip}, () => {
  let folder;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), "vitrine-release-"));
    for (const ending of [".tar.gz", ".tgz"]) copyFileSync(join(release, packed(ending)), join(folder, packed(ending)));
    copyFileSync(join(release, "SHA256SUMS"), join(folder, "SHA256SUMS"));
  });
  after(() => rmSync(folder, {recursive: true, force: true}));

  test("SHA256SUMS names both files with their sums", () => {
    execFileSync("sha256sum", ["-c", "--quiet", "SHA256SUMS"], {cwd: folder});
    assert.equal(readFileSync(join(folder, "SHA256SUMS"), "utf8").trim().split("\n").length, 2);
  });

  test("the indexer runs from wherever it is unpacked, with its own libraries, and builds a shop", () => {
    execFileSync("tar", ["-xzf", packed(".tar.gz")], {cwd: folder});
    const tree = join(folder, packed(".tar.gz").replace(".tar.gz", ""));
    const vitrine = join(tree, "bin/vitrine");
    const own = execFileSync("ldd", [vitrine], {encoding: "utf8"}).split("\n").filter((line) => line.includes("=>"));
    assert.ok(!own.some((line) => line.includes("not found")), own.join("\n"));
    const system = own.filter((line) => !line.includes(tree)).map((line) => line.trim().split(" ")[0]);
    for (const name of system) assert.match(name, /^(linux-vdso|ld-linux.*|lib(c|m|dl|rt|pthread|resolv))\.so/, "only the C library is the system's");

    mkdirSync(join(folder, "shop"));
    const rows = Array.from({length: 60}, (_, i) => `p${i},"${["Red", "Blue", "Green"][i % 3]} ${["shirt", "dress", "coat", "bag"][i % 4]} no. ${i}",women,${10 + i}.00,EUR,in_stock,p${i}.html`);
    writeFileSync(join(folder, "shop/catalogue.csv"), ["id,title,audience,price,currency,availability,url", ...rows, ""].join("\n"));
    writeFileSync(join(folder, "shop/vitrine.toml"), `[shop]\nname = "Release"\ncurrency = "EUR"\n[catalogue]\nfiles = "catalogue.csv"\n[embed]\nencoders = ["sparse-projection"]\n`);
    // The recipe, as a shop's CI runs it.
    const recipe = spawnSync("sh", [join(project, "examples/ci/publish.sh")], {
      cwd: folder, encoding: "utf8",
      env: {PATH: "/usr/bin:/bin", CONFIG: "shop/vitrine.toml", STATE: "state", VITRINE_RELEASE: packed(".tar.gz"),
            VITRINE_SHA256: readFileSync(join(folder, "SHA256SUMS"), "utf8").split("\n").find((line) => line.includes(".tar.gz")).split(" ")[0],
            PUBLISH: "cp -r \"$1\" uploaded; true"}});
    assert.equal(recipe.status, 0, recipe.stdout + recipe.stderr);
    const manifest = JSON.parse(readFileSync(join(folder, "state/published/manifest.json"), "utf8"));
    assert.equal(manifest.items, 60);
    assert.ok(manifest.engine.wasm && manifest.engine.worker && manifest.script);
    assert.ok(existsSync(join(folder, "state/bundle/vitrine.js")));
    const again = spawnSync("sh", [join(project, "examples/ci/publish.sh")], {
      cwd: folder, encoding: "utf8", env: {PATH: "/usr/bin:/bin", CONFIG: "shop/vitrine.toml", STATE: "state", VITRINE_RELEASE: packed(".tar.gz"),
                                           VITRINE_SHA256: readFileSync(join(folder, "state/indexer.sha256"), "utf8").trim()}});
    assert.equal(again.status, 0, again.stderr);
    assert.match(again.stdout, /0 of \d+ files are new or changed/);
  });

  test("the npm package holds the engine and its types, and can be imported", async () => {
    execFileSync("tar", ["-xzf", packed(".tgz")], {cwd: folder});
    const tree = join(folder, "package");
    const {exports, files} = JSON.parse(readFileSync(join(tree, "package.json"), "utf8"));
    assert.ok(files.includes("dist"));
    for (const entry of Object.values(exports)) {
      for (const file of typeof entry === "string" ? [entry] : Object.values(entry)) {
        if (!file.includes("*")) assert.ok(existsSync(join(tree, file)), file);
      }
    }
    const engine = await WebAssembly.compile(readFileSync(join(tree, "dist/vitrine.wasm")));
    assert.ok(WebAssembly.Module.exports(engine).some(({name}) => name === "vitrine_for_you"));
    const store = await import(pathToFileURL(join(tree, "dist/store.js")).href);
    assert.equal(typeof store.keep, "function");
  });
});
