// "See your own shop here": takes a bundle, photos and a catalogue from the visitor's disk, keeps them
// in this browser and opens the demo shop on them. The service worker (own_worker.ts) hands them out.
import {make, need, startPage} from "../shop.js";

const CACHE = "own-shop";  // as in own_worker.ts
const PHOTO = /\.(jpe?g|png|webp|avif|svg|gif)$/i;

interface Found {
  path: string;
  file: File;
}

interface Shop {
  manifest?: {path: string; items: number; name: string};
  bundle: Found[];
  photos: Found[];
  catalogue?: File;
  problem?: string;
}

const chosen: Found[] = [];

/** What of the files is what. Anything but a bundle of this release is said, not guessed. */
async function sort(files: Found[]): Promise<Shop> {
  const shop: Shop = {bundle: [], photos: []};
  const manifest = files.find(({path}) => /(^|\/)manifest\.json$/.test(path));
  if (manifest) {
    try {
      const json = JSON.parse(await manifest.file.text()) as {format?: string; items?: number; shop?: {name?: string}};
      if (json.format !== "vitrine-bundle") shop.problem = `${manifest.path} is not the manifest of a Vitrine bundle`;
      else shop.manifest = {path: manifest.path.replace(/manifest\.json$/, ""), items: Number(json.items), name: json.shop?.name ?? ""};
    } catch {
      shop.problem = `${manifest.path} is no JSON`;
    }
  }
  for (const found of files) {
    if (shop.manifest && found.path.startsWith(shop.manifest.path)) {
      shop.bundle.push({...found, path: found.path.slice(shop.manifest.path.length)});
    } else if (PHOTO.test(found.path)) {
      shop.photos.push(found);
    } else if (/\.(csv|tsv)$/i.test(found.path)) {
      shop.catalogue = found.file;
    }
  }
  return shop;
}

async function show(): Promise<void> {
  const shop = await sort(chosen);
  const {manifest, bundle, photos, catalogue} = shop;
  const lines = [
    manifest && `Bundle: ${manifest.name || "a shop"}, ${manifest.items} products, ${bundle.length} files`,
    photos.length > 0 && `${photos.length} photos`, catalogue && `Catalogue: ${catalogue.name}`, shop.problem,
    chosen.length > 0 && !manifest && !shop.problem && "There is no manifest.json among these files.",
  ].filter((line): line is string => typeof line === "string");
  need("#own-found").replaceChildren(...lines.map((line) => make("li", {}, line)));
  need<HTMLButtonElement>("#own-open").disabled = !manifest;
  need("#own-how").hidden = chosen.length === 0 || manifest !== undefined;
  const name = catalogue?.name ?? "catalogue.csv";
  need("#own-commands").textContent = `vitrine init --from ${name}\nvitrine build -c vitrine.toml -o bundle`;
}

async function keep(shop: Shop): Promise<void> {
  await caches.delete(CACHE);
  const cache = await caches.open(CACHE);
  const put = (path: string, file: File) =>
    cache.put(new URL(`own/${path}`, document.baseURI), new Response(file, {headers: {"content-type": typeOf(path, file)}}));
  for (const {path, file} of shop.bundle) await put(`bundle/${path}`, file);
  for (const {path, file} of shop.photos) await put(`photos/${path.split("/").at(-1)!}`, file);
  if (shop.catalogue) await put("catalogue.csv", shop.catalogue);
}

function typeOf(path: string, file: File): string {
  if (path.endsWith(".wasm")) return "application/wasm";
  return file.type || (path.endsWith(".json") ? "application/json" : "application/octet-stream");
}

async function open(): Promise<void> {
  const shop = await sort(chosen);
  if (!shop.manifest) return;
  need("#own-found").replaceChildren(make("li", {}, "Keeping it in this browser …"));
  await keep(shop);
  const registration = await navigator.serviceWorker.register("own_worker.js", {scope: "own/"});
  await active(registration);
  location.href = "own/index.html";
}

function active(registration: ServiceWorkerRegistration): Promise<void> {
  const worker = registration.installing ?? registration.waiting;
  if (!worker || registration.active) return Promise.resolve();
  return new Promise((resolve) => worker.addEventListener("statechange", () => {
    if (worker.state === "activated") resolve();
  }));
}

async function remove(): Promise<void> {
  await caches.delete(CACHE);
  await (await navigator.serviceWorker.getRegistration("own/"))?.unregister();
  chosen.length = 0;
  need<HTMLFormElement>("#own-form").reset();
  await show();
  need("#own-found").replaceChildren(make("li", {}, "Nothing of it is left in this browser."));
}

function take(files: Iterable<Found>): void {
  chosen.push(...files);
  void show();
}

// A dropped folder, as far down as it goes.
async function dropped(entry: FileSystemEntry): Promise<Found[]> {
  if (entry.isFile) {
    const file = await new Promise<File>((resolve, reject) => (entry as FileSystemFileEntry).file(resolve, reject));
    return [{path: entry.fullPath.slice(1), file}];
  }
  const reader = (entry as FileSystemDirectoryEntry).createReader();
  const found: Found[] = [];
  for (;;) {
    const some = await new Promise<FileSystemEntry[]>((resolve, reject) => reader.readEntries(resolve, reject));
    if (some.length === 0) return found;
    for (const each of some) found.push(...await dropped(each));
  }
}

function start(): void {
  void startPage();
  for (const input of document.querySelectorAll<HTMLInputElement>("#own-form input")) {
    input.addEventListener("change", () =>
      take(Array.from(input.files ?? [], (file) => ({path: file.webkitRelativePath || file.name, file}))));
  }
  const form = need<HTMLFormElement>("#own-form");
  form.addEventListener("dragover", (event) => event.preventDefault());
  form.addEventListener("drop", async (event) => {
    event.preventDefault();
    const entries = Array.from(event.dataTransfer?.items ?? [], (item) => item.webkitGetAsEntry());
    for (const entry of entries) if (entry) take(await dropped(entry));
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    void open();
  });
  need("#own-remove").addEventListener("click", () => void remove());
}

start();
