// The report of the demo shop as people open it: from disk, without network, in light and dark.
import assert from "node:assert/strict";
import {existsSync, readFileSync, readdirSync, statSync} from "node:fs";
import {join} from "node:path";
import {pathToFileURL} from "node:url";
import {after, before, describe, test} from "node:test";
import {readJson} from "./bundle.mjs";
import {accessibilityViolations, launch, openPage, root, whyNot} from "../web/browser.mjs";

const kPages = ["verdict", "data", "mining", "similarity", "for-you", "comparison", "bytes", "long-tail", "privacy"];
// What a catalogue alone has, and what a shop with events and orders has.
const kChartsOfCatalogues = ["rows", "fill-rates", "prices", "departments", "map", "encoders", "indexes", "index-time", "downloads", "recall-bytes"];
const kChartsOfShops = [...kChartsOfCatalogues.filter((id) => id !== "prices"), "times", "next-baskets", "partners", "rules", "rule-graph",
  "slices", "by-length", "by-decile", "by-audience", "by-department", "learning", "calibration", "blend", "miners", "tail", "lorenz", "groups", "floor"];

// Reports that are there: the demo's always after `./run demo`; others when somebody made them.
const reports = ["demo-report", "fashion-small-report", "fashion-small-shoppers-report", "hm-report"].map((name) => join(root, "build", name));

for (const folder of reports) {
  const reason = whyNot(join(folder, "index.html"));
  describe(`the report in ${folder.slice(root.length)}`, {skip: reason && `skipped: ${reason}`}, () => {
    let browser;
    before(async () => { browser = await launch(); });
    after(() => browser?.close());
    const open = async (options) => {
      const opened = await openPage(browser, options);
      await opened.page.goto(pathToFileURL(join(folder, "index.html")).href, {waitUntil: "domcontentloaded"});
      return opened;
    };

    for (const colorScheme of ["light", "dark"]) {
      test(`nine pages, no request, no error, nothing that axe finds (${colorScheme})`, async () => {
        const {page, context, seen} = await open({colorScheme});
        await page.waitForSelector("html.js");
        assert.deepEqual(await page.locator("main > section").evaluateAll((all) => all.map((one) => one.id)), kPages);
        assert.deepEqual(seen.problems, []);
        const addresses = seen.requests.map((request) => request.url()).filter((url) => !url.startsWith("data:"));
        assert.equal(addresses.length, 1, `requests: ${addresses}`);
        assert.deepEqual(await accessibilityViolations(page), []);
        await context.close();
      });
    }

    test("every chart has data, a text alternative and the table of its numbers", async () => {
      const {page, context} = await open();
      const charts = await page.locator("figure").evaluateAll((figures) => figures.map((figure) => ({
        id: figure.id,
        // A bar without height shows nothing; the legend's are of another size.
        marks: figure.querySelectorAll("svg.chart .dot, svg.chart .line").length + [...figure.querySelectorAll("svg.chart .bar")]
          .filter((bar) => bar.getAttribute("rx") === "1.5" && bar.height.baseVal.value > 0 && bar.width.baseVal.value > 0).length,
        title: figure.querySelector("svg.chart > title")?.textContent ?? "",
        about: figure.querySelector("svg.chart > desc")?.textContent ?? "",
        rows: figure.querySelectorAll("details tbody tr").length,
        bad: /NaN|inf/i.test(figure.querySelector("svg.chart").innerHTML.replace(/<(title|desc|text)[^]*?<\/\1>/g, "")),
      })));
      const ids = charts.map(({id}) => id);
      const missing = (readJson(join(folder, "report.json")).mining.rules > 0 ? kChartsOfShops : kChartsOfCatalogues).filter((id) => !ids.includes(id));
      assert.deepEqual(missing, []);
      for (const chart of charts) {
        assert.ok(chart.marks > 0, `${chart.id} has no mark`);
        assert.ok(chart.title.length > 3 && chart.about.length > 20, `${chart.id} is not described`);
        assert.ok(chart.rows > 0, `${chart.id} has no table`);
        assert.ok(!chart.bad, `${chart.id} has places that are no numbers`);
      }
      const files = readdirSync(folder).filter((name) => name.endsWith(".svg")).map((name) => name.slice(0, -4));
      for (const {id} of charts) assert.ok(files.includes(id), `${id}.svg is missing`);
      await context.close();
    });

    test("on a phone the page is no wider than the screen, and drawings can be moved by the keyboard", async () => {
      const {page, context} = await open({viewport: {width: 390, height: 844}});
      await page.waitForSelector("html.js");
      assert.deepEqual(await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]), [390, 390]);
      const stuck = await page.locator(".drawing").evaluateAll((all) => all.filter((one) => one.scrollWidth > one.clientWidth && one.tabIndex !== 0).length);
      assert.equal(stuck, 0);
      assert.deepEqual(await accessibilityViolations(page), []);
      await context.close();
    });

    test("on paper nothing is wider than the sheet", async () => {
      const {page, context} = await open({viewport: {width: 718, height: 1000}});  // A4 without its margins
      await page.emulateMedia({media: "print"});
      await page.evaluate(() => { for (const each of document.querySelectorAll("details")) each.open = true; });
      assert.ok(await page.evaluate(() => document.documentElement.scrollWidth) <= 718);
      await context.close();
    });

    test("pointing at a dot of the map says which product it is", async () => {
      const {page, context} = await open();
      const over = page.locator("#map .u-over");
      await over.scrollIntoViewIfNeeded();
      const box = await over.boundingBox();
      const tip = page.locator("#map .tip");
      let text = "";
      for (let k = 0; k < 400 && !text; ++k) {
        await page.mouse.move(box.x + box.width * (0.1 + 0.8 * ((k * 37) % 100) / 100), box.y + box.height * (0.1 + 0.8 * ((k * 61) % 100) / 100));
        if (await tip.isVisible()) text = await tip.textContent();
      }
      assert.match(text, /\w+: \w+/);
      await context.close();
    });

    test("without scripts every chart is drawn, too, and the policy forbids everything but the page's own", async () => {
      const {page, context} = await open({javaScriptEnabled: false});
      const html = readFileSync(join(folder, "index.html"), "utf8");
      const policy = html.match(/Content-Security-Policy" content="([^"]*)"/)[1];
      assert.match(policy, /^default-src 'none'; img-src data:; style-src 'sha256-[^']+'; script-src( 'sha256-[^']+')+; base-uri 'none'; form-action 'none'$/);
      assert.ok(!/\son\w+=|javascript:|\sstyle=/i.test(html.replace(/<script[^]*?<\/script>/g, "")), "no inline handlers or styles");
      assert.ok(await page.locator("#map svg.chart").isVisible());
      await context.close();
    });

    test("it is small, and so is what CI shows", () => {
      assert.ok(statSync(join(folder, "index.html")).size < 15e6);
      const markdown = readFileSync(join(folder, "report.md"), "utf8");
      assert.match(markdown, /^# .+: evaluation report\n/);
      for (const [, file] of markdown.matchAll(/!\[[^\n]*?\]\(([^)]+\.svg)\)/g)) assert.ok(existsSync(join(folder, file)), file);
    });
  });
}
