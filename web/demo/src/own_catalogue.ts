// The products of the visitor's own shop: all cards of the bundle, with what the catalogue adds.
import {Bundle} from "../../src/bundle.js";
import type {Product} from "./shop.js";

export async function ownCatalogue(): Promise<Product[]> {
  const bundle = new Bundle(new URL("bundle/", document.baseURI).href);
  const {items, shop} = await bundle.manifest();
  const cards = await bundle.cards(Array.from({length: items}, (_, index) => index));
  const response = await fetch("catalogue.csv");
  const rows = new Map<string, Record<string, string>>();
  if (response.ok) {
    for (const row of records(await response.text())) {
      const id = row.id ?? row.product_id ?? row.sku;
      if (id) rows.set(id, row);
    }
  }
  return cards.filter((card) => card !== undefined).map(({url: _, ...card}) => {
    const row = rows.get(card.id) ?? {};
    const sizes = row.sizes ?? row.size;
    return {
      ...card, title: card.title ?? card.id, currency: card.currency ?? shop.currency ?? "EUR",
      ...(row.description && {description: row.description}), ...(sizes && {sizes}), ...(row.category && {category: row.category}),
    };
  });
}

/** Rows of a CSV (RFC 4180; comma, semicolon or tab) by the names of its header, in lower case. */
export function records(text: string): Record<string, string>[] {
  const first = text.slice(0, text.search(/\r?\n|$/));
  const delimiter = [",", ";", "\t"].sort((a, b) => first.split(b).length - first.split(a).length)[0]!;
  const rows: string[][] = [[]];
  let cell = "";
  let quoted = false;
  const end = () => {
    rows.at(-1)!.push(cell);
    cell = "";
  };
  for (let i = text.startsWith("\ufeff") ? 1 : 0; i < text.length; i++) {
    const letter = text[i]!;
    if (quoted && letter === '"' && text[i + 1] === '"') cell += text[++i];
    else if (letter === '"') quoted = !quoted;
    else if (!quoted && letter === delimiter) end();
    else if (!quoted && letter === "\n") {
      end();
      rows.push([]);
    } else if (quoted || letter !== "\r") cell += letter;
  }
  end();
  const [head = [], ...body] = rows;
  const names = head.map((name) => name.trim().toLowerCase());
  return body.filter((row) => row.length > 1 || row[0] !== "")
    .map((row) => Object.fromEntries(names.map((name, i) => [name, row[i] ?? ""])));
}
