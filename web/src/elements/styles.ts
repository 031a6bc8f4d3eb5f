// The look of the elements. A shop changes it by custom properties and parts (docs in recs.ts).
//
// Nothing may shift when the answer comes: the place of every line is reserved, and the skeleton has
// the size of the cards. The host's sizes are repeated in vitrine.css for the time before the script.
import {css} from "lit";

export const recsStyles = css`
  :host {
    display: block;
    container-type: inline-size;
    color: var(--vitrine-color, inherit);
    font-family: var(--vitrine-font, inherit);
    /* Names of our own: rules of the shop for our parts must find its own properties. */
    --_card: var(--vitrine-card-width, 13.5rem);
    --_gap: var(--vitrine-gap, 1.25rem);
    --_ratio: var(--vitrine-image-ratio, 4 / 5);
    --_line: 1.4;
    --_muted: var(--vitrine-muted, color-mix(in srgb, currentColor 74%, transparent));
    --_shade: var(--vitrine-surface, color-mix(in srgb, currentColor 6%, transparent));
  }
  :host([hidden]), [hidden] { display: none !important; }
  * { box-sizing: border-box; }

  .head {
    display: flex;
    align-items: center;
    justify-content: space-between;
    gap: 1rem;
    min-block-size: 2.75rem;
    margin-block-end: 0.75rem;
  }
  .heading {
    font-family: var(--vitrine-heading-family, inherit);
    line-height: 1.3;
    font-size: var(--vitrine-heading-size, 1.375rem);
    font-weight: var(--vitrine-heading-weight, 600);
    letter-spacing: var(--vitrine-heading-spacing, -0.01em);
    overflow-wrap: anywhere;
  }
  .arrows { display: flex; gap: 0.5rem; flex: none; }
  .arrows.none { visibility: hidden; }
  .arrow {
    inline-size: 2.5rem;
    block-size: 2.5rem;
    padding: 0;
    border-radius: 50%;
  }
  .arrow, .add {
    border: 1px solid color-mix(in srgb, currentColor 30%, transparent);
    background: transparent;
    color: inherit;
    cursor: pointer;
    transition: 0.15s;
  }
  :is(.arrow:not([aria-disabled="true"]), .add):hover { background: var(--_shade); border-color: currentColor; }
  .arrow svg { vertical-align: middle; }
  .arrow[aria-disabled="true"] { opacity: 0.35; cursor: default; }
  :host(:dir(rtl)) .arrow svg { transform: scaleX(-1); }

  .items {
    display: flex;
    gap: var(--_gap);
    margin: -0.25rem;
    padding: 0.25rem;
    list-style: none;
    overflow-x: auto;
    overscroll-behavior-inline: contain;
    scroll-behavior: smooth;
    scroll-snap-type: inline proximity;
    scroll-padding-inline: 0.25rem;
    scrollbar-width: none;
  }
  .item { flex: 0 0 min(var(--_card), 72cqi); scroll-snap-align: start; min-inline-size: 0; }
  :host([layout="grid"]) .items {
    display: grid;
    grid-template-columns: repeat(auto-fill, minmax(min(var(--_card), 44cqi), 1fr));
    row-gap: calc(1.6 * var(--_gap));
    overflow: visible;
  }

  .card { position: relative; display: flex; flex-direction: column; block-size: 100%; }
  .picture {
    position: relative;
    aspect-ratio: var(--_ratio);
    overflow: hidden;
    border-radius: var(--vitrine-radius, 0.5rem);
    background: var(--_shade);
  }
  .picture img {
    display: block;
    inline-size: 100%;
    block-size: 100%;
    object-fit: var(--vitrine-image-fit, cover);
  }
  .badge {
    position: absolute;
    inset-block-start: 0.6rem;
    inset-inline-start: 0.6rem;
    padding: 0.15rem 0.5rem;
    border-radius: 99rem;
    background: var(--vitrine-sale-background, #9d1c2b);
    color: var(--vitrine-sale-color, #fff);
    font-size: 0.75rem;
    font-weight: 600;
  }
  /* Two lines of title, one of price, two of reason: kept whether they are used or not. */
  .body {
    block-size: calc(0.65rem + 0.9375rem * 3 * var(--_line) + 0.45rem + 0.8125rem * 2 * var(--_line));
    overflow: hidden;
    line-height: var(--_line);
  }
  :host([no-reasons]) .body { block-size: calc(0.65rem + 0.9375rem * 3 * var(--_line) + 0.2rem); }
  .title, .price, .reason { margin: 0; overflow: hidden; }
  .title, .reason { display: -webkit-box; -webkit-box-orient: vertical; -webkit-line-clamp: 2; overflow-wrap: anywhere; }
  .title {
    margin-block-start: 0.65rem;
    color: inherit;
    font-size: 0.9375rem;
    text-align: -webkit-match-parent;
    text-decoration: none;
    unicode-bidi: plaintext;
  }
  a.title::after { content: ""; position: absolute; inset: 0; border-radius: var(--vitrine-radius, 0.5rem); }
  .card:hover a.title { text-decoration: underline; text-underline-offset: 0.2em; }
  .price {
    margin-block-start: 0.2rem;
    font-size: 0.9375rem;
    font-weight: 600;
    white-space: nowrap;
    font-variant-numeric: tabular-nums;
  }
  .price .sale { color: var(--vitrine-sale, inherit); }
  .price s { margin-inline-start: 0.45em; color: var(--_muted); font-weight: 400; }
  .reason { margin-block-start: 0.25rem; color: var(--_muted); font-size: 0.8125rem; }
  .add {
    position: relative;  /* above the link that covers the card */
    z-index: 1;
    min-block-size: 2.5rem;
    margin-block-start: 0.6rem;
    border-radius: var(--vitrine-button-radius, 99rem);
    font: inherit;
    font-size: 0.875rem;
  }
  /* A card's link covers it: the ring is around the card. */
  a:focus-visible { outline: none; }
  a:focus-visible::after, button:focus-visible { outline: 2px solid var(--vitrine-accent, currentColor); outline-offset: 2px; }
  .body:has(a:focus-visible) { overflow: visible; }

  .bone { block-size: 1em; margin-block-start: 0.7rem; border-radius: 0.3rem; background: var(--_shade); }
  .bone.title { inline-size: 85%; }
  .bone.price { inline-size: 35%; }
  .bone.reason { inline-size: 65%; }
  .bone.add { block-size: auto; margin-block-start: 0.6rem; border-color: transparent; border-radius: 99rem; }
  .loading { animation: breathe 1.6s infinite alternate; }
  @keyframes breathe { to { opacity: 0.55; } }

  .stack { display: grid; }
  .stack > * { grid-area: 1 / 1; min-inline-size: 0; }
  .stack > .items { visibility: hidden; }
  .note {
    display: grid;
    place-items: center;
    margin: 0;
    padding: 1rem;
    border-radius: var(--vitrine-radius, 0.5rem);
    background: var(--_shade);
    color: var(--_muted);
  }
  .visually-hidden {
    position: absolute;
    clip-path: inset(50%);
    white-space: nowrap;
  }
  @media (prefers-reduced-motion: reduce) {
    * { animation: none !important; transition: none !important; scroll-behavior: auto !important; }
  }
  @media (forced-colors: active) {
    .picture, .badge, .bone { border: 1px solid CanvasText; }
  }
`;
