// <vitrine-recs>: a list of recommendations.
import {css, html, LitElement, nothing, type PropertyValues, type TemplateResult} from "lit";
import {textsFor} from "../reasons.js";
import type {Recommender} from "../recommender.js";
import {shared} from "../shared.js";
import {sharedRecommender} from "../shared_recommender.js";
import type {Query, RecommendationType, Recommendations, RecommendedItem, Status} from "../types.js";
import {boneView, cardView} from "./card.js";
import {recsStyles} from "./styles.js";

// For the elements that are files of their own (lit_of_the_page.ts).
shared.lit ??= {css, html, LitElement, nothing};

// Lists that change with what the shopper does.
const LIVE: readonly RecommendationType[] = ["for-you", "recent"];

/**
 * A list of recommendations.
 *
 * ```html
 * <vitrine-recs type="similar" product-id="d1108-red" limit="8">
 *   …children: shown until there is an answer, and when there is none…
 * </vitrine-recs>
 * ```
 *
 * A child `<template>` replaces the cards by the shop's own markup; `data-field` names what an element
 * shows: `title`, `price`, `original-price`, `reason`, `brand`, `colour`, `department`, `audience`,
 * `availability` as text, `image` for an `<img>`, `url` for an `<a>`.
 *
 * @tag vitrine-recs
 * @attr {"bought-together"|"similar"|"for-you"|"popular"|"recent"} type - What to show; `popular` when left out
 * @attr {string} product-id - The product that `bought-together` and `similar` are about
 * @attr {string} cart - Product ids separated by commas: `bought-together` for a whole cart
 * @attr {number} limit - Products at most; 10
 * @attr {string} heading - The heading; by default the type's, in the page's language
 * @attr {number} heading-level - 1 to 6, 2 when left out; 0 = no heading
 * @attr {"rail"|"grid"} layout - `rail` (one line that scrolls, the default) or `grid`
 * @attr {string} base-url - The bundle's folder
 * @attr {boolean} add-to-cart - Shows a button on each card
 * @attr {boolean} no-reasons - Leaves the reasons out
 * @attr {"loading"|"ready"|"fallback"|"empty"|"error"} status - Set by the element
 * @slot - The shop's own children: shown until there is an answer, and when there is none
 * @fires {CustomEvent<Recommendations>} load - There is an answer with products
 * @fires {CustomEvent<Recommendations>} empty - There is nothing to show
 * @fires {CustomEvent<Recommendations>} error - The bundle could not be read
 * @fires {CustomEvent<{item: RecommendedItem, recommendId: string}>} select - A product was chosen; bubbles, and preventing it prevents the navigation
 * @fires {CustomEvent<{item: RecommendedItem, recommendId: string}>} add-to-cart - The card's button was pressed; bubbles, the shop does the rest
 * @csspart rail - The whole list
 * @csspart heading - Its heading
 * @csspart arrow - Each of the two buttons of a rail
 * @csspart items - The list of cards
 * @csspart item - The place of a card
 * @csspart card - A card
 * @csspart picture - The frame of its photo
 * @csspart image - The photo
 * @csspart badge - The discount
 * @csspart title - The product's name, a link
 * @csspart price - The price, with the former one
 * @csspart reason - Why it is shown
 * @csspart add - The button
 * @csspart note - What is said when there is nothing to show
 * @cssprop [--vitrine-card-width=13.5rem] - Width of a card in a rail, least width in a grid
 * @cssprop [--vitrine-gap=1.25rem] - Between cards
 * @cssprop [--vitrine-radius=0.5rem] - Of the photos
 * @cssprop [--vitrine-button-radius=99rem] - Of the buttons
 * @cssprop [--vitrine-image-ratio=4 / 5] - Width to height of the photos
 * @cssprop [--vitrine-image-fit=cover] - `contain` shows the whole photo
 * @cssprop --vitrine-color - Text
 * @cssprop --vitrine-muted - Quieter text
 * @cssprop --vitrine-surface - Behind photos, and of the place that waits for them
 * @cssprop --vitrine-accent - Focus rings
 * @cssprop --vitrine-sale - A reduced price
 * @cssprop [--vitrine-sale-background=#9d1c2b] - Of the discount's badge
 * @cssprop [--vitrine-sale-color=#fff] - Text of the badge
 * @cssprop --vitrine-font - Font family
 * @cssprop --vitrine-heading-family - Font family of the heading
 * @cssprop [--vitrine-heading-size=1.375rem] - Size of the heading
 * @cssprop [--vitrine-heading-weight=600] - Weight of the heading
 * @cssprop [--vitrine-heading-spacing=-0.01em] - Letter spacing of the heading
 */
export class VitrineRecs extends LitElement {
  static override styles = recsStyles;
  static override properties = {
    type: {reflect: true},
    productId: {attribute: "product-id"},
    cart: {},
    limit: {type: Number},
    heading: {},
    headingLevel: {attribute: "heading-level", type: Number},
    layout: {reflect: true},
    baseUrl: {attribute: "base-url"},
    addToCart: {attribute: "add-to-cart", type: Boolean},
    noReasons: {attribute: "no-reasons", type: Boolean},
    status: {reflect: true},
    recommender: {attribute: false},
    query: {attribute: false},
    recommendations: {attribute: false},
  };

  declare type: RecommendationType;
  declare productId: string | undefined;
  declare cart: string | undefined;
  declare limit: number;
  declare heading: string | undefined;
  declare headingLevel: number;
  declare layout: "rail" | "grid";
  declare baseUrl: string | undefined;
  declare addToCart: boolean;
  declare noReasons: boolean;
  declare status: "loading" | Status;
  /** Asked in place of the page's own. */
  declare recommender: Recommender | undefined;
  /** Filters, threshold, diversity, live prices, …: all but `limit`. */
  declare query: Query | undefined;
  /** The list that is shown. */
  declare recommendations: Recommendations | undefined;

  #locale = "en";
  #source: Recommender | undefined;
  #question = 0;
  #onChange = (event: Event) => {
    const {detail} = event as CustomEvent<string>;
    if (LIVE.includes(this.type) || (detail === "user" && this.type === "popular")) void this.refresh();
  };

  constructor() {
    super();
    this.type = "popular";
    this.limit = 10;
    this.headingLevel = 2;
    this.layout = "rail";
    this.addToCart = false;
    this.noReasons = false;
    this.status = "loading";
  }

  // The first time in a task of its own: on a slow phone the script's own work is enough for one. Until
  // then the page's style sheet keeps the place, and the shop's own children stay.
  override connectedCallback(): void {
    if (this.hasUpdated) this.#connect();
    else setTimeout(() => this.isConnected && this.#connect());
  }

  #connect(): void {
    super.connectedCallback();
    this.#source?.addEventListener("change", this.#onChange);
    addEventListener("resize", this.#updateArrows);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#source?.removeEventListener("change", this.#onChange);
    removeEventListener("resize", this.#updateArrows);
  }

  protected override updated(changed: PropertyValues<this>): void {
    const asked: (keyof VitrineRecs)[] = ["type", "productId", "cart", "limit", "baseUrl", "recommender", "query"];
    if (asked.some((name) => changed.has(name))) void this.refresh();
    if (changed.has("recommendations")) requestAnimationFrame(this.#updateArrows);
  }

  /** Asks again. */
  async refresh(): Promise<void> {
    const question = ++this.#question;
    const source = this.#listenTo(this.recommender ?? sharedRecommender(this.baseUrl));
    const answer = await this.#ask(source);
    const locale = await source.locale().catch(() => "en");
    const template = this.#template();
    const fill = template && (await import("./template.js")).fillSlots;
    if (question !== this.#question) return;  // the element was asked something else meanwhile
    this.#locale = locale;
    fill?.(this, template!, answer.items, locale, (event, item) => this.#select(event, item));
    this.recommendations = answer;
    this.status = answer.status;
    await this.updateComplete;
    this.#emit(answer.status === "error" || answer.status === "empty" ? answer.status : "load", answer);
  }

  #listenTo(source: Recommender): Recommender {
    if (this.#source !== source) {
      this.#source?.removeEventListener("change", this.#onChange);
      source.addEventListener("change", this.#onChange);
      this.#source = source;
    }
    return source;
  }

  #ask(source: Recommender): Promise<Recommendations> {
    const query: Query = {...this.query, limit: this.limit};
    const cart = (this.cart ?? "").split(",").map((id) => id.trim()).filter((id) => id !== "");
    switch (this.type) {
      case "bought-together":
        return source.boughtTogether(cart.length > 0 ? cart : this.productId ?? [], query);
      case "similar": return source.similar(this.productId ?? "", query);
      case "for-you": return source.forYou(query);
      case "recent": return source.recent(query);
      default: return source.popular(query);
    }
  }

  protected override render(): TemplateResult {
    const texts = textsFor(this.#locale);
    const items = this.recommendations?.items ?? [];
    const loading = this.status === "loading";
    return html`
      <section part="rail" aria-label=${this.#heading()} aria-busy=${loading}>
        ${this.headingLevel > 0
          ? html`
            <div class="head">
              <div class="heading" part="heading" role="heading" aria-level=${this.headingLevel}
                >${this.#heading()}</div>
              ${this.layout === "grid" ? nothing : this.#arrows(texts.previous, texts.next)}
            </div>`
          : nothing}
        ${items.length > 0
          ? html`<ul class="items" part="items" role="list" @scroll=${this.#updateArrows}>
              ${items.map((item) => html`<li class="item" part="item">${this.#item(item)}</li>`)}
            </ul>`
          : this.#place(loading, texts.empty, texts.error)}
      </section>`;
  }

  // While loading, and when there is nothing: the shop's own children, else a skeleton or a note.
  // All of the same size as the list, so that nothing below moves.
  #place(loading: boolean, empty: string, error: string): TemplateResult {
    const own = Array.from(this.children).some((child) => !isOurs(child) && child.localName !== "template");
    if (loading && !own) {
      return html`<ul class="items loading" aria-hidden="true">${this.#bones(this.limit)}</ul>`;
    }
    const note = this.status === "error" ? error : empty;
    return html`<div class="stack">
      <ul class="items" aria-hidden="true">${this.#bones(1)}</ul>
      ${own ? html`<div><slot></slot></div>` : html`<p class="note" part="note">${note}</p>`}
    </div>`;
  }

  #bones(count: number): TemplateResult[] {
    return Array.from({length: Math.min(count, 12)}, () =>
      html`<li class="item">${boneView(this.addToCart)}</li>`);
  }

  #item(item: RecommendedItem): TemplateResult {
    if (this.#template()) return html`<slot name="item-${item.rank}"></slot>`;
    const shown = this.noReasons ? {...item, reasonText: ""} : item;
    return cardView(shown, this.#locale, textsFor(this.#locale), {
      select: (event) => this.#select(event, item),
      ...(this.addToCart && {add: () => this.#emit("add-to-cart", this.#detail(item), true)}),
    });
  }

  #heading(): string {
    return this.heading ?? textsFor(this.#locale).headings[this.type] ?? "";
  }

  #arrows(previous: string, next: string): TemplateResult {
    const arrow = (label: string, way: 1 | -1, path: string) => html`
      <button class="arrow" part="arrow" type="button" aria-label="${label}: ${this.#heading()}"
              data-way=${way} @click=${() => this.#scroll(way)}>
        <svg width="18" height="18" viewBox="0 0 24 24" fill="none" stroke="currentColor"
             stroke-width="2" stroke-linecap="round" stroke-linejoin="round" aria-hidden="true">
          <path d=${path} /></svg>
      </button>`;
    return html`<div class="arrows none">
      ${arrow(previous, -1, "M15 5l-7 7 7 7")}${arrow(next, 1, "M9 5l7 7-7 7")}</div>`;
  }

  #scroll(way: 1 | -1): void {
    const list = this.renderRoot.querySelector(".items");
    const forward = this.matches(":dir(rtl)") ? -0.85 : 0.85;
    list?.scrollBy(way * forward * list.clientWidth, 0);
  }

  #updateArrows = (): void => {
    const list = this.renderRoot?.querySelector(".items");
    const arrows = this.renderRoot?.querySelector(".arrows");
    if (!list || !arrows) return;
    const room = list.scrollWidth - list.clientWidth;
    arrows.classList.toggle("none", room < 8);
    for (const arrow of arrows.querySelectorAll<HTMLElement>(".arrow")) {
      const at = Math.abs(list.scrollLeft);
      const end = arrow.dataset.way === "1" ? at > room - 8 : at < 8;
      arrow.setAttribute("aria-disabled", String(end));
    }
  };

  #template(): HTMLTemplateElement | null {
    return this.querySelector<HTMLTemplateElement>(":scope > template");
  }

  #select(event: Event, item: RecommendedItem): void {
    this.#source?.track({kind: "click", id: item.id});
    if (!this.#emit("select", this.#detail(item), true)) event.preventDefault();
  }

  #detail(item: RecommendedItem) {
    return {item, recommendId: this.recommendations?.recommendId ?? ""};
  }

  #emit(name: string, detail: unknown, bubbles = false): boolean {
    return this.dispatchEvent(
        new CustomEvent(name, {detail, bubbles, composed: bubbles, cancelable: bubbles}));
  }
}

function isOurs(child: Element): boolean {
  return child instanceof HTMLElement && child.dataset.vitrineItem !== undefined;
}

declare global {
  interface HTMLElementTagNameMap {
    "vitrine-recs": VitrineRecs;
  }
}
