// A/B tests without a server: the same unit always gets the same variant, and two experiments are
// independent of each other.

/**
 * The variant of `unit` (whatever the shop already knows a visit or a customer by) in `experiment`.
 * @param weights shares by variant, for example `{control: 1, vitrine: 1}`; need not add up to one
 */
export function variantOf(experiment: string, unit: string, weights: Record<string, number>): string {
  const variants = Object.entries(weights).filter(([, weight]) => weight > 0);
  const total = variants.reduce((sum, [, weight]) => sum + weight, 0);
  let point = (hash(`${experiment}\n${unit}`) / 2 ** 32) * total;
  for (const [name, weight] of variants) {
    if (point < weight) return name;
    point -= weight;
  }
  const last = variants.at(-1);
  if (!last) throw new Error("variantOf: no variant has a weight above 0");
  return last[0];
}

// FNV-1a, its bits then mixed by MurmurHash3's finalizer, so that the high ones are as good as the low.
function hash(text: string): number {
  let h = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(text)) h = Math.imul(h ^ byte, 0x01000193);
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}
