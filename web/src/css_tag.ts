// Stands for Lit's css-tag.js (build.mjs): the same, without what it does for browsers that cannot adopt
// style sheets, which know no container queries either.
export class CSSResult {
  #sheet: CSSStyleSheet | undefined;

  constructor(readonly cssText: string) {}

  get styleSheet(): CSSStyleSheet {
    if (!this.#sheet) {
      this.#sheet = new CSSStyleSheet();
      this.#sheet.replaceSync(this.cssText);
    }
    return this.#sheet;
  }
}

export const supportsAdoptingStyleSheets = true;
export const css = (texts: TemplateStringsArray): CSSResult => new CSSResult(texts.join(""));
export const unsafeCSS = (text: string): CSSResult => new CSSResult(text);
export const getCompatibleStyle = (style: unknown): unknown => style;
export const adoptStyles = (root: ShadowRoot, styles: CSSResult[]): void => {
  root.adoptedStyleSheets = styles.map(({styleSheet}) => styleSheet);
};
