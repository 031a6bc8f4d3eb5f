// The look of <vitrine-search>, on top of the lists' own (styles.ts): the same custom properties.
import {css} from "lit";

export const searchStyles = css`
  .search { display: grid; gap: 1rem; }
  form { position: relative; display: flex; gap: 0.5rem; align-items: stretch; }
  .field { position: relative; flex: 1; min-inline-size: 0; }
  input[type="search"] {
    inline-size: 100%; min-block-size: 2.75rem; padding: 0 1.1rem; box-sizing: border-box;
    border: 1px solid color-mix(in srgb, currentColor 45%, transparent); border-radius: var(--vitrine-button-radius, 99rem);
    background: var(--vitrine-field, transparent); color: inherit; font: inherit; font-size: 1rem;
  }
  input::placeholder { color: var(--muted); opacity: 1; }
  :is(input, select):focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
  .button {
    display: inline-grid; place-items: center; min-block-size: 2.75rem; min-inline-size: 2.75rem; padding: 0 1.1rem; box-sizing: border-box;
    border: 1px solid color-mix(in srgb, currentColor 45%, transparent); border-radius: var(--vitrine-button-radius, 99rem);
    background: transparent; color: inherit; font: inherit; cursor: pointer;
  }
  .button.icon { padding: 0; }
  .button:hover { background: var(--shade); border-color: currentColor; }
  .suggestions {
    position: absolute; z-index: 10; inset-block-start: calc(100% + 0.35rem); inset-inline: 0; margin: 0; padding: 0.4rem; list-style: none;
    border: 1px solid color-mix(in srgb, currentColor 25%, transparent); border-radius: 0.75rem;
    background: var(--vitrine-popup, Canvas); color: var(--vitrine-popup-color, CanvasText); box-shadow: 0 0.5rem 1.5rem rgb(0 0 0 / 15%);
  }
  .suggestions li { padding: 0.6rem 0.75rem; border-radius: 0.5rem; cursor: pointer; }
  .suggestions li[aria-selected="true"], .suggestions li:hover { background: color-mix(in srgb, currentColor 10%, transparent); }
  .drop { padding: 1.5rem; border: 2px dashed currentColor; border-radius: 0.75rem; text-align: center; }
  .photo { display: flex; flex-wrap: wrap; gap: 1rem 1.5rem; align-items: center; }
  .photo .side { display: grid; gap: 0.6rem; justify-items: start; }
  .photo p, .state p { margin: 0; color: var(--muted); font-size: 0.875rem; }
  .bar { display: flex; flex-wrap: wrap; gap: 0.5rem 1rem; align-items: center; justify-content: space-between; min-block-size: 2.75rem; }
  .state { display: flex; flex-wrap: wrap; gap: 0.5rem 0.75rem; align-items: center; }
  .state strong { font-weight: 600; }
  .dot { inline-size: 0.55rem; block-size: 0.55rem; border-radius: 50%; background: currentColor; opacity: 0.45; }
  .dot.done { opacity: 1; }
  .dot.sharpening { animation: breathe 0.8s ease-in-out infinite alternate; }
  progress { inline-size: 10rem; block-size: 0.5rem; accent-color: var(--accent); }
  .filters { display: flex; flex-wrap: wrap; gap: 0.5rem; }
  .filters label { display: inline-flex; gap: 0.4rem; align-items: center; font-size: 0.875rem; }
  select {
    min-block-size: 2.5rem; padding: 0 0.75rem; border: 1px solid color-mix(in srgb, currentColor 30%, transparent);
    border-radius: 0.5rem; background: transparent; color: inherit; font: inherit; font-size: 0.875rem;
  }
  option { background: Canvas; color: CanvasText; }
  .items { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(var(--card), 44cqi), 1fr)); row-gap: calc(1.6 * var(--gap)); overflow: visible; }
  .item { flex: none; }
`;
