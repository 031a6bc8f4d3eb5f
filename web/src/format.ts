// Prices and numbers in the shopper's language.

const formats: Record<string, Intl.NumberFormat> = {};

/** Making one takes longer than painting a card does. Throws on an unknown language or currency. */
export function numbers(locale: string, options: Intl.NumberFormatOptions): Intl.NumberFormat {
  return (formats[[locale, options.style, options.currency].join()] ??= new Intl.NumberFormat(locale, options));
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
