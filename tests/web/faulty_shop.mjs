// A shop whose network, host or browser does what the tests want, for *faults.test.mjs.
import {cpSync, mkdtempSync, readFileSync, rmSync} from "node:fs";
import {tmpdir} from "node:os";
import {join} from "node:path";
import {after, before} from "node:test";
import {bundle as demoBundle, noDemo} from "../e2e/bundle.mjs";
import {launch, listOf, openPage, packageDist, PATIENCE_MS, settled, whyNot} from "./browser.mjs";
import {writeBundle} from "./fixture.mjs";
import {serve} from "./server.mjs";

const skip = whyNot(join(packageDist, "define.js")) ?? false;
export const options = {skip, timeout: 3 * PATIENCE_MS};

/** `folder` is served at `site`, and at `elsewhere` from another origin. */
export const shop = {browser: undefined, folder: undefined, site: undefined, elsewhere: undefined};
let fault;  // (path, request, response) => true when it answered

const handle = (request, response) => fault?.(new URL(request.url, "http://x").pathname, request, response) ?? false;
const page = (body, base) => `<!doctype html><html lang="en"><meta charset="utf-8"><title>Shop</title>
<script type="module" src="/vitrine/define.js"></script><body>${body.replaceAll("BASE", base)}</body></html>`;

/** Has the shop there for the tests of a file. */
export function useShop() {
  before(async () => {
    if (skip) return;
    shop.browser = await launch();
    shop.folder = mkdtempSync(join(tmpdir(), "vitrine-faults-"));
    cpSync(packageDist, join(shop.folder, "vitrine"), {recursive: true});
    writeBundle(join(shop.folder, "bundle"));
    cpSync(join(shop.folder, "bundle"), join(shop.folder, "deep/er/path/bundle"), {recursive: true});
    if (!noDemo) cpSync(demoBundle, join(shop.folder, "demo"), {recursive: true});
    shop.site = await serve([shop.folder], {handle});
    shop.elsewhere = await serve([shop.folder], {handle});
  });
  after(async () => {
    await shop.browser?.close();
    await shop.site?.close();
    await shop.elsewhere?.close();
    if (shop.folder) rmSync(shop.folder, {recursive: true, force: true});
  });
}

/** Opens a page with this body while `broken` is at work; the lists have settled when it returns. */
export async function open(body, broken, {base = "/bundle/", context, init, patient = true, policy} = {}) {
  fault = (path, request, response) => {
    // On every file: a worker obeys the policy that its own script came with, not its page's.
    if (policy) response.setHeader("content-security-policy", policy);
    if (path === "/page.html" || path === "/other.html") {
      response.writeHead(200, {"content-type": "text/html"});
      response.end(path === "/page.html" ? page(body, base) : "<!doctype html><title>Other</title><p>elsewhere");
      return true;
    }
    return broken?.(path, request, response) ?? false;
  };
  const opened = await openPage(shop.browser, context);
  await opened.context.addInitScript(() => {
    globalThis.events = [];
    for (const type of ["load", "error", "empty"]) {
      addEventListener(type, (event) => {
        if (event.target.localName === "vitrine-recs") globalThis.events.push(`${type}:${event.target.type}`);
      }, true);
    }
  });
  if (init) await opened.context.addInitScript(init);
  await opened.page.goto(`${shop.site.url}page.html`);
  if (patient) await settled(opened.page);
  const shows = async () => ({
    ...await listOf(opened.page, "vitrine-recs"), events: await opened.page.evaluate(() => globalThis.events),
    exceptions: opened.seen.problems.filter((problem) => !/Failed to load resource|Failed to find a valid digest|CORS|ERR_|preload/.test(problem)),
  });
  return {...opened, shows};
}

/** Has `broken` answer first from now on. */
export function breakAlso(broken) {
  const before = fault;
  fault = (path, request, response) => broken(path, request, response) || before(path, request, response);
}

// Answers that are none.
export const status = (code, text = "x") => (response) => {
  response.writeHead(code, {"content-type": "text/plain"}).end(text);
  return true;
};
// The bytes of a file of the shop, changed on their way.
export const changed = (change) => (response, path) => {
  const bytes = change(Buffer.from(readFileSync(join(shop.folder, path))));
  response.writeHead(200, {"content-type": "application/json"}).end(bytes);
  return true;
};
export const flipped = (bytes) => { bytes[bytes.length >> 1] ^= 4; return bytes; };
export const slowly = (response) => {
  response.writeHead(200, {"content-type": "application/json"});
  const drip = setInterval(() => response.write(" "), 200);
  response.on("close", () => clearInterval(drip));
  return true;
};
