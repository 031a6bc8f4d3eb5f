// What every page of the demo shop shares: its catalogue, its cart, its header and footer.
import {configure, formatPrice, sharedRecommender} from "vitrine/define";

/** A product of catalogue.json, written by the demo's build: a card and what the shop adds to it. */
export interface Product {
  id: string;
  title: string;
  price?: string;
  original_price?: string;
  currency?: string;
  image?: string;
  url?: string;
  availability?: string;
  brand?: string;
  audience?: string;
  colour?: string;
  department?: string;
  category?: string;
  description?: string;
  sizes?: string[] | string;
}

configure({baseUrl: "bundle/"});
export const recommender = sharedRecommender();

/** Below own/ the shop shows the visitor's own products (pages/own.ts). */
const OWN = /\/own\/[^/]*$/.test(location.pathname);

let loading: Promise<Product[]> | undefined;

export function catalogue(): Promise<Product[]> {
  loading ??= OWN
    ? import("./own_catalogue.js").then(({ownCatalogue}) => ownCatalogue())
    : fetch("catalogue.json").then((response) => response.json() as Promise<Product[]>);
  return loading;
}

export function price(text: string | undefined, currency = "EUR"): string {
  return text === undefined ? "" : formatPrice(Number(text), currency, document.documentElement.lang);
}

export function isOnSale(product: Product): boolean {
  return Number(product.original_price ?? 0) > Number(product.price ?? Infinity);
}

export function sizesOf(product: Product): string[] {
  const {sizes} = product;
  return (typeof sizes === "string" ? sizes.split(/[|,]/) : sizes ?? []).map((size) => size.trim()).filter(Boolean);
}

export function productUrl(product: Product): string {
  return product.url ?? `product.html?id=${encodeURIComponent(product.id)}`;
}

export function imageUrl(product: Product): string {
  return product.image ?? `images/${encodeURIComponent(product.id)}.jpg`;
}

export function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

type Child = Node | string;

/** An element with attributes and children; strings are text, never HTML. */
export function make<K extends keyof HTMLElementTagNameMap>(
    name: K, attributes: Record<string, string> = {}, ...children: Child[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  element.append(...children);
  return element;
}

export function need<T extends Element = HTMLElement>(selector: string): T {
  const element = document.querySelector<T>(selector);
  if (!element) throw new Error(`the page has no ${selector}`);
  return element;
}

/** "€49.90 €59.90", with the old price struck through. */
export function priceNodes(product: Product): Child[] {
  const now = price(product.price, product.currency);
  if (!isOnSale(product)) return [now];
  return [make("span", {class: "sale"}, now), " ",
          make("s", {}, make("span", {class: "unseen"}, "was "), price(product.original_price, product.currency))];
}

// ---- the cart: product, size and number, kept by the shop like any shop does ----

export interface CartLine {
  id: string;
  size: string;
  count: number;
}

const CART = OWN ? "own-cart" : "shop-cart";

export function cartLines(): CartLine[] {
  try {
    const lines: unknown = JSON.parse(localStorage.getItem(CART) ?? "[]");
    return Array.isArray(lines) ? (lines as CartLine[]) : [];
  } catch {
    return [];
  }
}

export function saveCart(lines: CartLine[]): void {
  if (lines.length > 0) localStorage.setItem(CART, JSON.stringify(lines));
  else localStorage.removeItem(CART);
  showCartCount();
}

export function addToCart(id: string, size = ""): void {
  const lines = cartLines();
  const line = lines.find((each) => each.id === id && each.size === size);
  if (line) line.count += 1;
  else lines.push({id, size, count: 1});
  saveCart(lines);
  recommender.track({kind: "cart", id});
}

function showCartCount(): void {
  const count = cartLines().reduce((sum, line) => sum + line.count, 0);
  need(".cart-count").textContent = count > 0 ? String(count) : "";
  need(".cart-link").setAttribute("aria-label", `Cart, ${count} ${count === 1 ? "product" : "products"}`);
}

// ---- header, footer, the shopper's choices ----

export async function startPage(): Promise<void> {
  showCartCount();
  startTheme();
  need("#preview").addEventListener("click", async () => (await import("./panel.js")).togglePanel());
  void startConsent();
  if (OWN) document.addEventListener("select", stayHere);
  document.addEventListener("add-to-cart", (event) => {
    addToCart((event as CustomEvent<{item: {id: string}}>).detail.item.id);
  });
  await showDepartments();
}

// The bundle's addresses lead to the visitor's real shop.
function stayHere(event: Event): void {
  const {item} = (event as CustomEvent<{item: {id: string}}>).detail;
  event.preventDefault();
  location.href = `product.html?id=${encodeURIComponent(item.id)}`;
}

async function showDepartments(): Promise<void> {
  const names = departments(await catalogue());
  need(".departments").append(...names.slice(0, 6).map((name) =>
    make("a", {href: `index.html?department=${encodeURIComponent(name)}#shop`}, capital(name))));
}

/** The departments, largest first. */
export function departments(products: Product[]): string[] {
  return byFrequency(products.map((product) => product.department ?? ""));
}

export function byFrequency(values: string[]): string[] {
  const counts = new Map<string, number>();
  for (const value of values) if (value) counts.set(value, (counts.get(value) ?? 0) + 1);
  return [...counts].sort((a, b) => b[1] - a[1] || a[0].localeCompare(b[0])).map(([value]) => value);
}

/** The three shops' clothes; a choice is kept like any shop keeps a choice. */
export const CLOTHES = ["linde", "market", "studio"] as const;
const CLOTHES_KEY = "shop-clothes";

const WORDMARKS: Record<string, string> = {linde: "Linde & Faro", market: "market", studio: "STUDIO"};

export function dress(name: string): void {
  for (const mark of document.querySelectorAll(".wordmark")) mark.textContent = WORDMARKS[name] ?? "";
  for (const each of CLOTHES) document.documentElement.classList.toggle(`theme-${each}`, each === name);
}

function startTheme(): void {
  const root = document.documentElement;
  const clothes = need<HTMLSelectElement>("#clothes");
  clothes.value = localStorage.getItem(CLOTHES_KEY) ?? "linde";
  dress(clothes.value);
  clothes.addEventListener("change", () => {
    dress(clothes.value);
    localStorage.setItem(CLOTHES_KEY, clothes.value);
  });
  const dark = matchMedia("(prefers-color-scheme: dark)");
  need("#theme").addEventListener("click", () => {
    const isDark = root.dataset.theme ? root.dataset.theme === "dark" : dark.matches;
    root.dataset.theme = isDark ? "light" : "dark";
  });
}

async function startConsent(): Promise<void> {
  const box = need("#consent");
  for (const button of box.querySelectorAll<HTMLElement>("[data-consent]")) {
    button.addEventListener("click", () => {
      void recommender.consent({personalization: button.dataset.consent === "yes"});
    });
  }
  need("#forget").addEventListener("click", () => void recommender.clear());
  const show = async (): Promise<void> => {
    const {consent, stored, events} = await recommender.profile();
    box.hidden = consent !== "unset";
    const seen = `${events.length} ${events.length === 1 ? "action" : "actions"}`;
    need("#memory").textContent = stored
      ? `${seen} kept on this device, and nowhere else.`
      : consent === "denied" ? "Nothing is remembered." : "Nothing is kept on this device.";
  };
  recommender.addEventListener("change", () => void show());
  await show();
}
