// Importing this registers the elements, and brings what else the page shows that it has use for:
// <vitrine-privacy>, and the bridges to the shop's analytics (`<meta name="vitrine-bridges"
// content="off">` to go without, "report" to also report lists to `dataLayer`).
import {VitrineRecs} from "./elements/recs.js";
import {sharedRecommender} from "./shared_recommender.js";

if (!customElements.get("vitrine-recs")) customElements.define("vitrine-recs", VitrineRecs);

const page = window as unknown as {dataLayer?: unknown[]; analytics?: unknown; ShopifyAnalytics?: unknown};

async function bringTheRest(): Promise<void> {
  if (document.querySelector("vitrine-privacy")) await import("./elements/privacy.js");
  if (document.querySelector("vitrine-search")) await import("./elements/search.js");
  const bridges = document.querySelector<HTMLMetaElement>('meta[name="vitrine-bridges"]')?.content;
  const reports = bridges === "report";
  if (bridges === "off" || !(reports || page.dataLayer || page.analytics || page.ShopifyAnalytics)) return;
  const {connect, reportTo} = await import("./bridges.js");
  if (reports) reportTo((page.dataLayer ??= []));
  connect(sharedRecommender());
}

// After the page's own scripts.
const start = () => void bringTheRest().catch(() => {});  // without it the lists work all the same
if (document.readyState === "complete") start();
else addEventListener("load", start, {once: true});

export * from "./index.js";
