// Files of the bundle that this device keeps, in the Cache API: what answers without a network, and
// what a later build's deltas start from. Holds public files only, within a bound; a browser without
// the API, a private window or a full disk merely keep nothing.

const NAME = "vitrine";
const SIZE = "x-vitrine-bytes";
/** Of all that is kept, in bytes and in files. */
export const MOST_BYTES = 48 * 1024 * 1024;
const MOST_FILES = 400;

// Looking must not leave a trace: only what is to be kept makes the cache.
export async function find(url: string): Promise<ArrayBuffer | undefined> {
  try {
    const kept = await caches.match(url, {cacheName: NAME, ignoreVary: true});
    return await kept?.arrayBuffer();
  } catch {
    return undefined;
  }
}

/**
 * @param wanted may it be kept? By default where something is kept already: a worker does not hear of it
 *   when the shopper takes the consent back, but the cache is gone then
 */
export async function keep(
    url: string, bytes: ArrayBuffer, wanted: () => boolean | Promise<boolean> = () => caches.has(NAME),
): Promise<void> {
  if (bytes.byteLength > MOST_BYTES / 2) return;
  try {
    if (!await wanted()) return;
    const cache = await caches.open(NAME);
    const response = () => new Response(bytes, {headers: {[SIZE]: String(bytes.byteLength)}});
    await trim(cache, bytes.byteLength);
    await cache.put(url, response()).catch(async () => {
      await trim(cache, MOST_BYTES / 2);  // the disk is fuller than we thought
      await cache.put(url, response());
    });
    if (!await wanted()) await clear();  // taken back meanwhile
  } catch {
    // nothing is kept
  }
}

export async function forget(url: string): Promise<void> {
  try {
    if (await caches.has(NAME)) await (await caches.open(NAME)).delete(url);
  } catch {
    // nothing is kept
  }
}

export async function clear(): Promise<void> {
  await globalThis.caches?.delete(NAME).catch(() => {});
}

// Makes room: the files that came first go first.
async function trim(cache: Cache, room: number): Promise<void> {
  const requests = await cache.keys();
  const sizes = await Promise.all(requests.map(async (request) =>
    Number((await cache.match(request))?.headers.get(SIZE)) || 0));
  let bytes = sizes.reduce((sum, size) => sum + size, room);
  let files = requests.length + 1;
  for (let i = 0; i < requests.length && (bytes > MOST_BYTES || files > MOST_FILES); ++i) {
    await cache.delete(requests[i]!);
    bytes -= sizes[i]!;
    --files;
  }
}

/** Is this the content whose SHA-256 (base64) is `sha256`? False where the browser cannot tell. */
export async function isWhole(bytes: ArrayBuffer, sha256: string): Promise<boolean> {
  if (!globalThis.crypto?.subtle) return false;
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return btoa(String.fromCharCode(...digest)) === sha256;
}
