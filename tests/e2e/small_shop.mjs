// A small shop in a folder of its own: 240 products cut from the demo's data, with their photos and
// what some of the shoppers did (every eighth) with them. Enough for the whole pipeline in seconds.
import {copyFileSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync} from "node:fs";
import {tmpdir} from "node:os";
import {join} from "node:path";
import {shop} from "./bundle.mjs";

export const kProducts = 240;

// The demo's own files hold no quoted line breaks, so lines are rows.
function rows(name) {
  const [header, ...lines] = readFileSync(join(shop, name), "utf8").trimEnd().split("\n");
  return {header, lines, column: (title) => header.split(",").indexOf(title)};
}

/** @param oneIn the others of so many shoppers are left out */
export function makeSmallShop(oneIn = 8) {
  const folder = mkdtempSync(join(tmpdir(), "vitrine-small-shop-"));
  const catalogue = rows("catalogue.csv");
  const step = Math.floor(catalogue.lines.length / kProducts);
  const kept = catalogue.lines.filter((_, i) => i % step === 0).slice(0, kProducts);
  const ids = new Set(kept.map((line) => line.split(",")[0]));
  writeFileSync(join(folder, "catalogue.csv"), [catalogue.header, ...kept, ""].join("\n"));
  for (const name of ["events.csv", "orders.csv"]) {
    const {header, lines, column} = rows(name);
    const item = column("item_id"), user = column("user_id");
    const concerns = (cells) => ids.has(cells[item]) && Number(cells[user].replace(/\D/g, "")) % oneIn === 0;
    writeFileSync(join(folder, name), [header, ...lines.filter((line) => concerns(line.split(","))), ""].join("\n"));
  }
  mkdirSync(join(folder, "images"));
  for (const id of ids) copyFileSync(join(shop, "images", `${id}.jpg`), join(folder, "images", `${id}.jpg`));
  writeToml(folder, "Small");
  return folder;
}

/** vitrine.toml for catalogue.csv, events.csv and orders.csv whose columns have our names. */
export function writeToml(folder, name, more = "") {
  const files = ["catalogue", "events", "orders"].map((role) => `[${role}]\nfiles = "${role}.csv"\n`).join("");
  writeFileSync(join(folder, "vitrine.toml"), `[shop]\nname = "${name}"\ncurrency = "EUR"\n${files}[build]\ncache = ""\n${more}`);
}
