// <vitrine-crop>: chooses a part of a photo, by pointer or by keyboard (each corner takes the arrow
// keys). Part of <vitrine-search>.
import {css, html, LitElement, type PropertyValues, type TemplateResult} from "lit";
import type {CropBox} from "../search.js";
import {fill, type SearchTexts} from "./search_texts.js";

const STEP = 0.02;
const LEAST = 0.08;
const MOST_PIXELS = 800;
type Corner = "start" | "end" | "box";

export class VitrineCrop extends LitElement {
  static override styles = css`
    :host { display: inline-block; position: relative; touch-action: none; user-select: none; line-height: 0; }
    canvas { max-inline-size: 100%; max-block-size: 18rem; border-radius: 0.5rem; }
    .box { position: absolute; outline: 2px solid #fff; box-shadow: 0 0 0 100vmax rgb(0 0 0 / 45%), 0 0 0 3px rgb(0 0 0 / 60%); cursor: move; }
    .frame { position: absolute; inset: 0; overflow: hidden; border-radius: 0.5rem; }
    .corners { position: absolute; pointer-events: none; }
    button {
      pointer-events: auto; position: absolute; inline-size: 2.75rem; block-size: 2.75rem; padding: 0; border: 0; background: transparent; cursor: nwse-resize;
    }
    button::after { content: ""; position: absolute; inset: 0.75rem; border: 2px solid #000; border-radius: 50%; background: #fff; }
    button:focus-visible { outline: 2px solid #fff; outline-offset: -6px; }
    .start { inset: -1.375rem auto auto -1.375rem; }
    .end { inset: auto -1.375rem -1.375rem auto; }
  `;
  static override properties = {photo: {attribute: false}, box: {attribute: false}, texts: {attribute: false}};

  declare photo: Blob | undefined;
  declare box: CropBox;
  declare texts: SearchTexts;
  #grip: {corner: Corner; x: number; y: number; box: CropBox} | undefined;

  constructor() {
    super();
    this.box = {x: 0, y: 0, width: 1, height: 1};
  }

  protected override render(): TemplateResult {
    const {x, y, width, height} = this.box;
    const percent = (share: number) => `${Math.round(share * 100)} %`;
    const place = `left:${x * 100}%;top:${y * 100}%;width:${width * 100}%;height:${height * 100}%`;
    return html`<div role="group" aria-label=${this.texts.crop} @pointermove=${this.#drag} @pointerup=${this.#drop} @pointercancel=${this.#drop}>
      <canvas></canvas>
      <div class="frame"><div class="box" .style=${place} @pointerdown=${(event: PointerEvent) => this.#take(event, "box")}></div></div>
      <div class="corners" .style=${place}>
        <button class="start" type="button" @keydown=${(event: KeyboardEvent) => this.#key(event, "start")}
                @pointerdown=${(event: PointerEvent) => this.#take(event, "start")}
                aria-label=${fill(this.texts.topLeft, {x: percent(x), y: percent(y)})}></button>
        <button class="end" type="button" @keydown=${(event: KeyboardEvent) => this.#key(event, "end")}
                @pointerdown=${(event: PointerEvent) => this.#take(event, "end")}
                aria-label=${fill(this.texts.bottomRight, {x: percent(x + width), y: percent(y + height)})}></button>
      </div>
    </div>`;
  }

  // On a canvas, since policies that allow no blob: pictures are common.
  protected override async updated(changed: PropertyValues<this>): Promise<void> {
    if (!changed.has("photo") || !this.photo) return;
    const bitmap = await createImageBitmap(this.photo);
    const canvas = this.renderRoot.querySelector("canvas")!;
    const scale = Math.min(1, MOST_PIXELS / Math.max(bitmap.width, bitmap.height));
    canvas.width = Math.max(1, Math.round(bitmap.width * scale));
    canvas.height = Math.max(1, Math.round(bitmap.height * scale));
    canvas.getContext("2d")?.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
    bitmap.close();
  }

  #take(event: PointerEvent, corner: Corner): void {
    this.#grip = {corner, x: event.clientX, y: event.clientY, box: this.box};
    (event.target as Element).setPointerCapture(event.pointerId);
  }

  #drag = (event: PointerEvent): void => {
    if (!this.#grip) return;
    const {width, height} = this.getBoundingClientRect();
    this.#move(this.#grip.corner, (event.clientX - this.#grip.x) / width, (event.clientY - this.#grip.y) / height, this.#grip.box);
  };

  #drop = (): void => {
    if (this.#grip) this.dispatchEvent(new CustomEvent("crop", {detail: this.box}));
    this.#grip = undefined;
  };

  #key(event: KeyboardEvent, corner: Corner): void {
    const ways: Record<string, [number, number]> = {ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1]};
    const way = ways[event.key];
    if (!way) return;
    event.preventDefault();
    this.#move(corner, way[0] * STEP, way[1] * STEP, this.box);
    this.dispatchEvent(new CustomEvent("crop", {detail: this.box}));
  }

  #move(corner: Corner, dx: number, dy: number, {x, y, width, height}: CropBox): void {
    const within = (value: number, most: number, least = 0) => Math.min(Math.max(value, least), most);
    if (corner === "box") {
      this.box = {x: within(x + dx, 1 - width), y: within(y + dy, 1 - height), width, height};
    } else if (corner === "start") {
      const left = within(x + dx, x + width - LEAST);
      const top = within(y + dy, y + height - LEAST);
      this.box = {x: left, y: top, width: x + width - left, height: y + height - top};
    } else {
      this.box = {x, y, width: within(width + dx, 1 - x, LEAST), height: within(height + dy, 1 - y, LEAST)};
    }
  }
}
