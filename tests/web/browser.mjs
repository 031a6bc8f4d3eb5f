// What the browser tests share: Chromium, a page that notes all it does, and axe.
import {existsSync, readFileSync} from "node:fs";
import {dirname, join} from "node:path";
import {fileURLToPath} from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
export const root = join(here, "..", "..");
export const packageDist = join(root, "web", "dist");
export const demoPages = join(root, "web", "demo", "dist");
/** For slow machines with much else to do. */
export const PATIENCE_MS = 60_000;

const CHROMIUM = process.env.VITRINE_CHROMIUM ?? "/usr/bin/chromium";

/** Undefined when the tests can run, else why not. */
export function whyNot(...needed) {
  if (!existsSync(join(root, "web", "node_modules", "playwright-core"))) return "web/node_modules is not installed";
  if (!existsSync(CHROMIUM)) return `no browser at ${CHROMIUM}`;
  const missing = needed.find((path) => !existsSync(path));
  return missing && `${missing} is not built`;
}

export async function launch() {
  const {chromium} = await import("../../web/node_modules/playwright-core/index.mjs");
  return chromium.launch({
    executablePath: CHROMIUM, timeout: PATIENCE_MS,
    args: ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-dev-shm-usage"],
  });
}

/**
 * A page in a fresh profile. `seen.requests` are all its requests (also those of workers),
 * `seen.problems` its errors, `shift()` the layout shift of the document that is open.
 */
export async function openPage(browser, options = {}) {
  const context = await browser.newContext({viewport: {width: 1280, height: 900}, ...options});
  context.setDefaultTimeout(PATIENCE_MS);
  context.setDefaultNavigationTimeout(PATIENCE_MS);
  const seen = {requests: [], problems: []};
  context.on("request", (request) => seen.requests.push(request));
  await context.addInitScript(() => {
    globalThis.layoutShift = 0;
    globalThis.layoutShiftSources = [];
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) {
        globalThis.layoutShift += entry.value;
        globalThis.layoutShiftSources.push(...entry.sources.map((source) => source.node?.id || source.node?.className || source.node?.nodeName));
      }
    }).observe({type: "layout-shift", buffered: true});
  });
  const page = await context.newPage();
  page.on("pageerror", (error) => seen.problems.push(String(error)));
  page.on("console", (message) => {
    if (message.type() === "error") seen.problems.push(message.text());
  });
  return {page, context, seen, shift: () => page.evaluate(() => ({value: globalThis.layoutShift, sources: globalThis.layoutShiftSources}))};
}

/** Waits until every list of the page has an answer. */
export async function settled(page) {
  await page.waitForFunction(() => {
    const lists = [...document.querySelectorAll("vitrine-recs")];
    return lists.every((list) => list.status && list.status !== "loading");
  }, null, {timeout: PATIENCE_MS});
}

/** What a list shows: [{id, title, reason, …}] as the element has it, and the text that it painted. */
export function listOf(page, selector) {
  return page.locator(selector).evaluate((element) => ({
    status: element.status,
    detail: element.recommendations?.detail,
    items: element.recommendations?.items ?? [],
    painted: [...element.shadowRoot.querySelectorAll(".item:not([aria-hidden])")].map((item) => item.innerText),
  }));
}

/** axe-core's violations, as "rule: node" lines. */
export async function accessibilityViolations(page) {
  const source = readFileSync(join(root, "web", "node_modules", "axe-core", "axe.min.js"), "utf8");
  await page.evaluate(source);
  const {violations} = await page.evaluate(() => globalThis.axe.run(document));
  return violations.flatMap((rule) => rule.nodes.map((node) => `${rule.id}: ${node.target.join(" ")}: ${node.failureSummary}`));
}
