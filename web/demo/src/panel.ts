// The merchandiser's view of a page: why each product is there, what each strategy thinks of it, what
// is loaded, and a shopper to play. Loaded when it is first opened.
import type {EventKind, Reason, Recommendations, Shopper, VitrineRecs} from "vitrine/define";
import {capital, catalogue, make, need, recommender, type Product} from "./shop.js";

const KINDS: EventKind[] = ["view", "click", "wishlist", "cart", "order"];
// How far down a strategy's list is looked for a product.
const DEPTH = 100;

let panel: HTMLElement | undefined;

export function togglePanel(): void {
  const open = panel === undefined || panel.hidden;
  panel ??= build();
  panel.hidden = !open;
  document.documentElement.classList.toggle("with-panel", open);
  need("#preview").setAttribute("aria-expanded", String(open));
  if (open) {
    void refresh();
    panel.querySelector("button")?.focus();
  } else {
    need("#preview").focus();
  }
}

function build(): HTMLElement {
  const close = make("button", {class: "quiet", type: "button"}, "Close");
  close.addEventListener("click", togglePanel);
  const section = (id: string, title: string, open = true) => {
    const details = make("details", {}, make("summary", {}, title), make("div", {id}));
    details.open = open;
    return details;
  };
  const box = make("aside", {class: "panel", id: "panel", "aria-label": "Merchandising preview"},
    make("div", {class: "panel-head"}, make("h2", {}, "Preview"), close),
    section("panel-shopper", "Play a shopper"), section("panel-lists", "Why is it there?"),
    section("panel-strategies", "What each strategy says"), section("panel-loaded", "What is loaded"));
  box.addEventListener("keydown", (event) => {
    if (event.key === "Escape") togglePanel();
  });
  document.body.append(box);
  recommender.addEventListener("change", () => void refresh());
  document.addEventListener("load", (event) => {
    if ((event.target as Element).localName === "vitrine-recs") void refresh();
  }, true);
  void buildShopper();
  return box;
}

// One refresh at a time; what changes meanwhile causes one more.
let refreshing = false;
let again = false;
async function refresh(): Promise<void> {
  if (!panel || panel.hidden) return;
  if (refreshing) {
    again = true;
    return;
  }
  refreshing = true;
  try {
    showLists();
    await showStrategies();
    await Promise.all([showLoaded(), showEvents()]);
  } finally {
    refreshing = false;
  }
  if (again) {
    again = false;
    await refresh();
  }
}

const lists = (): VitrineRecs[] => [...document.querySelectorAll<VitrineRecs>("main vitrine-recs")];

function showLists(): void {
  need("#panel-lists").replaceChildren(...lists().map((list) => {
    const {items = [], detail} = list.recommendations ?? {};
    const best = Math.max(...items.map(({score}) => score), 0);
    return make("div", {class: "panel-list"},
      make("h3", {}, list.heading ?? list.type, " ", make("span", {class: "chip"}, `${list.type} · ${list.status}`)),
      ...(detail ? [make("p", {class: "hint"}, detail)] : []),
      make("ol", {}, ...items.map((item) => make("li", {},
        make("span", {class: "panel-title"}, item.title), bar(item.score, best),
        make("span", {class: "hint"}, evidence(item.reason))))));
  }));
}

/** The numbers behind a reason. */
function evidence(reason: Reason): string {
  const facts: string[] = [reason.kind];
  if ("count" in reason && reason.count) {
    facts.push(`${reason.count} ${reason.kind === "bought-together" ? "baskets" : "shoppers"}`);
  }
  if ("lift" in reason && reason.lift) facts.push(`lift ${reason.lift.toFixed(1)}`);
  if ("shares" in reason && reason.shares?.length) facts.push(`same ${reason.shares.join(", ")}`);
  if ("item" in reason && reason.item) facts.push(`of ${reason.item}`);
  return facts.join(" · ");
}

function bar(score: number, best: number): HTMLElement {
  const meter = make("meter", {min: "0", max: String(best || 1), value: String(Math.max(0, score)), title: String(score)});
  return make("span", {class: "score"}, meter, make("span", {}, score.toPrecision(2)));
}

// Every strategy's place and score for each product that the page shows.
async function showStrategies(): Promise<void> {
  const shown = new Map(lists().flatMap((list) => list.recommendations?.items ?? []).map((item) => [item.id, item.title]));
  const about = new URLSearchParams(location.search).get("id");
  const query = {limit: DEPTH, fallback: "none"} as const;
  const answers: [string, Recommendations][] = [
    ...(about ? [["together", await recommender.boughtTogether(about, query)], ["similar", await recommender.similar(about, query)]] as [string, Recommendations][] : []),
    ["for you", await recommender.forYou(query)], ["popular", await recommender.popular(query)],
  ];
  const cell = (answer: Recommendations, id: string): HTMLElement => {
    const item = answer.items.find((each) => each.id === id);
    if (!item) return make("td", {class: "hint"}, "–");
    return make("td", {}, make("strong", {}, `${item.rank + 1}.`), " ", item.score.toPrecision(2));
  };
  need("#panel-strategies").replaceChildren(
    make("p", {class: "hint"}, `Place and score of each product of this page in the first ${DEPTH} of each strategy. ` +
      "Scores compare within a column only."),
    make("div", {class: "panel-table", tabindex: "0", role: "region", "aria-label": "Strategies"}, make("table", {},
      make("thead", {}, make("tr", {}, make("th", {scope: "col"}, "Product"), ...answers.map(([name]) => make("th", {scope: "col"}, name)))),
      make("tbody", {}, ...[...shown].map(([id, title]) => make("tr", {}, make("th", {scope: "row"}, title),
        ...answers.map(([, answer]) => cell(answer, id))))))));
}

async function showLoaded(): Promise<void> {
  const {build: name, items, engine, engineReport} = await recommender.diagnostics();
  const files = performance.getEntriesByType("resource").filter((entry) => /\/(bundle|vitrine)\//.test(entry.name)) as PerformanceResourceTiming[];
  const bytes = files.reduce((sum, {encodedBodySize}) => sum + encodedBodySize, 0);
  const facts: [string, string][] = [
    ["Bundle", name], ["Products", items.toLocaleString("en")],
    ["Engine", {none: "not needed yet", worker: "in a worker", main: "in the page", failed: "failed"}[engine]],
    ["Sections", engineReport ? `${engineReport.loaded.join(", ")} (${kilobytes(engineReport.bytes)} with the engine)` : "none"],
    ...(engineReport?.missing ?? []).map((text): [string, string] => ["Missing", text]),
    ["Files of this page", `${files.length}, ${kilobytes(bytes)}`],
  ];
  need("#panel-loaded").replaceChildren(make("dl", {class: "facts"}, ...facts.map(([term, text]) =>
    make("div", {}, make("dt", {}, term), make("dd", {}, text)))));
}

const kilobytes = (bytes: number): string => `${(bytes / 1000).toFixed(0)} kB`;

// ---- a shopper to play ----

/** Shoppers with a taste: the first three products of one department in one colour. */
function characters(products: Product[]): [string, Product[]][] {
  const groups = new Map<string, Product[]>();
  for (const product of products) {
    if (product.availability === "out_of_stock" || !product.department || !product.colour) continue;
    const name = `${product.colour} ${product.department}${product.audience ? `, ${product.audience}` : ""}`;
    groups.set(name, [...(groups.get(name) ?? []), product]);
  }
  const large = [...groups].filter(([, group]) => group.length >= 3).sort((a, b) => b[1].length - a[1].length);
  const departments = new Set<string>();
  return large.filter(([, [first]]) => !departments.has(first!.department!) && departments.add(first!.department!))
    .slice(0, 5).map(([name, group]) => [name, group.slice(0, 3)]);
}

async function buildShopper(): Promise<void> {
  const products = await catalogue();
  const people = characters(products).map(([name, group]) => {
    const button = make("button", {class: "quiet small", type: "button"}, capital(name.toLowerCase()));
    button.addEventListener("click", async () => {
      await recommender.clear();
      for (const {id} of group) recommender.track({kind: "view", id});
    });
    return button;
  });
  const stranger = make("button", {class: "quiet small", type: "button"}, "A stranger");
  stranger.addEventListener("click", () => void recommender.clear());
  need("#panel-shopper").replaceChildren(
    make("p", {class: "hint"}, "Who looks at this page?"), make("div", {class: "panel-buttons"}, stranger, ...people),
    actionForm(products), userForm(products), make("ol", {id: "panel-events", class: "hint"}));
  await showEvents();
}

function actionForm(products: Product[]): HTMLElement {
  const kind = make("select", {"aria-label": "Action"}, ...KINDS.map((name) => make("option", {}, name)));
  const choice = make("input", {list: "panel-products", "aria-label": "Product", placeholder: "a product", required: ""});
  const names = new Map(products.map((product) => [`${product.title} (${product.id})`, product.id]));
  const form = make("form", {class: "panel-form"}, kind, choice,
    make("datalist", {id: "panel-products"}, ...[...names.keys()].map((name) => make("option", {value: name}))),
    make("button", {class: "solid small", type: "submit"}, "Do it"));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const id = names.get(choice.value) ?? choice.value;
    recommender.track({kind: kind.value as EventKind, id});
    choice.value = "";
  });
  return form;
}

function userForm(products: Product[]): HTMLElement {
  const audiences = [...new Set(products.map(({audience}) => audience ?? ""))].sort();
  const audience = make("select", {name: "audience", "aria-label": "Audience"},
    ...audiences.map((name) => make("option", {value: name}, name || "any audience")));
  if (!audiences.includes("")) audience.prepend(make("option", {value: ""}, "any audience"));
  audience.value = "";
  const field = (name: string, hint: string) => make("input", {name, "aria-label": hint, placeholder: hint});
  const form = make("form", {class: "panel-form"}, audience, field("ageGroup", "age group"), field("city", "city"), field("region", "region"));
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("change", () => {
    const said = [...new FormData(form)].filter(([, value]) => value !== "");
    recommender.setUser(Object.fromEntries(said) as Shopper);
  });
  return form;
}

async function showEvents(): Promise<void> {
  const list = document.querySelector("#panel-events");
  if (!list) return;
  const titles = new Map((await catalogue()).map(({id, title}) => [id, title]));
  const {events} = await recommender.profile();
  list.replaceChildren(...events.slice(-8).map(({kind, id}) => make("li", {}, `${kind}: ${titles.get(id) ?? id}`)));
}
