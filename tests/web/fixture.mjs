// Writes a small shop for the tests of the web package: catalogue.json, drawn pictures and a bundle
// as docs/bundle_format.md describes it, without binary sections or an engine.
//
//   node tests/web/fixture.mjs DIR      (with the built demo pages copied into DIR, it is a site)
import {createHash} from "node:crypto";
import {mkdirSync, rmSync, writeFileSync} from "node:fs";
import {join} from "node:path";
import {fileURLToPath} from "node:url";

export const COLOURS = {Red: "#c8313d", Navy: "#27375f", Green: "#2f8059", Beige: "#dcc9aa", Black: "#2a292e", Pink: "#ec9db3"};
const GARMENTS = {
  Dresses: {name: "dress", price: 59.9, goes: ["Shoes", "Bags"], path: "M150 90h100l18 90 60 240H72l60-240z"},
  Tops: {name: "top", price: 24.9, goes: ["Trousers", "Skirts"], path: "M140 120h120l70 60-35 60-30-25v190H135V215l-30 25-35-60z"},
  Trousers: {name: "trousers", price: 44.9, goes: ["Tops", "Shoes"], path: "M130 90h140l20 340h-70l-20-230-20 230h-70z"},
  Skirts: {name: "skirt", price: 34.9, goes: ["Tops", "Shoes"], path: "M140 150h120l60 230H80z"},
  Shoes: {name: "shoes", price: 79.9, goes: ["Dresses", "Bags"], path: "M80 300c80 0 90-60 130-60 20 60 110 50 120 110H80z"},
  Bags: {name: "bag", price: 69.9, goes: ["Dresses", "Shoes"], path: "M110 220h180l20 170H90zM150 220c0-90 100-90 100 0h-16c0-66-68-66-68 0z"},
};
const STYLES = ["plain", "striped", "floral", "dotted", "checked", "soft", "wide", "short"];
const AUDIENCES = ["women", "men"];
const PAGES = 16;
const CARDS_PER_FILE = 32;

export function products() {
  const list = [];
  for (const [department, {name, price, path}] of Object.entries(GARMENTS)) {
    for (const [colour, hex] of Object.entries(COLOURS)) {
      STYLES.forEach((style, i) => {
        const index = list.length;
        list.push({
          id: `f-${100 + index}`, index, title: `${colour} ${style} ${name}`, price: (price + 5 * i).toFixed(2),
          ...(i === 3 && {original_price: (price + 5 * i + 20).toFixed(2)}),
          image: `images/f-${100 + index}.svg`, url: `product.html?id=f-${100 + index}`, availability: "in_stock",
          brand: ["Nordlicht", "Alba", "Quay"][i % 3], audience: AUDIENCES[i % 2], colour, department,
          extra: {path, hex, style, sizes: department === "Bags" ? [] : ["XS", "S", "M", "L", "XL"]},
        });
      });
    }
  }
  return list;
}

function card({extra, ...rest}) {
  return rest;
}

function picture({extra: {path, hex, style}}) {
  const print = {
    striped: '<path d="M0 0h12v24H0z" fill="#fff" opacity=".35"/>',
    dotted: '<circle cx="12" cy="12" r="4" fill="#fff" opacity=".6"/>',
    checked: '<path d="M0 0h12v12H0zM12 12h12v12H12z" fill="#fff" opacity=".25"/>',
    floral: '<circle cx="8" cy="8" r="5" fill="#fff" opacity=".5"/><circle cx="18" cy="18" r="3" fill="#fc6" opacity=".8"/>',
  }[style] ?? "";
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 400 500" width="400" height="500">
<defs><radialGradient id="w"><stop offset="0" stop-color="#f8f6f3"/><stop offset="1" stop-color="#e4e0da"/></radialGradient>
<pattern id="p" width="24" height="24" patternUnits="userSpaceOnUse">${print}</pattern></defs>
<rect width="400" height="500" fill="url(#w)"/><path d="${path}" fill="${hex}"/><path d="${path}" fill="url(#p)"/></svg>`;
}

// Alike: same department first, then colour and style. Together: another department, same audience.
function similarTo(product, all) {
  const score = (other) => (other.department === product.department ? 0.5 : 0) +
    (other.colour === product.colour ? 0.3 : 0) + (other.extra.style === product.extra.style ? 0.15 : 0);
  return all.filter((other) => other !== product && other.audience === product.audience)
    .map((other) => ({other, score: score(other), reason: {kind: "similar", shares: [
      ...(other.department === product.department ? ["category"] : []),
      ...(other.colour === product.colour ? ["colour"] : []), ...(other.extra.style === product.extra.style ? ["style"] : [])]}}))
    .sort((a, b) => b.score - a.score || a.other.index - b.other.index).slice(0, 20);
}

function boughtWith(product, all) {
  const goes = GARMENTS[product.department].goes;
  return all.filter((other) => goes.includes(other.department) && other.audience === product.audience)
    .map((other) => {
      const lift = 1 + ((product.index * 7 + other.index * 13) % 40) / 10;
      return {other, score: lift, reason: {kind: "bought-together", count: 4 + Math.round(10 * lift), lift}};
    })
    .sort((a, b) => b.score - a.score || a.other.index - b.other.index).slice(0, 12);
}

function fnv1a64(text) {
  let hash = 0xcbf29ce484222325n;
  for (const byte of Buffer.from(text)) hash = BigInt.asUintN(64, (hash ^ BigInt(byte)) * 0x100000001b3n);
  return hash;
}

const SHARED = {category: 1, colour: 2, brand: 4, style: 8};

// Flat lists of [position, score, reason, count, strength] and the table of cards that they need.
function lister() {
  const listed = [];
  const places = new Map();
  return {
    get cards() { return table(listed); },
    list: (lines) => lines.flatMap(({other, score, reason: {kind, count, lift, shares}}) => {
      if (!places.has(other.id)) {
        places.set(other.id, listed.length);
        listed.push(other);
      }
      const number = {"bought-together": 1, similar: 2, popular: 4}[kind];
      const bits = (shares ?? []).reduce((sum, share) => sum + SHARED[share], 0);
      return [places.get(other.id), Math.round(score * 1e4), number, count ?? bits, Math.round(10 * (lift ?? 0))];
    }),
  };
}

// Columns in each of the three forms that a bundle has them in.
function table(products) {
  const column = (name) => products.map((product) => product[name] ?? "");
  const coded = (name) => {
    const values = [...new Set(column(name))];
    return {v: values, i: column(name).map((value) => values.indexOf(value))};
  };
  return {
    id: column("id"), title: column("title"), price: column("price"), original_price: column("original_price"),
    availability: "in_stock", brand: coded("brand"), audience: coded("audience"), colour: coded("colour"), department: coded("department"),
  };
}

export function writeBundle(dir, all = products()) {
  rmSync(dir, {recursive: true, force: true});
  mkdirSync(dir, {recursive: true});
  const shards = Array.from({length: PAGES}, () => Object.assign(lister(), {pages: {}}));
  for (const product of all) {
    const shard = shards[Number(fnv1a64(product.id) % BigInt(PAGES))];
    shard.pages[product.id] = [product.index, shard.list(boughtWith(product, all)), shard.list(similarTo(product, all))];
  }
  const cardFiles = [];
  for (let at = 0; at < all.length; at += CARDS_PER_FILE) {
    cardFiles.push({cards: table(all.slice(at, at + CARDS_PER_FILE))});
  }
  const top = lister();
  const popular = top.list(all.filter((product) => product.index % 11 === 0).slice(0, 24)
    .map((other, i) => ({other, score: 1 - i / 50, reason: {kind: "popular", count: 120 - 3 * i}})));
  const popularBytes = Buffer.from(JSON.stringify({popular, cards: top.cards}));
  const popularFile = `data/popular.${sha256(popularBytes, "hex").slice(0, 16)}.json`;
  mkdirSync(join(dir, "data"), {recursive: true});
  writeFileSync(join(dir, popularFile), popularBytes);
  const manifest = {
    format: "vitrine-bundle", version: 1, shop: {name: "Fixture", currency: "EUR", locale: "en"}, items: all.length,
    pages: {count: PAGES, stamp: writeSet(join(dir, "pages"), shards.map(({pages, cards}) => ({pages, cards})))},
    cards: {count: cardFiles.length, items_per_file: CARDS_PER_FILE, stamp: writeSet(join(dir, "cards"), cardFiles),
            image: "images/{id}.svg", url: "product.html?id={id}"},
    popular: {file: popularFile, bytes: popularBytes.length, sha256: sha256(popularBytes, "base64")}, sections: {},
  };
  const build = sha256(JSON.stringify(manifest), "hex").slice(0, 16);
  writeFileSync(join(dir, "manifest.json"), JSON.stringify({...manifest, build}));
  return {...manifest, build};
}

function sha256(bytes, form) {
  return createHash("sha256").update(bytes).digest(form);
}

// Numbered shards under the stamp of the whole set.
function writeSet(folder, shards) {
  const texts = shards.map((shard) => JSON.stringify(shard));
  const stamp = sha256(texts.join("\n"), "hex").slice(0, 16);
  mkdirSync(join(folder, stamp), {recursive: true});
  texts.forEach((text, i) => writeFileSync(join(folder, stamp, `${i}.json`), text));
  return stamp;
}

/** Everything of a demo site but its pages and scripts. */
export function writeShop(dir) {
  const all = products();
  mkdirSync(join(dir, "images"), {recursive: true});
  for (const product of all) writeFileSync(join(dir, product.image), picture(product));
  writeFileSync(join(dir, "catalogue.json"), JSON.stringify(all.map((product) => ({
    ...card(product), sizes: product.extra.sizes,
    description: `A ${product.extra.style} piece in ${product.colour.toLowerCase()}, cut to last for more than one season.`,
  }))));
  writeBundle(join(dir, "bundle"), all);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const dir = process.argv[2];
  if (!dir) throw new Error("usage: node fixture.mjs DIR");
  writeShop(dir);
}
