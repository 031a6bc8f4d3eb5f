// Prices and numbers in the shopper's language.
import type {Manifest} from "./bundle.js";

type Format = {format(value: number): string};

const formats: Record<string, Format> = {};

/** Making the browser's first one takes longer than painting a list. Throws on an unknown language or currency. */
export function numbers(locale: string, options: Intl.NumberFormatOptions): Format {
  return formats[[locale, options.currency].join()] ??= new Intl.NumberFormat(locale, options);
}

/**
 * Takes from a bundle how its shop writes numbers, so that the browser's own way need not be made
 * (docs/bundle_format.md, `shop.numbers`).
 */
export function learn({locale, currency, numbers: own}: Manifest["shop"]): void {
  if (!Array.isArray(own)) return;
  const [before, after, group, point, decimals, grouped, step] = own.map(String);
  const gaps = step === "2" ? /\B(?=(\d\d)*\d{3}$)/g : /\B(?=(\d{3})+$)/g;
  const write = (text: string) => {
    const [whole, part] = text.split(".");
    return (whole![+grouped! - 1] ? whole!.replace(gaps, group!) : whole) + (part ? point + part : "");
  };
  formats[[locale, currency].join()] ??= {format: (value) => before + write(value.toFixed(+decimals!)) + after};
  formats[locale + ","] ??= {format: (value) => write(String(Math.round(10 * value) / 10))};
}

/** "€49.90", "49,90 €", … or "" when there is no price. */
export function formatPrice(price: number | undefined, currency: string, locale: string): string {
  if (price === undefined) return "";
  try {
    return numbers(locale, {style: "currency", currency}).format(price);
  } catch {
    return `${price.toFixed(2)} ${currency}`.trim();  // an unknown currency or language
  }
}

/** A plain decimal of the bundle as a number, undefined when it is none. */
export function parsePrice(text: unknown): number | undefined {
  if (typeof text !== "string" || !/^\d{1,12}(\.\d{1,6})?$/.test(text)) return undefined;
  return Number(text);
}
