// The cart, and what other baskets held beside such products.
import type {VitrineRecs} from "vitrine/define";
import {
  cartLines, catalogue, imageUrl, make, need, price, productUrl, recommender, saveCart, startPage,
  type CartLine, type Product,
} from "../shop.js";

let products = new Map<string, Product>();

function showCart(): void {
  const lines = cartLines().filter((line) => products.has(line.id));
  need("#cart").replaceChildren(...(lines.length > 0 ? [list(lines), summary(lines)] : [nothingYet()]));
  const rail = need<VitrineRecs>("#together");
  const ids = [...new Set(lines.map((line) => line.id))];
  rail.type = ids.length > 0 ? "bought-together" : "popular";
  rail.cart = ids.join(",");
  rail.heading = ids.length > 0 ? "Goes with your cart" : "Popular now";
}

function nothingYet(): HTMLElement {
  return make("div", {class: "cart-empty"}, make("p", {}, "There is nothing in it yet."),
              make("a", {class: "solid", href: "index.html#shop"}, "Look around"));
}

function list(lines: CartLine[]): HTMLElement {
  return make("ul", {class: "cart-lines", role: "list"}, ...lines.map((line) => {
    const product = products.get(line.id)!;
    const count = make("select", {"aria-label": `Number of ${product.title}`},
      ...[1, 2, 3, 4, 5].map((n) => make("option", {value: String(n)}, String(n))));
    count.value = String(Math.min(line.count, 5));
    count.addEventListener("change", () => change(line, Number(count.value)));
    const remove = make("button", {class: "quiet", type: "button", "aria-label": `Remove ${product.title}`}, "Remove");
    remove.addEventListener("click", () => change(line, 0));
    return make("li", {class: "cart-line"},
      make("img", {src: imageUrl(product), alt: "", width: "96", height: "120"}),
      make("div", {class: "cart-what"}, make("a", {href: productUrl(product)}, product.title),
           make("p", {}, line.size ? `Size ${line.size}` : ""), make("div", {class: "cart-tools"}, count, remove)),
      make("p", {class: "cart-price"}, price(String(Number(product.price ?? 0) * line.count), product.currency)));
  }));
}

function change(line: CartLine, count: number): void {
  saveCart(cartLines()
    .map((each) => (each.id === line.id && each.size === line.size ? {...each, count} : each))
    .filter((each) => each.count > 0));
  showCart();
}

function summary(lines: CartLine[]): HTMLElement {
  const total = lines.reduce((sum, line) => sum + line.count * Number(products.get(line.id)?.price ?? 0), 0);
  const order = make("button", {class: "solid wide", type: "button"}, "Place the order");
  order.addEventListener("click", () => {
    for (const line of lines) recommender.track({kind: "order", id: line.id});
    saveCart([]);
    showCart();
    need("#cart").prepend(make("p", {class: "thanks", role: "status"}, "Thank you. Nothing will be sent: this is a demo."));
  });
  const currency = products.get(lines[0]!.id)?.currency;
  const row = (name: string, value: string) => make("div", {}, make("dt", {}, name), make("dd", {}, value));
  return make("div", {class: "cart-summary"}, make("h2", {}, "Summary"),
    make("dl", {}, row("Products", price(String(total), currency)), row("Delivery", "Free"),
         row("Total", price(String(total), currency))), order);
}

async function start(): Promise<void> {
  const page = startPage();
  products = new Map((await catalogue()).map((product) => [product.id, product]));
  showCart();
  await page;
}

void start();
