// Stands for "lit" in the parts of the package that are loaded later (build.mjs): the Lit that came
// with the core. A second copy would be refused by pages that demand Trusted Types.
import {shared} from "./shared.js";

if (!shared.lit) await import("./index.js");
export const {css, html, LitElement, nothing} = shared.lit!;
