// Tables of cards and flat lists: what the JSON files of a bundle hold (docs/bundle_format.md).
import {safeText} from "./safe.js";
import type {Card, Reason} from "./types.js";

/** A line of a list that is ready to paint. */
export interface ListedCard {
  card: Card;
  score: number;
  reason: Reason;
}

/** Addresses with {id} in them; a card whose column says nothing has its address from here. */
export interface CardTemplates {
  image?: string;
  url?: string;
}

const FIELDS = ["title", "price", "original_price", "currency", "image", "url", "availability", "brand", "audience",
                "colour", "department"] as const;
// Numbers of one line: position in the table, score, reason, count, strength (shared/item.h).
const STRIDE = 5;
// shared/item.h, ReasonKind; what is not here is "popular".
const KINDS: Record<number, Reason["kind"]> = {
  1: "bought-together", 2: "similar", 3: "because-viewed", 5: "popular-segment", 6: "goes-with", 7: "similar-taste", 8: "picked",
};
const SHARED: readonly [number, string][] = [[1, "category"], [2, "colour"], [4, "brand"], [8, "style"]];

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

// A column is one value for all rows, a value a row, or codes into a dictionary.
function cell(column: unknown, row: number): unknown {
  if (Array.isArray(column)) return column[row];
  if (!isRecord(column)) return column;
  const {v, i} = column;
  return Array.isArray(v) && Array.isArray(i) ? v[i[row]] : undefined;
}

/**
 * The rows of a table, each read when it is asked for: a page shard holds many more than a page shows.
 * @param first dense index of the first row, where the rows are consecutive products
 */
export function cardReader(table: unknown, templates: CardTemplates, first?: number): (row: number) => Card | undefined {
  const columns = isRecord(table) && Array.isArray(table.id) ? table : {};
  return (row) => {
    const id = cell(columns.id, row);
    if (typeof id !== "string" || id === "") return undefined;
    const index = first === undefined ? cell(columns.index, row) : first + row;
    const card: Card = {id, ...(typeof index === "number" && {index})};
    for (const field of FIELDS) {
      const value = cell(columns[field], row);
      const template = field === "image" || field === "url" ? templates[field] : undefined;
      if (typeof value === "string" && value !== "") card[field] = value;
      else if (template && value !== null) card[field] = template.replaceAll("{id}", id);
    }
    for (const [name, column] of Object.entries(isRecord(columns.attributes) ? columns.attributes : {})) {
      const value = safeText(cell(column, row));
      if (value) (card.attributes ??= {})[name] = value;
    }
    return card;
  };
}

/** All of them. */
export function readTable(table: unknown, templates: CardTemplates, first?: number): (Card | undefined)[] {
  const ids = isRecord(table) && Array.isArray(table.id) ? table.id : [];
  const read = cardReader(table, templates, first);
  return ids.map((_, row) => read(row));
}

/** The numbers behind a reason, of a bundle's lists and of the engine's answers. */
export function readReason(kind: number, count: number, strength: number): Reason {
  const shares = SHARED.filter(([bit]) => count & bit).map(([, name]) => name);
  const name = KINDS[kind] ?? "popular";
  if (kind === 1) return {kind: name, count, lift: strength} as Reason;
  if (kind === 2 || kind === 6) return {kind: name, shares} as Reason;
  return (name.startsWith("popular") ? {kind: name, count} : {kind: name}) as Reason;
}

export function readList(numbers: unknown, read: (position: number) => Card | undefined): ListedCard[] {
  const list: ListedCard[] = [];
  if (!Array.isArray(numbers) || !numbers.every(Number.isFinite)) return list;
  for (let at = 0; at + STRIDE <= numbers.length; at += STRIDE) {
    const [position, score, kind, count, strength] = numbers.slice(at, at + STRIDE) as [number, number, number, number, number];
    const card = read(position);
    if (card) list.push({card, score: score / 1e4, reason: readReason(kind, count, strength / 10)});
  }
  return list;
}
