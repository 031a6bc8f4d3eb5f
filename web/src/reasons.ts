// Why a product is shown, in words. A table per language; a shop can replace any text of it.
import {numbers} from "./format.js";
import {shared} from "./shared.js";
import type {Reason} from "./types.js";

/** A text with {placeholders}; by plural form (Intl.PluralRules) where a number decides. */
export type Text = string | ({other: string} & Partial<Record<Intl.LDMLPluralRule, string>>);

/** The texts of one language. Placeholders: {count}, {lift}, {title} of other products, {shares} in common. */
export interface Texts {
  boughtTogether: Text;
  boughtWith: Text;
  boughtWithOften: Text;
  similar: Text;
  similarTo: Text;
  goesWith: Text;
  becauseViewed: Text;
  popular: Text;
  popularCount: Text;
  popularSegment: Text;
  picked: Text;
  similarTaste: Text;
  recent: Text;
  /** The words for {shares}, put after `similar`. */
  shares: Record<string, string>;
  headings: Record<string, string>;
  previous: string;
  next: string;
  addToCart: string;
  was: string;
  outOfStock: string;
  empty: string;
  error: string;
  /** Of <vitrine-privacy>, which brings the English ones. */
  privacy?: PrivacyTexts;
}

export interface PrivacyTexts {
  heading: string;
  promise: string;
  stored: string;
  memory: string;
  denied: string;
  grant: string;
  deny: string;
  clear: string;
  list: string;
  kinds: Record<string, string>;
}

/** The English texts, which stand in where another language lacks one. */
export const ENGLISH: Texts = {
  boughtTogether: {one: "Bought together once", other: "Bought together {count} times"},
  boughtWith: "Bought with {title}",
  boughtWithOften: {
    one: "With {title}: one order, {lift}× more often than chance",
    other: "With {title}: {count} orders, {lift}× more often than chance",
  },
  similar: "Similar {shares}",
  similarTo: "Similar to {title}",
  goesWith: "Goes well with it",
  becauseViewed: "Because you looked at {title}",
  popular: "Popular in this shop",
  popularCount: {one: "Chosen by {count} shopper", other: "Chosen by {count} shoppers"},
  popularSegment: "Popular with shoppers like you",
  picked: "Picked by the shop",
  similarTaste: "Liked by shoppers with your taste",
  recent: "You looked at this",
  shares: {category: "type", colour: "colour", brand: "brand", style: "style"},
  headings: {
    "bought-together": "Bought together",
    similar: "Similar styles",
    "for-you": "For you",
    popular: "Popular now",
    recent: "Recently viewed",
  },
  previous: "Previous",
  next: "Next",
  addToCart: "Add to cart",
  was: "was",
  outOfStock: "Sold out",
  empty: "Nothing to show here yet.",
  error: "Recommendations could not be loaded.",
};

// The languages that the package speaks beside English, each in a file of its own.
const LANGUAGES: Record<string, () => Promise<{texts: Texts}>> = {
  ar: () => import("./locales/ar.js"),
  de: () => import("./locales/de.js"),
  es: () => import("./locales/es.js"),
  fr: () => import("./locales/fr.js"),
};

/** Fetches the texts of a language if there are any; a failure leaves the English ones. */
export async function loadTexts(locale: string): Promise<void> {
  const language = languageOf(locale);
  const load = LANGUAGES[language];
  if (!load || shared.languages.has(language)) return;
  try {
    shared.languages.set(language, (await load()).texts);
  } catch {
    // English it is
  }
}

/** Replaces texts of a language, or of one region of it: `setTexts("en", {recent: "Seen before"})`. */
export function setTexts(locale: string, texts: Partial<Texts>): void {
  shared.texts.set(locale, {...shared.texts.get(locale), ...texts});
}

/** The texts of "de-AT": the shop's for it, else the shop's for "de", else the package's. */
export function textsFor(locale: string): Texts {
  const language = languageOf(locale);
  return {...ENGLISH, ...shared.languages.get(language), ...shared.texts.get(language), ...shared.texts.get(locale)};
}

function languageOf(locale: string): string {
  return locale.split("-")[0]!.toLowerCase();
}

/**
 * Why a product is shown, in words; "" for a reason that this release does not know.
 * @param titleOf the title of a product id that a reason refers to, "" when unknown
 */
export function reasonText(
    reason: Reason, locale: string, titleOf: (id: string) => string = () => "",
): string {
  const texts = textsFor(locale);
  const say = (text: Text, count = 0, title = "") => fill(text, locale, count, title, reason, texts);
  const named = "items" in reason && reason.items ? reason.items : "item" in reason && reason.item ? [reason.item] : [];
  const title = named.map(titleOf).filter((each) => each !== "").join(" + ");
  switch (reason.kind) {
    case "bought-together":
      if (title && reason.count && (reason.lift ?? 0) >= 1.05) return say(texts.boughtWithOften, reason.count, title);
      if (title) return say(texts.boughtWith, 0, title);
      return say(texts.boughtTogether, reason.count ?? 0);
    case "similar":
      if (reason.shares?.some((share) => texts.shares[share])) return say(texts.similar);
      return title ? say(texts.similarTo, 0, title) : say(texts.similar);
    case "goes-with": return say(texts.goesWith);
    case "because-viewed": return title ? say(texts.becauseViewed, 0, title) : say(texts.similarTaste);
    case "popular":
      return reason.count ? say(texts.popularCount, reason.count) : say(texts.popular);
    case "popular-segment": return say(texts.popularSegment);
    case "similar-taste": return say(texts.similarTaste);
    case "picked": return say(texts.picked);
    case "recent": return say(texts.recent);
    default: return "";  // a reason of a later release
  }
}

function fill(
    text: Text, locale: string, count: number, title: string, reason: Reason, texts: Texts,
): string {
  const form = typeof text === "string" ? text : text[plural(locale, count)] ?? text.other;
  const {format} = numbers(safeLocale(locale), {maximumFractionDigits: 1});
  const values: Record<string, string> = {
    count: format(count),
    title,
    lift: format(("lift" in reason && reason.lift) || 1),
    shares: "shares" in reason ? listShares(reason.shares ?? [], texts) : "",
  };
  return form.replace(/\{(\w+)\}/g, (_, name: string) => values[name] ?? "").trim();
}

function listShares(shares: string[], texts: Texts): string {
  const words = shares.map((share) => texts.shares[share]).filter((word) => word !== undefined);
  return words.join(", ") || texts.shares.style || "";
}

const plurals: Record<string, Intl.PluralRules> = {};

function plural(locale: string, count: number): Intl.LDMLPluralRule {
  return (plurals[locale] ??= new Intl.PluralRules(safeLocale(locale))).select(count);
}

/** `locale` when the browser knows such a language, else English; never throws. */
export function safeLocale(locale: string): string {
  try {
    return Intl.getCanonicalLocales(locale)[0] ?? "en";
  } catch {
    return "en";
  }
}
