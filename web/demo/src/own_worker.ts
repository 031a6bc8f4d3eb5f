// The service worker below own/: hands out the visitor's bundle, photos and catalogue, which the page
// put into the cache "own-shop", and the demo shop's own pages for everything else.
const CACHE = "own-shop";
const scope = self as unknown as {
  registration: {scope: string};
  addEventListener(name: "fetch", then: (event: {request: Request; respondWith(answer: Promise<Response>): void}) => void): void;
  addEventListener(name: "install", then: () => void): void;
  skipWaiting(): Promise<void>;
};

scope.addEventListener("install", () => void scope.skipWaiting());
scope.addEventListener("fetch", (event) => event.respondWith(answer(event.request)));

async function answer(request: Request): Promise<Response> {
  const {origin, pathname} = new URL(request.url);
  const base = new URL(scope.registration.scope);
  if (origin !== base.origin || !pathname.startsWith(base.pathname)) return fetch(request);
  const path = pathname.slice(base.pathname.length);
  const cache = await caches.open(CACHE);
  const exact = await cache.match(base.href + path);
  if (exact) return exact;
  const photo = /\.(jpe?g|png|webp|avif|svg|gif)$/i.test(path) && await cache.match(`${base.href}photos/${path.split("/").at(-1)!}`);
  if (photo) return photo;
  if (/^(bundle|images)\/|^catalogue\./.test(path)) return new Response("not among the files of this shop", {status: 404});
  // Under the address that was asked for: a worker that came from elsewhere would not be ours, and its
  // files would not come through here.
  const page = await fetch(new URL(`../${path}`, base));
  return new Response(page.body, page);
}
