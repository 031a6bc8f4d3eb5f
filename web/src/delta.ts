// A file from the one of the build before and the difference between them (docs/bundle_format.md,
// "Deltas"; indexer/publish/delta.h writes them).

/** Throws on bytes that are no delta or belong to another file; never makes more than `most` bytes. */
export function applyDelta(before: Uint8Array, delta: Uint8Array, most: number): Uint8Array {
  let at = 0;
  const varint = () => {
    let value = 0;
    for (let scale = 1; ; scale *= 128) {
      const byte = delta[at++];
      if (byte === undefined || scale > 2 ** 42) throw new Error("delta: truncated");
      value += (byte & 127) * scale;
      if (byte < 128) return value;
    }
  };
  const size = varint();
  if (size > most) throw new Error("delta: of a larger file");
  const out = new Uint8Array(size);
  let made = 0;
  let expected = 0;
  const take = (from: Uint8Array, begin: number, length: number) => {
    if (begin < 0 || begin + length > from.length || made + length > size) throw new Error("delta: damaged");
    out.set(from.subarray(begin, begin + length), made);
    made += length;
  };
  while (at < delta.length) {
    const copy = varint();
    if (copy > 0) {
      const moved = varint();
      expected += moved % 2 ? -(moved + 1) / 2 : moved / 2;
      take(before, expected, copy);
      expected += copy;
    }
    const literals = varint();
    take(delta, at, literals);
    at += literals;
  }
  if (made !== size) throw new Error("delta: truncated");
  return out;
}
