// <vitrine-search>: search by words and by photo, on the device. Importing this registers it; needs
// `vitrine` or `vitrine/define` on the page, whose bundle and session it uses.
import {html, LitElement, nothing, type PropertyValues, type TemplateResult} from "lit";
import {loadTexts, textsFor} from "../reasons.js";
import type {Recommender} from "../recommender.js";
import type {CropBox, PhotoOptions, SearchAnswer, SearchState} from "../search.js";
import {shared} from "../shared.js";
import type {Filters, Query, RecommendedItem} from "../types.js";
import {boneView, cardView} from "./card.js";
import {VitrineCrop} from "./crop.js";
import {searchStyles} from "./search_styles.js";
import {fill, searchTexts, type SearchTexts} from "./search_texts.js";
import {recsStyles} from "./styles.js";

const FACETS = ["audience", "department", "colour"] as const;
type Facet = (typeof FACETS)[number];
const TYPING_PAUSE_MS = 60;
const PHOTO_TYPES = "image/jpeg,image/png,image/webp,image/gif,image/bmp,image/avif,image/heic";
const WHOLE: CropBox = {x: 0, y: 0, width: 1, height: 1};

/**
 * Search by words and by photo, computed on the device: a field with suggestions, a photo button (also
 * drop and paste), a box to choose the garment, filters and a grid of results.
 *
 * ```html
 * <vitrine-search limit="24"></vitrine-search>
 * ```
 *
 * `vitrine/define` brings it to a page that has one; `vitrine/search` registers it anywhere.
 *
 * @tag vitrine-search
 * @attr {string} value - What is in the field; searched at once when the page has it
 * @attr {number} limit - Products at most; 24
 * @attr {string} base-url - The bundle's folder
 * @attr {boolean} no-photo - Leaves search by photo out
 * @attr {boolean} add-to-cart - Shows a button on each card
 * @attr {"auto"|"always"|"never"} meaning - May the encoder's model be loaded without asking? `auto`: when it is small or here already
 * @attr {"idle"|"searching"|"instant"|"sharpening"|"done"|"offline"} state - Set by the element
 * @fires {CustomEvent<SearchAnswer>} results - There is an answer, the instant one or a better one; bubbles
 * @fires {CustomEvent<{item: RecommendedItem, searchId: string}>} select - A product was chosen; bubbles, and preventing it prevents the navigation
 * @fires {CustomEvent<{item: RecommendedItem, searchId: string}>} add-to-cart - The card's button was pressed; bubbles, the shop does the rest
 * @csspart form - The line of field and buttons
 * @csspart field - The place of the field and its suggestions
 * @csspart input - The field
 * @csspart button - Each button
 * @csspart suggestions - The list of suggestions
 * @csspart suggestion - One of them
 * @csspart photo - The photo and what can be done with it
 * @csspart bar - The line above the results
 * @csspart state - How good the answer is
 * @csspart filters - The choices
 * @csspart items - The results
 * @csspart item - The place of a card; a card has the parts of `<vitrine-recs>`
 * @cssprop --vitrine-field - Behind the field
 * @cssprop [--vitrine-popup=Canvas] - Behind the suggestions
 * @cssprop [--vitrine-popup-color=CanvasText] - Text of the suggestions
 */
export class VitrineSearch extends LitElement {
  static override styles = [recsStyles, searchStyles];
  static override properties = {
    value: {}, limit: {type: Number}, baseUrl: {attribute: "base-url"}, noPhoto: {attribute: "no-photo", type: Boolean},
    addToCart: {attribute: "add-to-cart", type: Boolean}, meaning: {}, state: {reflect: true}, recommender: {attribute: false},
    query: {attribute: false}, texts: {attribute: false}, answer: {attribute: false}, suggestions: {state: true},
    active: {state: true}, photo: {state: true}, dragging: {state: true}, progress: {state: true}, offer: {state: true},
    chosen: {state: true}, note: {state: true}, facets: {state: true},
  };

  declare value: string;
  declare limit: number;
  declare baseUrl: string | undefined;
  declare noPhoto: boolean;
  declare addToCart: boolean;
  declare meaning: "auto" | "always" | "never";
  declare state: "idle" | "searching" | SearchState;
  declare recommender: Recommender | undefined;
  declare query: Query | undefined;
  declare texts: Partial<SearchTexts> | undefined;
  /** The answer that is shown. */
  declare answer: SearchAnswer | undefined;
  declare suggestions: string[];
  declare active: number;
  declare photo: {file: Blob; crop: CropBox} | undefined;
  declare dragging: boolean;
  declare progress: number | undefined;
  /** Bytes of a model that would make answers better and was not loaded. */
  declare offer: number | undefined;
  declare chosen: Partial<Record<Facet, string>>;
  declare note: string;
  declare facets: Record<Facet, string[]>;

  #locale = "en";
  #question = 0;
  #typing: ReturnType<typeof setTimeout> | undefined;
  #abort: AbortController | undefined;

  constructor() {
    super();
    Object.assign(this, {value: "", limit: 24, noPhoto: false, addToCart: false, meaning: "auto", state: "idle", suggestions: [],
                         active: -1, dragging: false, chosen: {}, note: "", facets: {audience: [], department: [], colour: []}});
  }

  override connectedCallback(): void {
    super.connectedCallback();
    void this.#source()?.locale().then(async (locale) => {
      await loadTexts(locale);
      this.#locale = locale;
      this.requestUpdate();
    }).catch(() => {});
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#abort?.abort();
    clearTimeout(this.#typing);
  }

  protected override firstUpdated(): void {
    if (this.value) void this.search();
  }

  protected override updated(changed: PropertyValues<this>): void {
    if (changed.has("active") && this.active >= 0) {
      this.renderRoot.querySelector(`#option-${this.active}`)?.scrollIntoView({block: "nearest"});
    }
  }

  #source(): Recommender | undefined {
    return this.recommender ?? shared.recommenderFor?.(this.baseUrl);
  }

  #says(): SearchTexts {
    return searchTexts(this.#locale, this.texts);
  }

  /** Searches for `value`, or for the photo; `always` loads the encoder's model, whatever its size. */
  async search(always = this.meaning === "always"): Promise<void> {
    const source = this.#source();
    const question = ++this.#question;
    this.#abort?.abort();
    const abort = (this.#abort = new AbortController());
    this.#closeSuggestions();
    if (!source || (this.value.trim() === "" && !this.photo)) {
      Object.assign(this, {answer: undefined, state: "idle", offer: undefined});
      return;
    }
    this.state = "searching";
    const show = (answer: SearchAnswer): void => {
      if (question !== this.#question) return;
      Object.assign(this, {answer, state: answer.state, progress: undefined});
      this.#noteFacets(answer);
      this.#emit("results", answer);
    };
    const meaning = always ? true : this.meaning === "never" ? false : undefined;
    const options: PhotoOptions = {
      ...this.query, limit: this.limit, filters: this.#filters(), signal: abort.signal, onUpdate: show,
      ...(meaning !== undefined && {meaning}),
      onProgress: (loaded, total) => {
        if (question === this.#question) this.progress = total > 0 ? loaded / total : 0;
      },
    };
    show(this.photo
      ? await source.searchByImage(this.photo.file, {...options, crop: this.photo.crop, text: this.value})
      : await source.search(this.value, options));
    await this.#noteOffer(source, question);
  }

  // Says how good it could get, where a model is there that was not asked.
  async #noteOffer(source: Recommender, question: number): Promise<void> {
    const abilities = await source.searcher().then((part) => part.abilities()).catch(() => undefined);
    if (question !== this.#question) return;
    const ability = this.photo ? abilities?.photo : abilities?.meaning;
    const wanted = this.state === "instant" && ability && !ability.refused && this.meaning !== "never";
    this.offer = wanted ? ability.missingBytes : undefined;
  }

  #filters(): Filters {
    return {...this.query?.filters, ...this.chosen};
  }

  // What can be chosen is what the unfiltered answer had.
  #noteFacets(answer: SearchAnswer): void {
    const facets = {...this.facets};
    for (const facet of FACETS) {
      if (this.chosen[facet] !== undefined) continue;
      facets[facet] = [...new Set(answer.items.map((item) => item[facet]).filter(Boolean))].sort((a, b) => a.localeCompare(b));
    }
    this.facets = facets;
  }

  protected override render(): TemplateResult {
    const texts = this.#says();
    return html`
      <section class="search" role="search" aria-label=${texts.label} @dragover=${this.#dragOver}
               @dragleave=${() => (this.dragging = false)} @drop=${this.#drop} @paste=${this.#paste}>
        ${this.#form(texts)}
        ${this.dragging ? html`<div class="drop">${texts.drop}</div>` : nothing}
        ${this.photo ? this.#photoView(this.photo, texts) : nothing}
        ${this.note ? html`<p class="note" role="alert">${this.note}</p>` : nothing}
        ${this.state === "idle" ? nothing : this.#bar(texts)}
        ${this.#results(texts)}
      </section>`;
  }

  #form(texts: SearchTexts): TemplateResult {
    const open = this.suggestions.length > 0;
    return html`<form part="form" @submit=${this.#submit}>
      <div class="field" part="field">
        <input part="input" type="search" role="combobox" autocomplete="off" autocapitalize="off" spellcheck="false" enterkeyhint="search"
               aria-label=${texts.label} aria-autocomplete="list" aria-expanded=${open} aria-controls="suggestions"
               aria-activedescendant=${open && this.active >= 0 ? `option-${this.active}` : nothing}
               placeholder=${texts.placeholder} .value=${this.value} maxlength="200"
               @focus=${this.#warmUp} @input=${this.#type} @keydown=${this.#key} @blur=${this.#blur}>
        <ul id="suggestions" class="suggestions" part="suggestions" role="listbox" aria-label=${texts.suggestions} ?hidden=${!open}>
          ${this.suggestions.map((text, i) => html`<li id="option-${i}" part="suggestion" role="option"
            aria-selected=${i === this.active} @pointerdown=${(event: Event) => this.#pick(event, text)}>${text}</li>`)}
        </ul>
      </div>
      ${this.noPhoto ? nothing : html`
        <button class="button icon" part="button" type="button" aria-label=${texts.photo} @click=${this.#choosePhoto}>
          <svg width="20" height="20" viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="1.7" stroke-linejoin="round" aria-hidden="true">
            <path d="M3 8h4l2-3h6l2 3h4v11H3z"/><circle cx="12" cy="13" r="3.5"/></svg>
        </button>
        <input type="file" hidden accept=${PHOTO_TYPES} @change=${this.#photoChosen}>`}
      <button class="button" part="button" type="submit">${texts.submit}</button>
    </form>`;
  }

  #photoView({file, crop}: {file: Blob; crop: CropBox}, texts: SearchTexts): TemplateResult {
    return html`<div class="photo" part="photo">
      <vitrine-crop .photo=${file} .box=${crop} .texts=${texts}
                    @crop=${(event: CustomEvent<CropBox>) => (this.photo = {...this.photo!, crop: event.detail})}></vitrine-crop>
      <div class="side">
        <p>${texts.photoPrivate}</p>
        <button class="button" part="button" type="button" @click=${() => this.search(true)}>${texts.usePart}</button>
        <button class="button" part="button" type="button" @click=${this.#removePhoto}>${texts.removePhoto}</button>
      </div>
    </div>`;
  }

  #bar(texts: SearchTexts): TemplateResult {
    const {answer, state} = this;
    const count = answer?.items.length ?? 0;
    const says = state === "searching" ? "" : count === 0 && state !== "offline" ? texts.nothing : texts[state as SearchState];
    const percent = new Intl.NumberFormat(this.#locale, {style: "percent"}).format(this.progress ?? 0);
    return html`<div class="bar" part="bar">
      <div class="state" part="state">
        <span class="dot ${state}" aria-hidden="true"></span>
        <p role="status">${answer && count > 0 ? html`<strong>${fill(texts.found, {count: new Intl.NumberFormat(this.#locale).format(count)})}</strong> ` : nothing}${says}</p>
        ${answer?.detail && state !== "done" ? html`<p class="detail">${answer.detail}</p>` : nothing}
        ${this.progress === undefined ? nothing : html`
          <progress max="1" .value=${this.progress} aria-label=${fill(texts.loading, {percent})}></progress>
          <button class="button" part="button" type="button" @click=${() => this.#abort?.abort()}>${texts.cancel}</button>`}
        ${this.offer === undefined ? nothing : html`
          <button class="button" part="button" type="button" @click=${() => this.search(true)}>${fill(texts.byMeaning, {size: this.#size(this.offer)})}</button>`}
      </div>
      ${this.#filterView(texts)}
    </div>`;
  }

  #filterView(texts: SearchTexts): TemplateResult {
    return html`<div class="filters" part="filters">${FACETS.filter((facet) => this.chosen[facet] !== undefined || this.facets[facet].length > 1)
      .map((facet) => html`<label>${texts.filters[facet]}
        <select @change=${(event: Event) => this.#choose(facet, (event.target as HTMLSelectElement).value)}>
          <option value="">${texts.any}</option>
          ${this.facets[facet].map((value) => html`<option value=${value} ?selected=${value === this.chosen[facet]}>${value}</option>`)}
        </select></label>`)}</div>`;
  }

  #results(texts: SearchTexts): TemplateResult | typeof nothing {
    if (this.state === "searching" && !this.answer) {
      return html`<ul class="items loading" aria-hidden="true">${Array.from({length: 8}, () => html`<li class="item">${boneView(this.addToCart)}</li>`)}</ul>`;
    }
    const items = this.answer?.items ?? [];
    if (items.length === 0) return nothing;
    return html`<ul class="items" part="items" role="list" aria-label=${texts.results} aria-busy=${this.state === "sharpening"}>${items.map((item) =>
      html`<li class="item" part="item">${cardView(item, this.#locale, textsFor(this.#locale), {
        select: (event) => this.#select(event, item),
        ...(this.addToCart && {add: () => this.#emit("add-to-cart", this.#detail(item))}),
      })}</li>`)}</ul>`;
  }

  #size(bytes: number): string {
    return new Intl.NumberFormat(this.#locale, {style: "unit", unit: "megabyte", maximumFractionDigits: bytes < 1e7 ? 1 : 0}).format(bytes / 1e6);
  }

  #warmUp = (): void => {
    void this.#source()?.searcher().then((part) => part.warmUp()).catch(() => {});
  };

  #type = (event: Event): void => {
    this.value = (event.target as HTMLInputElement).value;
    clearTimeout(this.#typing);
    this.#typing = setTimeout(() => void this.#suggest(this.value), TYPING_PAUSE_MS);
    if (this.value === "") void this.search();
  };

  async #suggest(text: string): Promise<void> {
    const found = text.trim() === "" ? [] : await (await this.#source()?.searcher())?.suggest(text) ?? [];
    if (text !== this.value || this.renderRoot.querySelector("input:focus") === null) return;
    Object.assign(this, {suggestions: found, active: -1});
  }

  #key = (event: KeyboardEvent): void => {
    const count = this.suggestions.length;
    if (count > 0 && (event.key === "ArrowDown" || event.key === "ArrowUp")) {
      event.preventDefault();
      const step = event.key === "ArrowDown" ? 1 : -1;
      this.active = (this.active + 1 + step + count + 1) % (count + 1) - 1;  // -1: the field itself
    } else if (event.key === "Escape" && count > 0) {
      event.preventDefault();
      this.#closeSuggestions();
    } else if (event.key === "Enter" && this.active >= 0) {
      this.#pick(event, this.suggestions[this.active]!);
    }
  };

  #pick(event: Event, text: string): void {
    event.preventDefault();
    this.value = text;
    void this.search();
  }

  #blur = (): void => this.#closeSuggestions();

  #closeSuggestions(): void {
    clearTimeout(this.#typing);
    Object.assign(this, {suggestions: [], active: -1});
  }

  #submit = (event: Event): void => {
    event.preventDefault();
    this.chosen = {};
    void this.search();
  };

  #choose(facet: Facet, value: string): void {
    const {[facet]: _, ...others} = this.chosen;
    this.chosen = value === "" ? others : {...others, [facet]: value};
    void this.search();
  }

  #choosePhoto = (): void => this.renderRoot.querySelector<HTMLInputElement>('input[type="file"]')?.click();

  #photoChosen = (event: Event): void => {
    const input = event.target as HTMLInputElement;
    void this.usePhoto(input.files?.[0]);
    input.value = "";
  };

  /** Searches by a photo; it never leaves the device. */
  async usePhoto(file: Blob | undefined): Promise<void> {
    if (!file) return;
    this.note = "";
    const readable = await createImageBitmap(file).then((bitmap) => (bitmap.close(), true), () => false);
    if (!readable) {
      this.note = this.#says().photoUnread;
      return;
    }
    this.photo = {file, crop: WHOLE};
    this.chosen = {};
    await this.search();
  }

  #removePhoto = (): void => {
    this.photo = undefined;
    void this.search();
  };

  #dragOver = (event: DragEvent): void => {
    if (this.noPhoto || !event.dataTransfer?.types.includes("Files")) return;
    event.preventDefault();
    this.dragging = true;
  };

  #drop = (event: DragEvent): void => {
    if (!this.dragging) return;
    event.preventDefault();
    this.dragging = false;
    void this.usePhoto(event.dataTransfer?.files[0]);
  };

  #paste = (event: ClipboardEvent): void => {
    const file = [...event.clipboardData?.files ?? []].find(({type}) => type.startsWith("image/"));
    if (!file || this.noPhoto) return;
    event.preventDefault();
    void this.usePhoto(file);
  };

  #select(event: Event, item: RecommendedItem): void {
    this.#source()?.track({kind: "click", id: item.id});
    if (!this.#emit("select", this.#detail(item))) event.preventDefault();
  }

  #detail(item: RecommendedItem) {
    return {item, searchId: this.answer?.searchId ?? "", recommendId: this.answer?.searchId ?? ""};
  }

  #emit(name: string, detail: unknown): boolean {
    return this.dispatchEvent(new CustomEvent(name, {detail, bubbles: true, composed: true, cancelable: true}));
  }
}

declare global {
  interface HTMLElementTagNameMap {
    "vitrine-search": VitrineSearch;
  }
}

if (!customElements.get("vitrine-crop")) customElements.define("vitrine-crop", VitrineCrop);
if (!customElements.get("vitrine-search")) customElements.define("vitrine-search", VitrineSearch);
