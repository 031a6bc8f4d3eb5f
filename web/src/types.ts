// The words of the package: what the bundle holds (docs/bundle_format.md) and what the API answers.

/** The lists that can be asked for. */
export type RecommendationType =
  | "bought-together"
  | "similar"
  | "for-you"
  | "popular"
  | "recent";

/** What a shopper did with a product, weakest first. */
export type EventKind = "view" | "click" | "wishlist" | "cart" | "order";

/** Why a product was recommended; see docs/bundle_format.md, "Page shards". */
export type Reason =
  | {kind: "bought-together"; count?: number; lift?: number; item?: string; items?: string[]}
  | {kind: "similar"; shares?: string[]; item?: string}
  | {kind: "goes-with"; shares?: string[]; item?: string}
  | {kind: "because-viewed"; item?: string}
  | {kind: "popular"; count?: number}
  | {kind: "popular-segment"; count?: number}
  | {kind: "similar-taste"}
  | {kind: "picked"}
  | {kind: "search"; words: number; likeness: number}
  | {kind: "recent"};

/** A product as the bundle describes it. Everything but `id` may be missing. */
export interface Card {
  id: string;
  /** Dense index; only cards that were asked for by index have one. */
  index?: number;
  title?: string;
  price?: string;
  original_price?: string;
  currency?: string;
  image?: string;
  url?: string;
  availability?: string;
  brand?: string;
  audience?: string;
  colour?: string;
  department?: string;
  /** What else the shop published of it, `publish.card_attributes`; several values joined by "|". */
  attributes?: Record<string, string>;
}

/** One line of an answer: a product, ready to paint. */
export interface RecommendedItem {
  id: string;
  /** Position in this answer, from 0. */
  rank: number;
  /** Higher is better; comparable within one answer only. */
  score: number;
  reason: Reason;
  /** The reason in the shopper's language. */
  reasonText: string;
  title: string;
  /** In units of `currency`, undefined when the shop gave none. */
  price?: number;
  originalPrice?: number;
  currency: string;
  /** Absolute http(s) address, or "" when there is none that may be used. */
  image: string;
  url: string;
  availability: string;
  brand: string;
  audience: string;
  colour: string;
  department: string;
  attributes: Record<string, string>;
}

/**
 * - `ready`: what was asked for.
 * - `fallback`: a simpler answer, `detail` says why (for example: WebAssembly is forbidden here).
 * - `empty`: there is nothing to show.
 * - `error`: the bundle could not be read, `detail` says why.
 */
export type Status = "ready" | "fallback" | "empty" | "error";

/** An answer. */
export interface Recommendations {
  type: RecommendationType;
  items: RecommendedItem[];
  /** Names this answer in the shop's own analytics; holds nothing about the shopper. */
  recommendId: string;
  status: Status;
  detail?: string;
}

/**
 * Left out = any. A product passes a filter when one of its values is wanted; products that the
 * bundle knows no value of pass price filters only.
 */
export interface Filters {
  /** In units of the shop's currency. */
  priceMin?: number;
  priceMax?: number;
  audience?: string | string[];
  department?: string | string[];
  colour?: string | string[];
  brand?: string | string[];
  availability?: string | string[];
  /** Of the attribute `size` or `sizes`. */
  size?: string | string[];
  /** Any attribute of the cards, by name: `{material: ["linen", "cotton"]}`. */
  attributes?: Record<string, string | string[]>;
  /** Ids of products to leave out. */
  exclude?: string[];
}

/** What `hydrate` says of a product; what it leaves out stands as the bundle has it. */
export interface LiveValues {
  price?: number;
  originalPrice?: number;
  availability?: string;
}

/** What a question may ask for beyond its first lines. */
export interface Query {
  /** How many products at most. Default 10, at most 100. */
  limit?: number;
  /** Products with a lower score are left out. */
  threshold?: number;
  filters?: Filters;
  /** 0 (as ranked) to 1 (no two alike, by department, colour and brand). */
  diversity?: number;
  /**
   * Live prices and stock of these products from the shop's own system; sold-out ones are dropped.
   * Waits 1.5 s at most.
   */
  hydrate?: (ids: string[]) => Promise<Record<string, LiveValues>> | Record<string, LiveValues>;
  /** What to answer with when nothing was found. */
  fallback?: "popular" | "none";
  /** The shop's last word: may drop, reorder or change items. */
  transformItems?: (items: RecommendedItem[]) => RecommendedItem[];
}

/**
 * What the shop knows of the shopper, for example from an account: words as in the shop's own user
 * data. In memory of the page only, whatever the consent: the shop says it anew on each page.
 */
export interface Shopper {
  /** As in `users.csv`, for example "25-34". */
  ageGroup?: string;
  city?: string;
  region?: string;
  /** "women", "men", …: popular and personal lists keep to it. */
  audience?: string;
}

/** One action of the shopper; `time` in Unix seconds, now when left out. */
export interface TrackedEvent {
  kind: EventKind;
  id: string;
  time?: number;
}

/** An action as it is kept. */
export interface StoredEvent {
  kind: EventKind;
  id: string;
  time: number;
}

/** `unset`: in memory only, until the page is left. `granted`: kept on this device. `denied`: nothing. */
export type ConsentState = "unset" | "granted" | "denied";

/** All that is known of the shopper; it never leaves the device. */
export interface Profile {
  consent: ConsentState;
  /** True when the events are kept on this device after the page is left. */
  stored: boolean;
  /** Oldest first. */
  events: StoredEvent[];
  /** What the shop said by `setUser`. */
  user: Shopper;
}
