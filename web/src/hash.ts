// The hash that page shards are numbered by (docs/bundle_format.md).

/**
 * The low 32 bits of FNV-1a 64 over the UTF-8 bytes of `text`. They are all that a page shard's
 * number needs: the low bits of a product depend on the low bits of its factors only.
 */
export function fnv1a64Low(text: string): number {
  let hash = 0x84222325;
  for (const byte of new TextEncoder().encode(text)) {
    hash = Math.imul(hash ^ byte, 0x1b3);
  }
  return hash >>> 0;
}

/** The page shard of product `id`; `count` is a power of two, at most 2^31. */
export function pageShard(id: string, count: number): number {
  return (fnv1a64Low(id) & (count - 1)) >>> 0;
}
