// The package's root: importing it does nothing by itself.
export {openRecommender, Recommender} from "./recommender.js";
export type {Diagnostics, RecommenderOptions} from "./recommender.js";
export {configure, sharedRecommender} from "./shared_recommender.js";
export {VitrineRecs} from "./elements/recs.js";
export {ENGLISH, reasonText, setTexts, textsFor} from "./reasons.js";
export type {Text, Texts} from "./reasons.js";
export {formatPrice} from "./format.js";
export type * from "./types.js";
export type {CropBox, PhotoOptions, Search, SearchAbilities, SearchAnswer, SearchOptions, SearchSettings, SearchState} from "./search.js";
