// A product's page: photo, price, sizes, and what goes with it.
import type {VitrineRecs} from "vitrine/define";
import {
  addToCart, capital, catalogue, imageUrl, make, need, priceNodes, recommender, sizesOf, startPage,
  type Product,
} from "../shop.js";

function showProduct(product: Product): void {
  document.title = `${product.title} – Linde & Faro`;
  need("#crumbs").append(...(product.department
    ? [make("a", {href: `index.html?department=${encodeURIComponent(product.department)}#shop`}, capital(product.department))]
    : []), make("span", {"aria-current": "page"}, product.title));
  need("#picture").replaceChildren(make("img", {src: imageUrl(product), alt: product.title, width: "800", height: "1000"}));
  need("#brand").textContent = product.brand ?? product.department ?? "";
  need("#title").textContent = product.title;
  need("#price").replaceChildren(...priceNodes(product));
  need("#description").textContent = product.description ?? "";
  const facts: [string, string | undefined][] = [
    ["Colour", product.colour], ["Made for", product.audience], ["Category", product.category ?? product.department]];
  need("#facts").replaceChildren(...facts.flatMap(([name, value]) =>
    value ? [make("div", {}, make("dt", {}, name), make("dd", {}, capital(value)))] : []));
  showBuy(product);
}

function showBuy(product: Product): void {
  const form = need<HTMLFormElement>("#buy");
  const sizes = sizesOf(product);
  if (sizes.length > 0) {
    form.append(make("fieldset", {class: "sizes"}, make("legend", {}, "Size"), ...sizes.map((size, i) => {
      const radio = make("input", {type: "radio", name: "size", value: size, ...(i === 0 && {required: ""})});
      return make("label", {class: "size"}, radio, make("span", {}, size));
    })));
  }
  const soldOut = product.availability === "out_of_stock";
  const button = make("button", {class: "solid wide", type: "submit"}, soldOut ? "Sold out" : "Add to cart");
  button.disabled = soldOut;
  form.append(button);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    addToCart(product.id, String(new FormData(form).get("size") ?? ""));
    need("#added").replaceChildren("Added. ", make("a", {href: "cart.html"}, "Go to your cart"));
  });
}

async function start(): Promise<void> {
  const id = new URLSearchParams(location.search).get("id") ?? "";
  for (const rail of document.querySelectorAll<VitrineRecs>("vitrine-recs")) rail.productId = id;
  const page = startPage();
  const product = (await catalogue()).find((each) => each.id === id);
  if (product) {
    showProduct(product);
    recommender.track({kind: "view", id});
  } else {
    need("#title").textContent = "We do not have this product";
    need("#description").replaceChildren("It may be sold out. ", make("a", {href: "index.html"}, "See everything"));
  }
  need("#details").classList.remove("waiting");
  await page;
}

void start();
