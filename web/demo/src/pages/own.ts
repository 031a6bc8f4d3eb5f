// "See your own shop here": takes tables, photos and a bundle from the visitor's disk, keeps them in this
// browser and opens the demo shop on them. The service worker (own_worker.ts) hands them out. Without a
// bundle among them, `vitrine serve --own-shops` behind this page makes it (own_indexer.ts).
import {canIndex, index} from "../own_indexer.js";
import {make, need, startPage} from "../shop.js";

const CACHE = "own-shop";  // as in own_worker.ts
const PHOTO = /\.(jpe?g|png|webp|avif|svg|gif)$/i;
const TABLE = /\.(csv|tsv|xml|jsonl|ndjson)$/i;

export interface Found {
  path: string;
  file: File;
}

interface Shop {
  manifest?: {path: string; items: number; name: string};
  bundle: Found[];
  photos: Found[];
  tables: Found[];
  problem?: string;
}

const chosen: Found[] = [];

/** What of the files is what. Anything but a bundle of this release is said, not guessed. */
async function sort(files: Found[]): Promise<Shop> {
  const shop: Shop = {bundle: [], photos: [], tables: []};
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
    } else if (TABLE.test(found.path)) {
      shop.tables.push(found);
    }
  }
  return shop;
}

/** The table that describes products, not what shoppers did: its first line names a title. */
async function catalogueOf(tables: Found[]): Promise<File | undefined> {
  for (const {file, path} of tables) {
    const head = (await file.slice(0, 4096).text()).split("\n", 1)[0]!;
    if (/\.(csv|tsv)$/i.test(path) && /(^|[,;\t"])(\w*title|\w*name|description)\b/i.test(head)) return file;
  }
  return tables.find(({path}) => /\.(csv|tsv)$/i.test(path))?.file;
}

async function show(): Promise<void> {
  const shop = await sort(chosen);
  const {manifest, bundle, photos, tables} = shop;
  const indexes = !manifest && !shop.problem && tables.length > 0 && await canIndex();
  tell(
    manifest && `Bundle: ${manifest.name || "a shop"}, ${manifest.items} products, ${bundle.length} files`,
    photos.length > 0 && `${photos.length} photos`, ...tables.map(({file}) => `Table: ${file.name}`), shop.problem,
    chosen.length > 0 && !manifest && !shop.problem && (indexes
      ? "No bundle is among these files. The program that serves this page can make it, on this machine."
      : "There is no manifest.json among these files."),
  );
  need<HTMLButtonElement>("#own-open").disabled = !manifest;
  need("#own-index").hidden = !indexes;
  need("#own-how").hidden = chosen.length === 0 || manifest !== undefined || indexes;
  const names = tables.map(({file}) => file.name).join(" ") || "catalogue.csv";
  need("#own-commands").textContent = `vitrine init --from ${names}\nvitrine build -c vitrine.toml -o bundle`;
}

function tell(...lines: unknown[]): void {
  need("#own-found").replaceChildren(...lines.filter((line) => typeof line === "string").map((line) => make("li", {}, line)));
}

/** Lets the real indexer make the bundle of what was chosen; then it is one of the chosen files. */
async function makeBundle(): Promise<void> {
  const button = need<HTMLButtonElement>("#own-index");
  button.disabled = true;
  try {
    const {tables, photos} = await sort(chosen);
    const {bundle, log} = await index([...tables, ...photos], tell);
    chosen.push(...bundle);
    await show();
    need("#own-log").textContent = log;
    need("#own-said").hidden = false;
  } catch (error) {
    tell("The indexer could not make a bundle of these files. It said:");
    need("#own-log").textContent = error instanceof Error ? error.message : String(error);
    const said = need<HTMLDetailsElement>("#own-said");
    said.hidden = false;
    said.open = true;
  }
  button.disabled = false;
}

async function keep(shop: Shop): Promise<void> {
  await caches.delete(CACHE);
  const cache = await caches.open(CACHE);
  const put = (path: string, file: File) =>
    cache.put(new URL(`own/${path}`, document.baseURI), new Response(file, {headers: {"content-type": typeOf(path, file)}}));
  for (const {path, file} of shop.bundle) await put(`bundle/${path}`, file);
  for (const {path, file} of shop.photos) await put(`photos/${path.split("/").at(-1)!}`, file);
  const catalogue = await catalogueOf(shop.tables);
  if (catalogue) await put("catalogue.csv", catalogue);
}

function typeOf(path: string, file: File): string {
  if (path.endsWith(".wasm")) return "application/wasm";
  return file.type || (path.endsWith(".json") ? "application/json" : "application/octet-stream");
}

async function open(): Promise<void> {
  const shop = await sort(chosen);
  if (!shop.manifest) return;
  tell("Keeping it in this browser …");
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
  need("#own-said").hidden = true;
  tell("Nothing of it is left in this browser.");
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
  need("#own-index").addEventListener("click", () => void makeBundle());
  need("#own-remove").addEventListener("click", () => void remove());
}

start();
