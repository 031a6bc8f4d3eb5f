// Bridges to what a shop already has: reads the shopper's actions from GA4's data layer, Segment and
// Shopify, the shopper's consent from Google's consent mode and Shopify, and reports what our lists
// show and earn to the shop's own data layer. Everything stays in the page.
import type {VitrineRecs} from "./elements/recs.js";
import type {Recommender} from "./recommender.js";
import type {EventKind, RecommendedItem, Recommendations} from "./types.js";

/** Where the events of a page are looked for. */
export interface BridgeOptions {
  /** Name of GA4's data layer. */
  dataLayer?: string;
  /** Product id of the bundle for an id that the shop's analytics use. Default: the same. */
  productId?: (id: string) => string;
  /** False: consent is only what `recommender.consent()` was told. */
  readConsent?: boolean;
}

type Loose = Record<string, unknown>;

// https://developers.google.com/analytics/devguides/collection/ga4/ecommerce
const GA4_EVENTS: Record<string, EventKind> = {
  view_item: "view", select_item: "click", add_to_wishlist: "wishlist", add_to_cart: "cart", purchase: "order",
};
// https://segment.com/docs/connections/spec/ecommerce/v2/
const SEGMENT_EVENTS: Record<string, EventKind> = {
  "Product Viewed": "view", "Product Clicked": "click", "Product Added to Wishlist": "wishlist",
  "Product Added": "cart", "Order Completed": "order",
};

// What reportTo() pushed, which is no action to be read back.
const ours = new WeakSet<object>();

/** Reads everything that the page has of it. Returns a function that stops. */
export function connect(recommender: Recommender, options: BridgeOptions = {}): () => void {
  const stops = [
    readDataLayer(recommender, options),
    readSegment(recommender, options),
    readShopify(recommender, options),
  ];
  return () => stops.forEach((stop) => stop());
}

/** GA4 e-commerce events of `dataLayer.push({event, ecommerce})` and `gtag("event", …)`, past ones too. */
export function readDataLayer(recommender: Recommender, options: BridgeOptions = {}): () => void {
  const holder = window as unknown as Record<string, unknown[]>;
  const name = options.dataLayer ?? "dataLayer";
  const layer = (holder[name] ??= []);
  let running = true;
  // Where any default denies, for a region perhaps, a default that grants may not be this shopper's.
  const mayGrant = !layer.some((entry) => {
    const [name, command, values] = Array.from((entry ?? []) as ArrayLike<unknown>);
    return name === "consent" && command === "default" && (values as Loose | undefined)?.personalization_storage === "denied";
  });
  const read = (entry: unknown): void => {
    if (!running || typeof entry !== "object" || entry === null || ours.has(entry)) return;
    // gtag() pushes its `arguments` object.
    const isCall = Array.isArray(entry) || Object.prototype.toString.call(entry) === "[object Arguments]";
    const call = isCall ? Array.from(entry as ArrayLike<unknown>) : undefined;
    if (call?.[0] === "event") trackGa4(recommender, call[1], call[2] as Loose, options);
    else if (call?.[0] === "consent") applyConsentMode(recommender, call[1], call[2] as Loose, mayGrant, options);
    else if (!call) trackGa4(recommender, (entry as Loose).event, entry as Loose, options);
  };
  for (const entry of layer.slice()) read(entry);
  const push = layer.push;
  layer.push = function(this: unknown[], ...entries: unknown[]) {
    const length = push.apply(this, entries);
    entries.forEach(read);
    return length;
  };
  return () => (running = false);
}

function trackGa4(recommender: Recommender, event: unknown, values: Loose | undefined, options: BridgeOptions): void {
  const kind = typeof event === "string" ? GA4_EVENTS[event] : undefined;
  if (!kind) return;
  const ecommerce = (values?.ecommerce ?? values) as Loose | undefined;
  trackAll(recommender, kind, ecommerce?.items, ["item_id", "id"], options);
}

function trackAll(
    recommender: Recommender, kind: EventKind, products: unknown, names: string[], {productId}: BridgeOptions,
): void {
  if (!Array.isArray(products)) return;
  for (const product of products as Loose[]) {
    const id = names.map((name) => product?.[name]).find((value) => value !== undefined && value !== "");
    if (typeof id !== "string" && typeof id !== "number") continue;
    recommender.track({kind, id: productId ? productId(String(id)) : String(id)});
  }
}

// https://developers.google.com/tag-platform/security/guides/consent: "default" only says what holds
// until the shopper was asked, "update" is the shopper's word.
function applyConsentMode(
    recommender: Recommender, command: unknown, values: Loose | undefined, mayGrant: boolean,
    {readConsent}: BridgeOptions,
): void {
  const word = values?.personalization_storage;
  if (readConsent === false || (word !== "granted" && word !== "denied")) return;
  if (command === "default" && (!mayGrant || values?.region !== undefined)) return;
  if (word === "granted") void recommender.consent({personalization: true});
  else if (command === "update") void recommender.consent({personalization: false});
}

/** Segment's `analytics.track`, calls that still wait for its script included. */
export function readSegment(recommender: Recommender, options: BridgeOptions = {}): () => void {
  const {analytics} = window as unknown as {analytics?: {on?: (name: string, then: (...args: unknown[]) => void) => void}};
  let running = true;
  const read = (event: unknown, properties: unknown): void => {
    const kind = SEGMENT_EVENTS[String(event)];
    if (!running || !kind) return;
    const values = (properties ?? {}) as Loose;
    trackAll(recommender, kind, values.products ?? [values], ["product_id", "sku"], options);
  };
  if (Array.isArray(analytics)) {
    for (const [method, event, properties] of analytics.slice() as unknown[][]) {
      if (method === "track") read(event, properties);
    }
  }
  analytics?.on?.("track", read);
  return () => (running = false);
}

interface ShopifyProduct {
  id?: unknown;
  variants?: {id?: unknown; sku?: unknown}[];
}

// The indexer names a Shopify product by its variant's SKU, without one by the product's handle.
function shopifyId({id, variants}: ShopifyProduct, variant: unknown): unknown {
  const chosen = variants?.find((each) => String(each.id) === String(variant)) ?? variants?.[0];
  return chosen?.sku || /\/products\/([^/]+)/.exec(location.pathname)?.[1] || id;
}

/**
 * A Shopify theme's product page, its add-to-cart form, and the shopper's choice in Shopify's privacy
 * banner.
 */
export function readShopify(recommender: Recommender, options: BridgeOptions = {}): () => void {
  const {ShopifyAnalytics, Shopify} = window as unknown as {
    ShopifyAnalytics?: {meta?: {product?: ShopifyProduct}};
    Shopify?: {customerPrivacy?: {preferencesProcessingAllowed?: () => boolean}};
  };
  const product = ShopifyAnalytics?.meta?.product;
  const note = (kind: EventKind, variant: unknown): void => {
    if (product) trackAll(recommender, kind, [{id: shopifyId(product, variant)}], ["id"], options);
  };
  note("view", new URLSearchParams(location.search).get("variant"));
  const onSubmit = ({target}: Event): void => {
    const form = target as HTMLFormElement;
    if (/\/cart\/add(\.js)?$/.test(form.getAttribute?.("action") ?? "")) note("cart", new FormData(form).get("id"));
  };
  const onConsent = (event: Event): void => {
    const {detail} = event as CustomEvent<{preferencesAllowed?: boolean} | undefined>;
    if (typeof detail?.preferencesAllowed === "boolean") {
      void recommender.consent({personalization: detail.preferencesAllowed});
    }
  };
  document.addEventListener("submit", onSubmit, true);
  if (options.readConsent !== false) {
    if (Shopify?.customerPrivacy?.preferencesProcessingAllowed?.()) void recommender.consent({personalization: true});
    document.addEventListener("visitorConsentCollected", onConsent);
  }
  return () => {
    document.removeEventListener("submit", onSubmit, true);
    document.removeEventListener("visitorConsentCollected", onConsent);
  };
}

/**
 * Pushes GA4's `view_item_list` when a list comes into view and `select_item` when a product of it
 * is chosen, with `item_list_name` and our `recommend_id`. What leaves the page then is up to the
 * shop's own analytics and consent. Returns a function that stops.
 */
export function reportTo(layer: unknown[]): () => void {
  const push = (event: string, list: VitrineRecs, {items, recommendId}: Pick<Recommendations, "items" | "recommendId">): void => {
    const listName = {item_list_id: list.type, item_list_name: list.heading || list.type};
    const entries = [
      {ecommerce: null},  // GA4: forget the event before
      {event, recommend_id: recommendId, ecommerce: {...listName, items: items.map((item) => ({...ga4Item(item), ...listName}))}},
    ];
    for (const entry of entries) {
      ours.add(entry);
      layer.push(entry);
    }
  };
  const seen = new WeakSet<Recommendations>();
  const viewer = new IntersectionObserver((entries) => {
    for (const {isIntersecting, target} of entries) {
      const list = target as VitrineRecs;
      if (!isIntersecting || !list.recommendations?.items.length || seen.has(list.recommendations)) continue;
      seen.add(list.recommendations);
      push("view_item_list", list, list.recommendations);
    }
  }, {threshold: 0.5});
  const onLoad = ({target}: Event): void => {
    if (!isList(target)) return;
    viewer.unobserve(target);  // observed anew: the answer is
    viewer.observe(target);
  };
  const onSelect = (event: Event): void => {
    const {item, recommendId} = (event as CustomEvent<{item: RecommendedItem; recommendId: string}>).detail ?? {};
    if (isList(event.target) && item) push("select_item", event.target, {items: [item], recommendId});
  };
  document.addEventListener("load", onLoad, true);
  document.addEventListener("select", onSelect, true);
  for (const list of document.querySelectorAll("vitrine-recs")) if (list.recommendations) viewer.observe(list);
  return () => {
    viewer.disconnect();
    document.removeEventListener("load", onLoad, true);
    document.removeEventListener("select", onSelect, true);
  };
}

function isList(target: EventTarget | null): target is VitrineRecs {
  return target instanceof HTMLElement && target.localName === "vitrine-recs";
}

function ga4Item(item: RecommendedItem): Loose {
  return {
    item_id: item.id, item_name: item.title, index: item.rank, item_brand: item.brand, item_category: item.department,
    ...(item.price !== undefined && {price: item.price}),
  };
}
