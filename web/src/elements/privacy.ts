// <vitrine-privacy>: shows the shopper what is remembered, and lets the shopper decide.
import {css, html, LitElement, nothing, type TemplateResult} from "lit";
import {loadTexts, textsFor, type PrivacyTexts} from "../reasons.js";
import type {Recommender} from "../recommender.js";
import {shared} from "../shared.js";
import type {Profile} from "../types.js";

const ENGLISH: PrivacyTexts = {
  heading: "What this shop remembers",
  promise: "What you look at is used for your own recommendations, in this browser only. It is never sent anywhere.",
  stored: "Kept on this device.",
  memory: "In memory only: forgotten when you leave the page.",
  denied: "Nothing is remembered.",
  grant: "Remember on this device",
  deny: "Do not remember",
  clear: "Forget everything",
  list: "What is remembered",
  kinds: {view: "Looked at", click: "Chosen", wishlist: "Wish list", cart: "Cart", order: "Ordered"},
};

/**
 * Shows the shopper what is remembered, and lets the shopper grant, withdraw and clear.
 *
 * @tag vitrine-privacy
 * @attr {string} base-url - The bundle's folder
 * @attr {number} heading-level - 1 to 6; 2 when left out
 * @fires {CustomEvent<ConsentState>} consent - The shopper decided; bubbles
 * @fires {CustomEvent<void>} clear - Everything was forgotten; bubbles
 * @csspart box - The whole
 * @csspart heading - Its heading
 * @csspart text - The promise, and what holds now
 * @csspart list - What is remembered
 * @csspart buttons - The row of buttons
 * @csspart grant - Remember on this device
 * @csspart deny - Do not remember
 * @csspart clear - Forget everything
 * @cssprop --vitrine-color - Text
 * @cssprop --vitrine-muted - Quieter text
 * @cssprop --vitrine-accent - Focus rings
 * @cssprop --vitrine-font - Font family
 * @cssprop [--vitrine-button-radius=99rem] - Of the buttons
 */
export class VitrinePrivacy extends LitElement {
  static override styles = css`
    :host { display: block; color: var(--vitrine-color, inherit); font-family: var(--vitrine-font, inherit); }
    .box { display: grid; gap: 0.75rem; min-block-size: 12rem; align-content: start; }
    .heading { font-size: 1.125rem; font-weight: 600; }
    p, ul { margin: 0; }
    p { max-inline-size: 40rem; }
    .muted { color: var(--vitrine-muted, color-mix(in srgb, currentColor 74%, transparent)); }
    ul { display: grid; gap: 0.25rem; max-block-size: 12rem; padding: 0; overflow: auto; list-style: none; font-size: 0.875rem; }
    li { display: flex; gap: 0.75rem; }
    li span:first-child { min-inline-size: 6rem; }
    .buttons { display: flex; flex-wrap: wrap; gap: 0.5rem; }
    button {
      min-block-size: 2.75rem;
      padding: 0 1.1rem;
      border: 1px solid color-mix(in srgb, currentColor 35%, transparent);
      border-radius: var(--vitrine-button-radius, 99rem);
      background: transparent;
      color: inherit;
      font: inherit;
      cursor: pointer;
    }
    button:hover { border-color: currentColor; }
    :is(button, ul):focus-visible { outline: 2px solid var(--vitrine-accent, currentColor); outline-offset: 2px; }
  `;
  static override properties = {
    baseUrl: {attribute: "base-url"},
    headingLevel: {attribute: "heading-level", type: Number},
    recommender: {attribute: false},
    profile: {state: true},
  };

  declare baseUrl: string | undefined;
  declare headingLevel: number;
  /** Asked in place of the page's own. */
  declare recommender: Recommender | undefined;
  /** @private */
  declare profile: Profile | undefined;

  #locale = "en";
  #source: Recommender | undefined;
  #refresh = (): void => void this.refresh();

  constructor() {
    super();
    this.headingLevel = 2;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.#source = this.recommender ?? shared.recommenderFor?.(this.baseUrl);
    this.#source?.addEventListener("change", this.#refresh);
    void this.refresh();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#source?.removeEventListener("change", this.#refresh);
  }

  /** Reads anew what is remembered, in the page's language. */
  async refresh(): Promise<void> {
    if (!this.#source) return;
    this.#locale = await this.#source.locale().catch(() => document.documentElement.lang || "en");
    await loadTexts(this.#locale);
    this.profile = await this.#source.profile();
  }

  protected override render(): TemplateResult {
    const texts = textsFor(this.#locale).privacy ?? ENGLISH;
    const {profile} = this;
    const state = !profile ? "" : profile.stored ? texts.stored : profile.consent === "denied" ? texts.denied : texts.memory;
    return html`
      <section class="box" part="box" aria-label=${texts.heading}>
        <div class="heading" part="heading" role="heading" aria-level=${this.headingLevel}>${texts.heading}</div>
        <p class="muted" part="text">${texts.promise}</p>
        <p part="text" role="status">${state}</p>
        ${profile?.events.length ? this.#list(profile, texts) : nothing}
        <div class="buttons" part="buttons">
          ${profile?.consent === "granted"
            ? nothing
            : html`<button part="grant" type="button" @click=${() => this.#decide(true)}>${texts.grant}</button>`}
          ${profile?.consent === "denied"
            ? nothing
            : html`<button part="deny" type="button" @click=${() => this.#decide(false)}>${texts.deny}</button>`}
          ${profile?.events.length
            ? html`<button part="clear" type="button" @click=${this.#clear}>${texts.clear}</button>`
            : nothing}
        </div>
      </section>`;
  }

  #list({events}: Profile, texts: PrivacyTexts): TemplateResult {
    const time = new Intl.DateTimeFormat(this.#locale, {dateStyle: "medium", timeStyle: "short"});
    return html`<ul part="list" tabindex="0" role="list" aria-label=${texts.list}>${events.slice().reverse().map((event) =>
      html`<li><span>${texts.kinds[event.kind] ?? event.kind}</span><span>${event.id}</span>
        <span class="muted">${time.format(event.time * 1000)}</span></li>`)}</ul>`;
  }

  async #decide(personalization: boolean): Promise<void> {
    const detail = await this.#source?.consent({personalization});
    this.dispatchEvent(new CustomEvent("consent", {detail, bubbles: true, composed: true}));
  }

  #clear = async (): Promise<void> => {
    await this.#source?.clear();
    this.dispatchEvent(new CustomEvent("clear", {bubbles: true, composed: true}));
  };
}

declare global {
  interface HTMLElementTagNameMap {
    "vitrine-privacy": VitrinePrivacy;
  }
}

if (!customElements.get("vitrine-privacy")) customElements.define("vitrine-privacy", VitrinePrivacy);

