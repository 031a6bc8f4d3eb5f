// Cards made from the shop's own <template>. Values go in as text and as checked addresses only.
import {formatPrice} from "../format.js";
import type {RecommendedItem} from "../types.js";

/**
 * Puts a card of the shop's template into `list` for each product. They live in the page, where the
 * shop's style sheets reach them. `select` is called when a link to the product is followed.
 */
export function fillSlots(
    list: HTMLElement, template: HTMLTemplateElement, items: readonly RecommendedItem[], locale: string,
    select: (event: Event, item: RecommendedItem) => void,
): void {
  for (const child of Array.from(list.children)) {
    if (child instanceof HTMLElement && child.dataset.vitrineItem !== undefined) child.remove();
  }
  for (const item of items) {
    const box = fillTemplate(template, item, locale);
    box.slot = `item-${item.rank}`;
    box.dataset.vitrineItem = "";
    box.addEventListener("click", (event) => {
      const link = (event.target as Element).closest("a");
      if (link && item.url && link.href === item.url) select(event, item);
    });
    list.append(box);
  }
}

/**
 * A copy of `template` for one product. `data-field` names what an element shows: title, price,
 * original-price, reason, brand, colour, department, audience, availability as text; `image` sets
 * the source of an <img>, `url` the address of an <a>. Elements whose field is unknown are hidden.
 */
function fillTemplate(
    template: HTMLTemplateElement, item: RecommendedItem, locale: string,
): HTMLElement {
  const box = document.createElement("div");
  box.append(template.content.cloneNode(true));
  for (const element of box.querySelectorAll<HTMLElement>("[data-field]")) {
    fill(element, element.dataset.field ?? "", item, locale);
  }
  for (const link of box.querySelectorAll<HTMLAnchorElement>("a[data-field-href]")) setHref(link, item);
  return box;
}

function fill(element: HTMLElement, field: string, item: RecommendedItem, locale: string): void {
  if (field === "image") {
    if (element instanceof HTMLImageElement && item.image) element.src = item.image;
    else element.hidden = true;
    return;
  }
  if (field === "url") {
    if (element instanceof HTMLAnchorElement) setHref(element, item);
    return;
  }
  const texts: Record<string, string> = {
    title: item.title,
    price: formatPrice(item.price, item.currency, locale),
    "original-price": formatPrice(item.originalPrice, item.currency, locale),
    reason: item.reasonText,
    brand: item.brand,
    colour: item.colour,
    department: item.department,
    audience: item.audience,
    availability: item.availability,
  };
  const text = texts[field] ?? "";
  element.textContent = text;
  element.hidden = text === "";
}

function setHref(link: HTMLAnchorElement, item: RecommendedItem): void {
  if (item.url) link.href = item.url;
}
