// The recommenders of a page: all elements of one bundle share one session and one engine.
import {openRecommender, type Recommender, type RecommenderOptions} from "./recommender.js";
import {shared} from "./shared.js";

/** What elements without a `base-url` use. Call before the first element asks. */
export function configure(options: RecommenderOptions): void {
  shared.defaults = {...shared.defaults, ...options};
}

/** The page's recommender for a bundle; `<meta name="vitrine-base-url">` names the default one. */
export function sharedRecommender(baseUrl?: string): Recommender {
  const meta = document.querySelector<HTMLMetaElement>('meta[name="vitrine-base-url"]')?.content;
  const chosen = baseUrl ?? shared.defaults.baseUrl ?? meta ?? "bundle/";
  const url = new URL(chosen, document.baseURI).href;
  let recommender = shared.recommenders.get(url);
  if (!recommender) {
    recommender = openRecommender({...shared.defaults, baseUrl: url});
    shared.recommenders.set(url, recommender);
  }
  return recommender;
}

shared.recommenderFor ??= sharedRecommender;
