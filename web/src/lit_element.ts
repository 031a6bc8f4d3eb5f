// Stands for lit-element (build.mjs): a ReactiveElement that renders with lit-html, without the hooks
// that other parts of Lit may hang into it.
import {ReactiveElement, type PropertyValues} from "@lit/reactive-element";
import {render, type RenderOptions, type RootPart} from "lit-html";

export * from "@lit/reactive-element";
export * from "lit-html";

export class LitElement extends ReactiveElement {
  readonly renderOptions: RenderOptions = {host: this};
  #part: RootPart | undefined;

  protected override createRenderRoot(): HTMLElement | DocumentFragment {
    const root = super.createRenderRoot();
    this.renderOptions.renderBefore ??= root.firstChild as ChildNode;
    return root;
  }

  protected override update(changed: PropertyValues): void {
    const content = this.render();
    if (!this.hasUpdated) this.renderOptions.isConnected = this.isConnected;
    super.update(changed);
    this.#part = render(content, this.renderRoot as HTMLElement, this.renderOptions);
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.#part?.setConnected(true);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#part?.setConnected(false);
  }

  protected render(): unknown {
    return undefined;
  }
}
