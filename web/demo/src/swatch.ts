// A colour's name as a colour. Unknown names get a neutral one.
import {make} from "./shop.js";

const COLOURS: Record<string, string> = {
  black: "#1d1d1f", white: "#fbfaf7", grey: "#8d9096", gray: "#8d9096", charcoal: "#44474d", silver: "#c6c9ce",
  red: "#c8102e", burgundy: "#6d1a2d", maroon: "#6d1a2d", pink: "#f0a3bb", coral: "#f27e6b", orange: "#ee7f2d",
  rust: "#a5492a", yellow: "#f2c53d", mustard: "#c99a2e", gold: "#c9a24b", beige: "#dbc8ab", cream: "#f3ead7",
  ivory: "#f5efe0", tan: "#c19a6b", camel: "#b98a54", khaki: "#a39a6b", brown: "#6b4a32", olive: "#6b6b3a",
  green: "#3c7a4b", sage: "#9caf94", mint: "#a9dcc3", emerald: "#0f7a5a", teal: "#1f7a7f", turquoise: "#3fb6bd",
  blue: "#2f5fb3", sky: "#8fc0e8", navy: "#1f2a4a", denim: "#4a6a92", purple: "#6d4391", violet: "#6d4391", "light blue": "#a9c9e8",
  lilac: "#bca3d4", lavender: "#bfb2e0", magenta: "#b52a7d",
};

export function swatch(name: string): HTMLElement {
  const words = name.toLowerCase().split(/[\s_-]+/);
  const known = COLOURS[name.toLowerCase()] ?? words.map((word) => COLOURS[word]).find(Boolean);
  const dot = make("span", {class: "dot", "aria-hidden": "true"});
  dot.style.background = known ?? "linear-gradient(135deg, #c8102e, #f2c53d, #3c7a4b, #2f5fb3)";
  return dot;
}
