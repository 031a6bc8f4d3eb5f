// The gallery: every state of the elements, in three shops' clothes. Products come from the bundle.
import type {VitrineRecs} from "vitrine/define";
import {catalogue, dress, need, recommender} from "../shop.js";

type Refreshed = HTMLElement & {refresh(): Promise<void>};

// A recommender that answers with nothing, or never.
function answering(status: "empty" | undefined): VitrineRecs["recommender"] {
  const answer = status ? Promise.resolve({type: "popular", items: [], recommendId: "", status}) : new Promise(() => {});
  return Object.assign(new EventTarget(), {
    popular: () => answer, locale: () => Promise.resolve(document.documentElement.lang),
  }) as unknown as VitrineRecs["recommender"];
}

async function start(): Promise<void> {
  need<VitrineRecs>("#state-loading").recommender = answering(undefined);
  need<VitrineRecs>("#state-empty").recommender = answering("empty");
  const themes = need<HTMLSelectElement>("#clothes");
  themes.addEventListener("change", () => dress(themes.value));
  const language = need<HTMLSelectElement>("#language");
  language.addEventListener("change", () => {
    document.documentElement.lang = language.value;
    document.documentElement.dir = language.value === "ar" ? "rtl" : "ltr";
    for (const element of document.querySelectorAll<Refreshed>("vitrine-recs, vitrine-privacy")) void element.refresh();
  });
  const products = await catalogue();
  const product = products.find(({department, availability}) => /dress/i.test(department ?? "") && availability !== "out_of_stock") ?? products[0];
  for (const list of document.querySelectorAll<VitrineRecs>("[data-product]")) list.productId = product?.id;
  if (product) recommender.track({kind: "view", id: product.id});
}

dress("linde");
void start();
