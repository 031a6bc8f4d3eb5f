// What a shop's query asks of a list beyond its first lines: filters, a threshold, variety, live
// prices and stock. A file of its own that a page loads when a query asks for any of it.
import type {ListedCard} from "./bundle.js";
import type {EngineFilter} from "./engine.js";
import {parsePrice} from "./format.js";
import type {Card, Filters, Query, Shopper} from "./types.js";

const FIELDS = ["audience", "department", "colour", "brand", "availability"] as const;
// The engine's names of what a shop says of a shopper.
const PROFILE = {age_group: "ageGroup", city: "city", region: "region", audience: "audience"} as const;
const HYDRATION_TIMEOUT_MS = 1500;

/** Does a query ask for more than the first lines of a list? */
export function isRefined({filters, threshold, diversity, hydrate}: Query): boolean {
  return [filters, threshold, diversity, hydrate].some((wish) => wish !== undefined);
}

/** Products without a price pass price filters; every other filter needs the value to be there. */
export function passes(card: Card, filters: Filters | undefined): boolean {
  if (!filters) return true;
  const price = parsePrice(card.price);
  if (price !== undefined && (price < (filters.priceMin ?? 0) || price > (filters.priceMax ?? Infinity))) {
    return false;
  }
  if (filters.exclude?.includes(card.id)) return false;
  const {attributes = {}, size} = filters;
  return FIELDS.every((field) => meets(card[field], filters[field])) &&
    meets(attribute(card, "sizes") ?? attribute(card, "size"), size) &&
    Object.keys(attributes).every((name) => meets(attribute(card, name), attributes[name]));
}

/** Is a product for a shopper of this audience? What says nothing of its audience is for all. */
export function suits({audience}: Card, user: Shopper): boolean {
  return !user.audience || !audience || [user.audience, "unisex"].includes(audience);
}

function attribute({attributes}: Card, name: string): string | undefined {
  return attributes && Object.hasOwn(attributes, name) ? attributes[name] : undefined;
}

// Is one of the values ("S|M|L") wanted?
function meets(values: string | undefined, wanted: string | string[] | undefined): boolean {
  if (wanted === undefined) return true;
  const own = typeof values === "string" ? values.split("|") : [];
  return [wanted].flat().some((value) => own.includes(value));
}

/** The part of the filters that the engine knows. */
export function engineFilter({filters}: Query, user: Shopper = {}): EngineFilter {
  const audience = typeof filters?.audience === "string" ? filters.audience : user.audience;
  const profile = Object.entries(PROFILE).flatMap(([name, field]) => {
    const value = user[field]?.replace(/\s+/g, " ");
    return value ? [`${name}=${value}`] : [];
  });
  const cents = (price: number) => Math.max(0, Math.min(Math.round(price * 100), 0xfffffffe));
  return {
    ...(filters?.priceMin !== undefined && {priceMin: cents(filters.priceMin)}),
    ...(filters?.priceMax !== undefined && {priceMax: cents(filters.priceMax)}),
    ...(audience !== undefined && {audience}),
    ...(profile.length > 0 && {profile: profile.join("\n")}),
  };
}

/** The lines that pass, in the order that the query asks for. */
export async function refine(lines: ListedCard[], query: Query, limit: number): Promise<ListedCard[]> {
  const threshold = query.threshold ?? -Infinity;
  let kept = lines.filter(({card, score}) => score >= threshold && passes(card, query.filters));
  if (query.hydrate) kept = await hydrated(kept, query.hydrate, query.filters);
  return query.diversity ? varied(kept, query.diversity, limit) : kept;
}

// The shop's live values over the bundle's; what is sold out goes. Without an answer in time, or
// with a wrong one, the bundle's values stand.
async function hydrated(
    lines: ListedCard[], hydrate: NonNullable<Query["hydrate"]>, filters: Filters | undefined,
): Promise<ListedCard[]> {
  const late = new Promise<undefined>((resolve) => setTimeout(resolve, HYDRATION_TIMEOUT_MS));
  const asked = (async () => hydrate(lines.map(({card}) => card.id)))().catch(() => undefined);
  const live = await Promise.race([asked, late]);
  if (typeof live !== "object" || live === null) return lines;
  return lines
    .map((line) => {
      const {price, originalPrice, availability} = Object.hasOwn(live, line.card.id) ? live[line.card.id]! : {};
      return {...line, card: {
        ...line.card,
        ...(price !== undefined && {price: String(price)}),
        ...(originalPrice !== undefined && {original_price: String(originalPrice)}),
        ...(availability !== undefined && {availability}),
      }};
    })
    .filter(({card}) => card.availability !== "out_of_stock" && passes(card, filters));
}

// Maximal marginal relevance (Carbonell and Goldstein, 1998) over attributes: each next line is the
// best by (1 − diversity) · rank − diversity · likeness to the most alike line already taken.
function varied(lines: ListedCard[], diversity: number, limit: number): ListedCard[] {
  const left = lines.map((line, i) => ({line, worth: 1 - i / lines.length}));
  const taken: ListedCard[] = [];
  while (left.length > 0 && taken.length < limit) {
    const values = left.map(({line, worth}) =>
      (1 - diversity) * worth - diversity * Math.max(0, ...taken.map((each) => likeness(each.card, line.card))));
    taken.push(...left.splice(values.indexOf(Math.max(...values)), 1).map(({line}) => line));
  }
  return taken;
}

// Share of department, colour and brand that two products have in common.
function likeness(a: Card, b: Card): number {
  const fields = ["department", "colour", "brand"] as const;
  return fields.filter((field) => a[field] !== undefined && a[field] === b[field]).length / fields.length;
}
