// The fixture shop in a browser, with one page whose HTML the test writes.
import {mkdtempSync, rmSync} from "node:fs";
import {tmpdir} from "node:os";
import {join} from "node:path";
import {after, before} from "node:test";
import {launch} from "./browser.mjs";
import {writeShop} from "./fixture.mjs";
import {serve} from "./server.mjs";

// For all tests of a file: {browser, folder, site, url}, and `html`, which `url` answers with.
// `furnish(folder)` adds to the shop what its pages load.
export function onePage(skip, furnish) {
  const here = {html: ""};
  before(async () => {
    if (skip) return;
    here.browser = await launch();
    here.folder = mkdtempSync(join(tmpdir(), "vitrine-page-"));
    writeShop(here.folder);
    furnish(here.folder);
    here.site = await serve([here.folder], {handle: (request, response) => {
      if (request.url !== "/page.html") return false;
      response.writeHead(200, {"content-type": "text/html; charset=utf-8"}).end(here.html);
      return true;
    }});
    here.url = `${here.site.url}page.html`;
  });
  after(async () => {
    await here.browser?.close();
    await here.site?.close();
    if (here.folder) rmSync(here.folder, {recursive: true, force: true});
  });
  return here;
}
