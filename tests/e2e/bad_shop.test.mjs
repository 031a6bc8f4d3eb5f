// Deliberately bad shops: the report is red and says what mends it, and nothing is hidden.
import assert from "node:assert/strict";
import {copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync} from "node:fs";
import {join} from "node:path";
import {tmpdir} from "node:os";
import {after, before, describe, test} from "node:test";
import {noDemo, readJson, run} from "./bundle.mjs";
import {makeSmallShop} from "./small_shop.mjs";

describe("a bad shop", {skip: noDemo}, () => {
  let good;
  // A few thousand events: enough to be judged, and learned in a moment.
  before(() => {
    good = makeSmallShop();
    const [header, ...events] = readFileSync(join(good, "events.csv"), "utf8").trimEnd().split("\n");
    writeFileSync(join(good, "events.csv"), [header, ...events.slice(0, 3000), ""].join("\n"));
    const [title, ...orders] = readFileSync(join(good, "orders.csv"), "utf8").trimEnd().split("\n");
    writeFileSync(join(good, "orders.csv"), [title, ...orders.slice(0, 1500), ""].join("\n"));
  });
  after(() => rmSync(good, {recursive: true}));

  // Builds a copy of the small shop after `spoil(folder, edit)`; gives its report and the exit code.
  async function report(spoil, extra = "") {
    const folder = mkdtempSync(join(tmpdir(), "vitrine-bad-shop-"));
    try {
      for (const name of ["catalogue.csv", "events.csv", "orders.csv"]) copyFileSync(join(good, name), join(folder, name));
      const toml = readFileSync(join(good, "vitrine.toml"), "utf8") + `\n[embed]\nencoders = ["sparse-projection"]\n[search]\nenabled = false\n${extra}`;
      writeFileSync(join(folder, "vitrine.toml"), toml);
      // edit(name, column, change): every value of a column of a file.
      const edit = (name, column, change) => {
        const [header, ...lines] = readFileSync(join(folder, name), "utf8").trimEnd().split("\n");
        const at = header.split(",").indexOf(column);
        assert.ok(at >= 0, `${name} has no ${column}`);
        const edited = lines.map((line, row) => {
          const cells = line.match(/("([^"]|"")*"|[^,]*)(,|$)/g).map((cell) => cell.replace(/,$/, ""));
          cells[at] = change(cells[at], row);
          return cells.slice(0, header.split(",").length).join(",");
        });
        writeFileSync(join(folder, name), [header, ...edited, ""].join("\n"));
      };
      spoil(folder, edit);
      const result = await run(["build", "-c", join(folder, "vitrine.toml"), "-o", join(folder, "out")]);
      assert.equal(result.code, 0, result.stderr);
      return {...result, verdict: readJson(join(folder, "report/report.json")).verdict,
        html: readFileSync(join(folder, "report/index.html"), "utf8")};
    } finally {
      rmSync(folder, {recursive: true});
    }
  }
  const red = ({verdict}, subject) => verdict.filter((one) => one.subject === subject && one.state === "red");

  test("ids that do not match", async () => {
    const made = await report((_, edit) => {
      edit("events.csv", "item_id", (id) => `sku-${id}`);
      edit("orders.csv", "item_id", (id) => `sku-${id}`);
    });
    const [finding] = red(made, "Data");
    assert.match(finding.reason, /Only 0\.0 % of the item ids .* are in the catalogue/);
    assert.match(finding.fix, /events\.columns\.item/);
    // The log is there, so that the fix is not to name one.
    for (const subject of ["For you", "Popular"]) assert.match(red(made, subject)[0].fix, /^Mend what is said of the data first/);
    assert.match(made.html, /events\.columns\.item/);
    assert.match(made.stdout, /BAD  Data: /);
  });

  test("no orders", async () => {
    const made = await report((folder, edit) => {
      edit("events.csv", "kind", () => "view");
      const toml = join(folder, "vitrine.toml");
      writeFileSync(toml, readFileSync(toml, "utf8").replace(/\[orders\]\nfiles = .*\n/, "") + '\n[baskets]\nfrom = "orders"\n');
    });
    const [finding] = red(made, "Bought together");
    assert.match(finding.reason, /no orders/i);
    assert.match(finding.fix, /\[orders\] files|baskets\.from/);
  });

  test("all prices missing", async () => {
    const made = await report((_, edit) => {
      for (const column of ["price", "original_price"]) edit("catalogue.csv", column, () => "");
    });
    const finding = red(made, "Data").find(({reason}) => /price/.test(reason));
    assert.match(finding.reason, /All prices are missing/);
    assert.match(finding.fix, /catalogue\.columns\.price/);
  });

  test("one department only", async () => {
    const made = await report((_, edit) => edit("catalogue.csv", "department", () => "Everything"));
    const finding = red(made, "Data").find(({reason}) => /department/.test(reason));
    assert.match(finding.reason, /All products are of one department/);
    assert.match(finding.fix, /catalogue\.columns\.department/);
  });

  test("one that lost most of its products is not published over a whole one, unless told to", async () => {
    const folder = mkdtempSync(join(tmpdir(), "vitrine-gate-"));
    try {
      for (const name of ["catalogue.csv", "events.csv", "orders.csv"]) copyFileSync(join(good, name), join(folder, name));
      writeFileSync(join(folder, "vitrine.toml"), readFileSync(join(good, "vitrine.toml"), "utf8") + '\n[embed]\nencoders = ["sparse-projection"]\n[search]\nenabled = false\n');
      const build = (...more) => run(["build", "-c", join(folder, "vitrine.toml"), "-o", join(folder, "out"), ...more]);
      const first = await build();
      assert.equal(first.code, 0, first.stderr);
      const published = readFileSync(join(folder, "out/manifest.json"), "utf8");
      const [header, ...products] = readFileSync(join(folder, "catalogue.csv"), "utf8").trimEnd().split("\n");
      writeFileSync(join(folder, "catalogue.csv"), [header, ...products.slice(0, products.length / 4), ""].join("\n"));
      const refused = await build();
      assert.equal(refused.code, 3, refused.stderr);
      assert.match(refused.stderr, /quality gate was not met, nothing was published:[^]*products fell by more than half/);
      assert.equal(readFileSync(join(folder, "out/manifest.json"), "utf8"), published);
      const report = readJson(join(folder, "report/report.json"));
      assert.equal(report.gate.published, false);
      assert.ok(report.gate.failures.length > 0);
      assert.match(readFileSync(join(folder, "report/index.html"), "utf8"), /quality gate refused to publish/);
      const told = await build("--accept-worse");
      assert.equal(told.code, 0, told.stderr);
      assert.match(told.stderr, /although the quality gate says no/);
      assert.notEqual(readFileSync(join(folder, "out/manifest.json"), "utf8"), published);
    } finally {
      rmSync(folder, {recursive: true});
    }
  });
});
