// The demo shop as a static host serves it, under a strict content security policy.
import {readFileSync} from "node:fs";
import {join} from "node:path";
import {after, before} from "node:test";
import {site} from "../e2e/bundle.mjs";
import {launch} from "./browser.mjs";
import {serve, STRICT_CSP} from "./server.mjs";

// For all tests of a file: {browser, server, catalogue}.
export function demoSite(skip) {
  const demo = {};
  before(async () => {
    if (skip) return;
    demo.browser = await launch();
    demo.server = await serve([site], {headers: {"content-security-policy": STRICT_CSP}});
    demo.catalogue = JSON.parse(readFileSync(join(site, "catalogue.json"), "utf8"));
  });
  after(async () => {
    await demo.browser?.close();
    await demo.server?.close();
  });
  return demo;
}
