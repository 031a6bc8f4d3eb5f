// The shop's data comes from feeds that many hands write: nothing of it is ever HTML, and only
// addresses that fetch a document or a picture are followed.

/** `address` made absolute against `base`, or "" when it is not a http(s) address. */
export function safeUrl(address: unknown, base: string): string {
  if (typeof address !== "string" || address === "" || address.length > 4096) return "";
  try {
    const url = new URL(address, base);
    return url.protocol === "https:" || url.protocol === "http:" ? url.href : "";
  } catch {
    return "";
  }
}

// Characters that turn the direction of the text after them, and control characters.
const UNSEEN = /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]+/g;

/** One line of plain text of at most `limit` characters, without characters that act on other text. */
export function safeText(value: unknown, limit = 300): string {
  if (typeof value !== "string") return "";
  const text = value.slice(0, 4 * limit).replace(UNSEEN, " ").replace(/\s+/g, " ").trim();
  return text.length > limit ? Array.from(text).slice(0, limit - 1).join("") + "…" : text;
}
