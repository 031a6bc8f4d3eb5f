// Home: the shopper's own list, and everything the shop has, by department, colour and price.
import {
  byFrequency, capital, catalogue, departments, imageUrl, make, need, priceNodes, productUrl, startPage,
  type Product,
} from "../shop.js";
import {swatch} from "../swatch.js";

const PAGE = 24;
type Field = "department" | "audience" | "colour";

const chosen: Record<Field, Set<string>> = {department: new Set(), audience: new Set(), colour: new Set()};
let products: Product[] = [];
let shown = PAGE;

function matches(product: Product, but?: Field): boolean {
  return (Object.keys(chosen) as Field[]).every((field) =>
    field === but || chosen[field].size === 0 || chosen[field].has(product[field] ?? ""));
}

function sorted(list: Product[]): Product[] {
  const order = need<HTMLSelectElement>("#sort").value;
  if (order === "featured") return list;  // as start() mixed them
  const sign = order === "price-up" ? 1 : -1;
  return [...list].sort((a, b) => sign * (Number(a.price ?? 0) - Number(b.price ?? 0)));
}

function showGrid(): void {
  const found = sorted(products.filter((product) => matches(product)));
  need("#grid").replaceChildren(...found.slice(0, shown).map(tile));
  need("#count").textContent = `${found.length.toLocaleString("en")} products`;
  const only = chosen.department.size === 1 ? [...chosen.department][0] : undefined;
  need("#shop-title").textContent = only ? capital(only) : "Everything";
  need("#more").hidden = found.length <= shown;
}

function tile(product: Product): HTMLElement {
  const picture = make("div", {class: "tile-picture"}, make("img", {
    src: imageUrl(product), alt: "", width: "400", height: "500", loading: "lazy", decoding: "async",
  }));
  return make("li", {class: "tile", "data-id": product.id},
    picture,
    make("a", {class: "tile-title", href: productUrl(product)}, product.title),
    make("p", {class: "tile-price"}, ...priceNodes(product)));
}

function showFilters(): void {
  const groups: [Field, string, string[]][] = [
    ["department", "Department", departments(products)],
    ["audience", "For", byFrequency(products.map((product) => product.audience ?? ""))],
    ["colour", "Colour", byFrequency(products.map((product) => product.colour ?? ""))],
  ];
  need("#filters").replaceChildren(...groups.filter(([, , values]) => values.length > 1).map(group));
}

function group([field, title, values]: [Field, string, string[]]): HTMLElement {
  const choices = values.map((value) => {
    const box = make("input", {type: "checkbox", name: field, value});
    box.checked = chosen[field].has(value);
    box.addEventListener("change", () => choose(field, value, box.checked));
    const label = make("label", {class: field === "colour" ? "swatch" : "choice"}, box);
    if (field === "colour") label.append(swatch(value));
    label.append(make("span", {class: "choice-text"}, capital(value)));
    return label;
  });
  return make("fieldset", {}, make("legend", {}, title), make("div", {class: `choices ${field}`}, ...choices));
}

function choose(field: Field, value: string, on: boolean): void {
  if (on) chosen[field].add(value);
  else chosen[field].delete(value);
  shown = PAGE;
  showGrid();
}

// Colours and departments side by side, the same for everyone.
function mixed(list: Product[]): Product[] {
  const place = ({id}: Product): number => {
    let hash = 7;
    for (const letter of id) hash = Math.imul(hash ^ letter.charCodeAt(0), 0x85ebca6b) ^ (hash >>> 13);
    return hash >>> 0;
  };
  return list.map((product) => ({product, at: place(product)})).sort((a, b) => a.at - b.at).map(({product}) => product);
}

function showHero(): void {
  const adults = products.filter(({availability, audience}) =>
    availability !== "out_of_stock" && !/kid|girl|boy|baby/.test(audience ?? ""));
  const looks: [string, string][] = [["Outerwear", "beige"], ["Dresses", "red"], ["Bottoms", "navy"]];
  const picks = looks.map(([department, colour]) =>
    adults.find((product) => product.department === department && product.colour?.toLowerCase() === colour));
  if (picks.includes(undefined)) {  // another shop's catalogue
    picks.splice(0, 3, ...departments(adults).slice(0, 3).map((name) => adults.find((product) => product.department === name)));
  }
  need(".hero-pictures").append(...picks.filter((product) => product !== undefined).map((product) =>
    make("div", {class: "hero-picture"}, make("img", {src: imageUrl(product), alt: "", width: "400", height: "500"}))));
}

async function start(): Promise<void> {
  const page = startPage();
  products = mixed(await catalogue());
  for (const [field, value] of new URLSearchParams(location.search)) {
    if (field in chosen) chosen[field as Field].add(value);
  }
  showHero();
  showFilters();
  showGrid();
  need("#sort").addEventListener("change", showGrid);
  need("#filters").addEventListener("submit", (event) => event.preventDefault());
  need("#more").addEventListener("click", () => {
    shown += PAGE;
    showGrid();
  });
  await page;
  if (location.hash === "#shop") need("#shop").scrollIntoView();
}

void start();
