// Accessibility: axe over every type and state of the elements (the gallery has them all on one page)
// in every theme, in both directions, at 100 % and 200 % zoom; and what axe cannot see.
import assert from "node:assert/strict";
import {join} from "node:path";
import {after, before, test} from "node:test";
import {site} from "../e2e/bundle.mjs";
import {accessibilityViolations, launch, openPage, PATIENCE_MS, whyNot} from "./browser.mjs";
import {serve, STRICT_CSP} from "./server.mjs";

const skip = whyNot(join(site, "gallery.html"), join(site, "bundle", "manifest.json"));
const options = {skip, timeout: 5 * PATIENCE_MS};

let browser;
let server;

before(async () => {
  if (skip) return;
  browser = await launch();
  server = await serve([site], {headers: {"content-security-policy": STRICT_CSP}});
});

after(async () => {
  await browser?.close();
  await server?.close();
});

// The browser's zoom: fewer CSS pixels, more device pixels for each.
const ZOOM = {100: {viewport: {width: 1280, height: 900}}, 200: {viewport: {width: 640, height: 450}, deviceScaleFactor: 2}};
const HEADINGS = {en: "Similar styles", ar: "تصاميم مشابهة"};

async function openGallery(setup) {
  const opened = await openPage(browser, {reducedMotion: "reduce", ...setup});
  await opened.page.goto(`${server.url}gallery.html`);
  // One list waits for ever: it shows what waiting looks like.
  // The list for the shopper has a simpler answer until the engine is there.
  await opened.page.waitForFunction(() => document.querySelector("#state-plain").status === "ready" &&
    [...document.querySelectorAll("vitrine-recs:not(#state-loading)")].every((list) => list.status !== "loading"));
  return opened;
}

async function wear(page, theme, language) {
  await page.selectOption("#clothes", theme);
  await page.selectOption("#language", language);
  await page.waitForFunction((text) =>
    document.querySelector("#state-rail").shadowRoot.querySelector(".heading").textContent === text, HEADINGS[language]);
}

// What is cut off or pushed out of its place: boxes whose text is larger than they are.
const overflowing = (page) => page.evaluate(() => {
  const found = [];
  if (document.documentElement.scrollWidth > innerWidth) found.push("the page scrolls sideways");
  for (const list of document.querySelectorAll("vitrine-recs, vitrine-privacy")) {
    for (const box of list.shadowRoot.querySelectorAll(".heading, .price, .note, .add, p, button")) {
      if (box.className === "reason" || box.className === "title") continue;  // two lines of it, on purpose
      if (box.scrollWidth > box.clientWidth + 1 && getComputedStyle(box).display !== "inline") found.push(`#${list.id} ${box.className}: ${box.textContent.trim()}`);
    }
  }
  return found;
});

for (const [zoom, setup] of Object.entries(ZOOM)) {
  test(`at ${zoom} %: no violation in any type and state, theme and direction, and nothing is cut off`, options, async () => {
    const {page, context} = await openGallery(setup);
    const states = await page.evaluate(() => Object.fromEntries([...document.querySelectorAll("vitrine-recs")].map((list) => [list.id, `${list.type} ${list.status}`])));
    assert.deepEqual(states, {
      "state-rail": "similar ready", "state-add": "bought-together ready", "state-grid": "popular ready", "state-plain": "for-you ready",
      "state-recent": "recent ready", "state-template": "popular ready", "state-loading": "popular loading", "state-empty": "popular empty",
      "state-fallback": "popular error", "state-error": "popular error",
    });
    for (const theme of ["linde", "market", "studio"]) {
      for (const language of ["en", "ar"]) {
        await wear(page, theme, language);
        assert.deepEqual(await accessibilityViolations(page), [], `${theme}, ${language}`);
        assert.deepEqual(await overflowing(page), [], `${theme}, ${language}`);
      }
    }
    await context.close();
  });
}

test("in dark and in forced colours: no violation, and cards, badges and focus can be told apart", options, async () => {
  for (const setup of [{colorScheme: "dark"}, {forcedColors: "active"}]) {
    const {page, context} = await openGallery(setup);
    assert.deepEqual(await accessibilityViolations(page), [], JSON.stringify(setup));
    if (setup.forcedColors) {
      const widths = await page.evaluate(() => [".picture", ".badge"].map((selector) =>
        getComputedStyle(document.querySelector("#state-grid").shadowRoot.querySelector(selector)).borderTopWidth));
      assert.deepEqual(widths, ["1px", "1px"]);
    }
    await page.locator("#state-rail a.title").first().focus();
    await page.keyboard.press("Tab");
    const outline = await page.evaluate(() =>
      getComputedStyle(document.querySelector("#state-rail").shadowRoot.activeElement, "::after").outlineStyle);
    assert.equal(outline, "solid");
    await context.close();
  }
});

test("with reduced motion nothing moves by itself, and rails jump", options, async () => {
  const {page, context} = await openGallery({});
  const moving = await page.evaluate(() => document.getAnimations().concat([...document.querySelectorAll("vitrine-recs")]
    .flatMap((list) => list.shadowRoot.getAnimations())).map((animation) => String(animation.animationName ?? animation.transitionProperty)));
  assert.deepEqual(moving, []);
  await page.locator("#state-rail .arrow").last().click();
  assert.ok(await page.locator("#state-rail ul.items").evaluate((list) => list.scrollLeft) > 0, "at once");
  await context.close();
});

test("a screen reader hears a region, a heading, a list of links, and each button's product", options, async () => {
  const {page, context} = await openGallery({});
  const region = page.getByRole("region", {name: "Bought together"});
  assert.equal(await region.getByRole("heading", {level: 2}).innerText(), "Bought together");
  const count = await region.getByRole("listitem").count();
  assert.equal(await region.getByRole("link").count(), count);
  const [title] = await region.getByRole("link").allInnerTexts();
  assert.equal(await region.getByRole("button", {name: `Add to cart: ${title}`}).count(), 1);
  assert.equal(await region.getByRole("img").count(), 0, "photos beside their names are silent");
  await context.close();
});
