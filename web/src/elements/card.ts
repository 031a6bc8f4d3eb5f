// One product as the elements paint it, and the place that is kept for one.
import {html, nothing, type TemplateResult} from "lit";
import {formatPrice} from "../format.js";
import type {Texts} from "../reasons.js";
import type {RecommendedItem} from "../types.js";

export interface CardActions {
  select: (event: Event, item: RecommendedItem) => void;
  /** Undefined = no button. */
  add?: (item: RecommendedItem) => void;
}

export function cardView(
    item: RecommendedItem, locale: string, texts: Texts, actions: CardActions,
): TemplateResult {
  const {add} = actions;
  return html`
    <article class="card" part="card">
      <div class="picture" part="picture">
        ${item.image
          ? html`<img part="image" src=${item.image} alt="" loading="lazy" decoding="async" @error=${hide}>`
          : nothing}
        ${saleBadge(item)}
      </div>
      <div class="body">
        ${item.url
        ? html`<a class="title" part="title" href=${item.url}
                  @click=${(event: Event) => actions.select(event, item)}>${item.title}</a>`
        : html`<p class="title" part="title">${item.title}</p>`}
        <p class="price" part="price">${priceView(item, locale, texts)}</p>
        <p class="reason" part="reason">${item.reasonText}</p>
      </div>
      ${add
        ? html`<button class="add" part="add" type="button" @click=${() => add(item)}
                       aria-label="${texts.addToCart}: ${item.title}">${texts.addToCart}</button>`
        : nothing}
    </article>`;
}

/** A card's size without its content. */
export function boneView(withButton: boolean): TemplateResult {
  return html`
    <div class="card" part="card">
      <div class="picture"></div>
      <div class="body">
        <div class="title bone"></div>
        <div class="price bone"></div>
        <div class="reason bone"></div>
      </div>
      ${withButton ? html`<div class="add bone"></div>` : nothing}
    </div>`;
}

function onSale(item: RecommendedItem): item is RecommendedItem & {price: number; originalPrice: number} {
  return item.price !== undefined && item.originalPrice !== undefined && item.originalPrice > item.price;
}

// For the eyes: written alike in every language, the prices beside it say the same.
function saleBadge(item: RecommendedItem) {
  const percent = onSale(item) ? Math.round(100 - 100 * item.price / item.originalPrice) : 0;
  return percent < 1 ? nothing : html`<span class="badge" part="badge" dir="ltr" aria-hidden="true">-${percent}%</span>`;
}

function priceView(item: RecommendedItem, locale: string, texts: Texts) {
  const price = formatPrice(item.price, item.currency, locale);
  if (item.availability === "out_of_stock") return texts.outOfStock;
  if (!onSale(item)) return price;
  return html`<span class="sale">${price}</span><s><span class="visually-hidden">${texts.was} </span>${
    formatPrice(item.originalPrice, item.currency, locale)}</s>`;
}

// A picture that is gone leaves its quiet place, not a broken symbol.
function hide(event: Event): void {
  (event.target as HTMLElement).style.visibility = "hidden";
}
