// Debian's Firefox for the tests, driven by WebDriver BiDi. Its pages answer to as much of Playwright's
// names as visits.mjs and browser.mjs use, so that both browsers make the same visits.
import {existsSync, mkdtempSync, rmSync} from "node:fs";
import {tmpdir} from "node:os";
import {join} from "node:path";
import {setTimeout as pause} from "node:timers/promises";
import {PATIENCE_MS, root} from "./browser.mjs";

const FIREFOX = process.env.VITRINE_FIREFOX ?? "/usr/bin/firefox-esr";
const PUPPETEER = join(root, "web", "node_modules", "puppeteer-core");

/** Undefined when the tests can run, else why not. */
export function whyNoFirefox(...needed) {
  if (!existsSync(PUPPETEER)) return "web/node_modules is not installed";
  if (!existsSync(FIREFOX)) return `no Firefox at ${FIREFOX} (Debian's package firefox-esr)`;
  const missing = needed.find((path) => !existsSync(path));
  return missing && `${missing} is not built`;
}

/** {open(): {page, context, seen}, close()}; everything that Firefox writes is in a folder of its own. */
export async function launchFirefox() {
  const {launch} = await import(join(PUPPETEER, "lib", "esm", "puppeteer", "puppeteer-core.js"));
  const home = mkdtempSync(join(tmpdir(), "vitrine-firefox-"));
  const browser = await launch({
    browser: "firefox", executablePath: FIREFOX, headless: true, userDataDir: join(home, "profile"),
    timeout: 3 * PATIENCE_MS, protocolTimeout: 3 * PATIENCE_MS, env: {...process.env, HOME: home},
  });
  return {
    open: async () => openPage(await browser.createBrowserContext()),
    close: async () => {
      await browser.close();
      rmSync(home, {recursive: true, force: true, maxRetries: 5});
    },
  };
}

async function openPage(context) {
  const tab = await context.newPage();
  tab.setDefaultTimeout(PATIENCE_MS);
  await tab.setViewport({width: 1280, height: 900});
  const seen = {requests: [], problems: []};
  tab.on("request", (request) => seen.requests.push(request));
  tab.on("pageerror", (error) => seen.problems.push(String(error)));
  tab.on("console", (message) => {
    if (message.type() === "error") seen.problems.push(message.text());
  });
  return {page: likePlaywright(tab), context, seen};
}

function likePlaywright(tab) {
  // Asked anew from here: a page's policy may forbid the functions that puppeteer would make in it.
  const waitFor = async (what, ask) => {
    const end = Date.now() + PATIENCE_MS;
    for (;;) {
      const answer = await ask().catch((error) => {
        if (!/navigat|context|realm|frame|actor/i.test(error.message)) throw error;  // the page is being left
      });
      if (answer) return answer;
      if (Date.now() > end) throw new Error(`waited in vain for ${what}`);
      await pause(50);
    }
  };
  return {
    goto: (url) => tab.goto(url, {waitUntil: "load"}),
    reload: () => tab.reload({waitUntil: "load"}),
    evaluate: (ask, argument) => tab.evaluate(ask, argument),
    waitForFunction: (ask, argument) => waitFor(ask, () => tab.evaluate(ask, argument)),
    waitForSelector: (selector) => waitFor(selector, () => tab.evaluate((css) => document.querySelector(css) !== null, selector)),
    waitForURL: (pattern) => waitFor(pattern, async () => pattern.test(tab.url())),
    locator: (selector) => ({
      evaluate: (ask) => tab.$eval(selector, ask),
      click: () => tab.locator(selector).click(),
    }),
    keyboard: {press: (key) => tab.keyboard.press(key)},
    on: (name, then) => tab.on(name, then),
  };
}
