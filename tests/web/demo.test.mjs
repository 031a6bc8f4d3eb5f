// What the demo shop shows to the people of a shop: the preview panel, a recorded session
// replayed; and the whole way to an order by the keyboard.
import assert from "node:assert/strict";
import {mkdtempSync, rmSync, writeFileSync} from "node:fs";
import {tmpdir} from "node:os";
import {dirname, join} from "node:path";
import {test} from "node:test";
import {run, site} from "../e2e/bundle.mjs";
import {accessibilityViolations, listOf, openPage, PATIENCE_MS, settled, whyNot} from "./browser.mjs";
import {demoSite} from "./demo_site.mjs";
import {recordedSession} from "./ga4_sessions.mjs";
import {serve} from "./server.mjs";
import {buysByKeyboard, TRUSTED_TYPES_CSP} from "./visits.mjs";

const skip = whyNot(join(site, "index.html"), join(site, "catalogue.json"), join(site, "bundle", "manifest.json"));
const options = {skip, timeout: 5 * PATIENCE_MS};

const demo = demoSite(skip);

const like = (wish) => demo.catalogue.filter((product) => product.availability === "in_stock" &&
  Object.entries(wish).every(([field, value]) => product[field]?.toLowerCase() === value));

test("from the home page to an order with the keys Tab, Space and Enter alone", options, async () => {
  const opened = await openPage(demo.browser);
  await buysByKeyboard(opened, demo.server.url);
  await opened.context.close();
});

test("recorded GA4 sessions, replayed, turn the list for you to what each shopper looked at", options, async () => {
  const answers = [];
  for (const wish of [{department: "dresses", colour: "red"}, {department: "outerwear", audience: "men"}]) {
    const ids = like(wish).slice(0, 3).map(({id}) => id);
    assert.equal(ids.length, 3, JSON.stringify(wish));
    const {page, context, seen} = await openPage(demo.browser);
    await page.goto(demo.server.url);
    await settled(page);
    const share = ({items}) => items.filter((item) => Object.entries(wish).some(([field, value]) => item[field].toLowerCase() === value)).length / items.length;
    const before = await listOf(page, "#for-you");
    const early = recordedSession(ids, wish.department);
    await page.evaluate(async ([entries, half]) => {
      window.dataLayer = [];
      const replay = (entry) => (entry.gtag ? (function() { window.dataLayer.push(arguments); })(...entry.gtag) : window.dataLayer.push(entry));
      entries.slice(0, half).forEach(replay);  // these were there before the bridge
      const {connect} = await import("./vitrine/bridges.js");
      const {sharedRecommender} = await import("./vitrine/vitrine.js");
      connect(sharedRecommender("bundle/"));
      entries.slice(half).forEach(replay);
    }, [early, 9]);
    await page.waitForFunction(() => document.querySelector("#for-you").status === "ready");
    await page.waitForFunction(async (count) =>
      (await (await import("./vitrine/vitrine.js")).sharedRecommender("bundle/").profile()).events.length === count, 5);
    await page.evaluate(() => document.querySelector("#for-you").refresh());
    const later = await listOf(page, "#for-you");
    const {events, stored} = await page.evaluate(async () => (await import("./vitrine/vitrine.js")).sharedRecommender("bundle/").profile());
    assert.deepEqual(events.map(({kind, id}) => `${kind} ${id}`),
      [`click ${ids[0]}`, `view ${ids[0]}`, `view ${ids[1]}`, `view ${ids[2]}`, `cart ${ids[2]}`]);
    assert.equal(stored, true, "the banner's choice is followed");
    assert.ok(share(later) >= 0.5 && share(later) > share(before), `${JSON.stringify(wish)}: ${share(before)} before, ${share(later)} after`);
    assert.deepEqual(seen.problems, []);
    answers.push(later.items.map(({id}) => id));
    await context.close();
  }
  assert.equal(answers[0].filter((id) => answers[1].includes(id)).length, 0, "two shoppers, two lists");
});

test("a page that demands Trusted Types has the engine in its worker", options, async () => {
  const strict = await serve([site], {headers: {"content-security-policy": TRUSTED_TYPES_CSP}});
  const {page, context, seen} = await openPage(demo.browser);
  await page.goto(`${strict.url}product.html?id=${like({department: "dresses"})[0].id}`);
  await settled(page);
  await page.goto(strict.url);
  await page.evaluate(async (id) => (await import("./vitrine/vitrine.js")).sharedRecommender("bundle/").track({kind: "view", id}), like({})[0].id);
  await page.waitForFunction(() => document.querySelector("#for-you").status === "ready");
  assert.equal(page.workers().length, 1);
  assert.deepEqual(seen.problems, []);
  await context.close();
  await strict.close();
});

test("what the shop says of the shopper reaches the engine, as it reaches the program, and stays in the page", options, async () => {
  const {page, context, seen} = await openPage(demo.browser);
  await page.goto(demo.server.url);
  await settled(page);
  // The program's answer to the same words, by the same C++ compiled natively.
  const native = async (profile, ...question) => {
    const {code, stdout, stderr} = await run(["recommend", "--bundle", join(site, "bundle"), "-k", "12", "--json", "--profile",
      Object.entries(profile).map((pair) => pair.join("=")).join(), ...question]);
    assert.equal(code, 0, stderr);
    return JSON.parse(stdout).items.map(({id}) => id);
  };
  const tell = (user) => page.evaluate(async (told) => {
    const recommender = (await import("./vitrine/vitrine.js")).sharedRecommender("bundle/");
    await recommender.warmUp();
    recommender.setUser(told);
    const {items, status} = await recommender.popular({limit: 12});
    return {items, status};
  }, user);
  const shown = async (ids) => page.waitForFunction((wanted) =>
    document.querySelector("#for-you").recommendations.items.map(({id}) => id).join() === wanted, ids.join());
  const lists = [];
  for (const [ageGroup, city, region] of [["18-24", "Solana", "Southbay"], ["55-64", "Skerry", "Northmark"]]) {
    const wanted = await native({age_group: ageGroup, city, region}, "--popular");
    const {items, status} = await tell({ageGroup, city, region});
    assert.deepEqual([status, items.map(({id}) => id)], ["ready", wanted]);
    assert.ok(items.some(({reason}) => reason.kind === "popular-segment"), "the reason says whose favourites these are");
    await shown(wanted);  // the list of a stranger follows without being asked
    lists.push(wanted);
  }
  assert.notDeepEqual(lists[0], lists[1]);

  const session = join(mkdtempSync(join(tmpdir(), "vitrine-session-")), "session.tsv");
  const [viewed] = like({department: "dresses"});
  const now = Math.floor(Date.now() / 1000);
  writeFileSync(session, `${viewed.id}\tview\t${now}\n`);
  await page.evaluate(async ([id, time]) =>
    (await import("./vitrine/vitrine.js")).sharedRecommender("bundle/").track({kind: "view", id, time}), [viewed.id, now]);
  await shown(await native({age_group: "55-64", city: "Skerry", region: "Northmark"}, "--session", session));
  rmSync(dirname(session), {recursive: true});

  const men = (await tell({audience: "men"})).items;
  assert.ok(men.length === 12 && men.every(({audience}) => ["men", "unisex", ""].includes(audience)));
  for (const request of seen.requests) assert.doesNotMatch(request.url() + JSON.stringify(request.headers()), /Solana|Skerry|55-64/);
  await page.reload();
  await settled(page);
  assert.deepEqual(await page.evaluate(async () => (await (await import("./vitrine/vitrine.js")).sharedRecommender("bundle/").profile()).user), {});
  await context.close();
});

test("the preview panel says why, compares the strategies, and plays a shopper", options, async () => {
  const {page, context, seen} = await openPage(demo.browser);
  const [product] = like({department: "dresses", colour: "red"});
  await page.goto(`${demo.server.url}product.html?id=${product.id}`);
  await settled(page);
  await page.getByRole("button", {name: "Merchandising preview"}).click();
  await page.waitForSelector("#panel-strategies tbody tr");
  const together = await listOf(page, "#together");
  const similar = await listOf(page, "#similar");
  const why = await page.locator("#panel-lists li").allInnerTexts();
  assert.equal(why.length, together.items.length + similar.items.length);
  together.items.forEach((item, i) => {
    assert.ok(why[i].includes(item.title) && why[i].includes(item.reason.kind), why[i]);
    if (item.reason.lift) assert.ok(why[i].includes(`lift ${item.reason.lift.toFixed(1)}`), why[i]);
  });
  const row = await page.locator("#panel-strategies tbody tr").first().innerText();
  assert.ok(row.startsWith(together.items[0].title) && row.includes("1."), row);
  await page.locator("#panel-shopper .panel-buttons button").nth(1).click();
  await page.waitForFunction(() => document.querySelectorAll("#panel-events li").length === 3);
  await page.waitForFunction(() => /in a worker/.test(document.querySelector("#panel-loaded").textContent));
  const loaded = await page.locator("#panel-loaded").innerText();
  for (const section of ["catalogue", "rules", "vectors", "taste"]) assert.ok(loaded.includes(section), loaded);
  assert.deepEqual(await accessibilityViolations(page), []);
  await page.keyboard.press("Escape");
  assert.equal(await page.locator("#panel").isVisible(), false);
  assert.deepEqual(seen.problems, []);
  await context.close();
});
