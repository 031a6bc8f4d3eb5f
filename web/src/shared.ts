// What all copies of the package on one page have in common (a page may well load it twice: as a
// module and by a script tag): one recommender per bundle, and the shop's own texts.
import type {css, html, LitElement, nothing} from "lit";
import type {Texts} from "./reasons.js";
import type {Recommender, RecommenderOptions} from "./recommender.js";

interface Shared {
  /** Of the copy that came first (lit_of_the_page.ts). */
  lit?: {css: typeof css; html: typeof html; LitElement: typeof LitElement; nothing: typeof nothing};
  defaults: RecommenderOptions;
  /** sharedRecommender() of the copy that came first, for parts that do not bring one. */
  recommenderFor?: (baseUrl?: string) => Recommender;
  /** By absolute address of the bundle. */
  recommenders: Map<string, Recommender>;
  languages: Map<string, Texts>;
  /** The shop's, by locale. */
  texts: Map<string, Partial<Texts>>;
}

const key = Symbol.for("vitrine.1");
const holder = globalThis as unknown as Record<symbol, Shared | undefined>;

export const shared: Shared = (holder[key] ??= {
  defaults: {}, recommenders: new Map(), languages: new Map(), texts: new Map(),
});
