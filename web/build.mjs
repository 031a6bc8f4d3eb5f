// Builds dist/ (the package) and demo/dist/ (the demo storefront, complete but for its data:
// catalogue.json, images/ and bundle/). Usage: node build.mjs
import {execFileSync} from "node:child_process";
import {cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync} from "node:fs";
import {basename, dirname, join, relative} from "node:path";
import {fileURLToPath} from "node:url";
import {brotliCompressSync} from "node:zlib";
import {build} from "esbuild";
import {minify} from "terser";
import {customElements} from "./reference.mjs";

const here = dirname(fileURLToPath(import.meta.url));
process.chdir(here);
// No minifyWhitespace: it drops the comments that tell bundlers what to leave alone. terser makes up for it.
const common = {bundle: true, minifySyntax: true, minifyIdentifiers: true, sourcemap: true, target: "es2022", logLevel: "warning", legalComments: "none"};

// Layout in css`` and html`` literals is for people: it does not travel.
const tightLiterals = {
  name: "tight-literals",
  setup({onLoad}) {
    onLoad({filter: /src[\\/]elements[\\/].*\.ts$/}, ({path}) => ({
      loader: "ts",
      contents: readFileSync(path, "utf8")
        .replace(/\bcss`[^`]*`/g, (css) => css.replace(/\/\*.*?\*\//gs, "").replace(/\s+/g, " ").replace(/ ?([{};,]) ?/g, "$1").replace(/: /g, ":").replace(/;}/g, "}").replace(/(?<=[:,( ])0\./g, "."))
        .replace(/(?<=html`[^`]*)\n\s+/g, " ").replace(/(?<=html`[^`]*)> </g, "><").replace(/html` /g, "html`"),
    }));
  },
};

rmSync("dist", {recursive: true, force: true});
rmSync("demo/dist", {recursive: true, force: true});

// What is imported dynamically is a file of its own that a page loads when it first needs it. Such
// parts share no state with the core, so the same files serve the modules and the script-tag build.
const later = ["host", "personal", "refine", "storage", "store", "elements/template", "elements/privacy", "bridges",
               "search", "search/host", "elements/search",
               ...readdirSync("src/locales").map((name) => `locales/${name.replace(/\.ts$/, "")}`)];
// Flat but for the locales, so that a part finds the others from wherever it is.
const outName = (name) => name.replace(/^elements\/search$/, "search_box").replace(/^elements\//, "")
  .replace(/^search\/host$/, "search_host").replace(/^index$/, "vitrine");
const loadedLater = {
  name: "loaded-later",
  setup({onResolve}) {
    onResolve({filter: /^\.\.?\//}, ({kind, path, resolveDir}) => {
      if (kind !== "dynamic-import") return undefined;
      const name = relative(join(here, "src"), join(resolveDir, path)).replaceAll("\\", "/");
      const part = name.replace(/\.js$/, "");
      if (![...later, "index"].includes(part)) throw new Error(`build.mjs: add ${name} to "later"`);
      return {path: `./${outName(part)}.js`, external: true};
    });
  },
};
// Lit without what it does for old browsers and for other packages.
const leanLit = {
  name: "lean-lit",
  setup({onLoad, onResolve}) {
    // Polyfills of shadow roots, and the list of versions that only the development build reads.
    onLoad({filter: /lit-html[\\/]lit-html\.js$|reactive-element\.js$/}, ({path}) => {
      const text = readFileSync(path, "utf8");
      const lean = text.replace(/\w+\?\.\([^()]*\),\(\w+\.(litHtml|reactiveElement)Versions\?\?=\[\]\)\.push\("[\d.]+"\)/, "0");
      if (lean === text) throw new Error(`build.mjs: ${path} has changed`);
      return {contents: lean};
    });
    onResolve({filter: /css-tag\.js$/}, () => ({path: join(here, "src/css_tag.ts")}));
    onResolve({filter: /^lit$/}, () => ({path: join(here, "src/lit_element.ts")}));
  },
};
// Parts that are loaded later use the Lit that the page has.
const litOfThePage = {
  name: "lit-of-the-page",
  setup({onResolve}) {
    onResolve({filter: /^lit$/}, () => ({path: join(here, "src/lit_of_the_page.ts")}));
  },
};
const core = {...common, plugins: [tightLiterals, leanLit, loadedLater]};

// The modules share their state through common chunks.
await build({...core, format: "esm", splitting: true, outdir: "dist", chunkNames: "chunk-[hash]",
             entryPoints: {vitrine: "src/index.ts", define: "src/define.ts", experiments: "src/experiments.ts"}});
for (const name of later) {
  await build({...core, plugins: [litOfThePage, ...core.plugins], format: "esm", outfile: `dist/${outName(name)}.js`, entryPoints: [`src/${name}.ts`]});
}
// One file each, so that a page needs one request.
await build({...common, format: "iife", outfile: "dist/worker.js", entryPoints: ["src/worker.ts"]});
await build({...common, format: "esm", outfile: "dist/search_worker.js", entryPoints: ["src/search/worker.ts"]});
await build({...core, format: "iife", globalName: "vitrine", outfile: "dist/vitrine.script.js",
             entryPoints: ["src/define.ts"]});
await build({...common, minify: true, outfile: "dist/vitrine.css", entryPoints: ["src/vitrine.css"]});
// esbuild joins the files; terser says the same in fewer bytes.
for (const name of readdirSync("dist", {recursive: true}).filter((name) => name.endsWith(".js"))) {
  const path = join("dist", name);
  const {code, map} = await minify(readFileSync(path, "utf8"), {
    format: {quote_style: 2, comments: /webpackIgnore|@vite-ignore/},  // without them bundlers look for what only the page can name
    ecma: 2020, module: !/script|worker/.test(name), compress: {passes: 3, ecma: 2020, unsafe_arrows: true, unsafe_methods: true, pure_getters: true, keep_fargs: false},
    // The script tag's file does not name its map, which stands beside it: every byte counts there.
    sourceMap: {content: readFileSync(`${path}.map`, "utf8"), ...(!name.includes("script") && {url: `${basename(name)}.map`})},
  });
  writeFileSync(path, code);
  writeFileSync(`${path}.map`, map);
}
// ONNX Runtime Web as it was published, only its WebAssembly backend: for search by meaning and photo.
mkdirSync("dist/ort");
for (const name of ["ort.wasm.min.mjs", "ort-wasm-simd-threaded.mjs", "ort-wasm-simd-threaded.wasm"]) {
  // As .js, since many hosts serve .mjs with a type that browsers refuse.
  cpSync(join("node_modules/onnxruntime-web/dist", name), join("dist/ort", name.replace(".mjs", ".js")));
}
execFileSync(process.execPath, ["node_modules/typescript/bin/tsc", "-p", "tsconfig.types.json"], {stdio: "inherit"});
writeFileSync("dist/custom-elements.json", JSON.stringify(customElements(), null, 1));

await build({...common, minify: true, format: "esm", outdir: "demo/dist", splitting: true, chunkNames: "shop-[hash]",
             entryPoints: readdirSync("demo/src/pages").map((name) => join("demo/src/pages", name)),
             plugins: [{
               name: "package-beside-the-shop",
               setup({onResolve}) {
                 onResolve({filter: /^vitrine\/define$/}, () => ({path: "./vitrine/define.js", external: true}));
               },
             }]});
await build({...common, minify: true, format: "iife", outdir: "demo/dist", entryPoints: ["demo/src/own_worker.ts"]});
await build({...common, minify: true, outdir: "demo/dist", external: ["fonts/*"],
             entryPoints: ["demo/src/shop.css", "demo/src/themes.css"]});
// Every page has the same head, header and footer.
for (const name of readdirSync("demo/public")) {
  const bytes = readFileSync(join("demo/public", name));
  writeFileSync(join("demo/dist", name), !name.endsWith(".html") ? bytes
    : String(bytes).replace(/ *<!--include (\w+)-->\n/g, (_, part) => readFileSync(`demo/src/parts/${part}.html`, "utf8")));
}
mkdirSync("demo/dist/fonts");
for (const font of ["@fontsource-variable/dm-sans/files/dm-sans-latin-wght-normal.woff2",
                    "@fontsource/instrument-serif/files/instrument-serif-latin-400-normal.woff2"]) {
  cpSync(join("node_modules", font), join("demo/dist/fonts", basename(font)));
}
mkdirSync("demo/dist/vitrine", {recursive: true});
for (const name of readdirSync("dist")) {
  if (name !== "types") cpSync(join("dist", name), join("demo/dist/vitrine", name), {recursive: true});
}

for (const name of readdirSync("dist", {recursive: true}).filter((name) => /^(?!types).*\.(js|css)$/.test(name))) {
  const bytes = readFileSync(join("dist", name));
  console.log(`${name.padEnd(24)} ${String(bytes.length).padStart(7)} B ${String(brotliCompressSync(bytes).length).padStart(7)} B brotli`);
}
