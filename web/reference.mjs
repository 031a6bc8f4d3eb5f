// The reference of the package, from its types and doc comments:
//   node reference.mjs            writes docs/storefront_api.md
//   node reference.mjs --check    fails when that file is not what it would write
// and customElements(), the manifest of the elements that editors read (dist/custom-elements.json).
import {create, ts as analyzerTs} from "@custom-elements-manifest/analyzer";
import {existsSync, readFileSync, writeFileSync} from "node:fs";
import {dirname, join} from "node:path";
import {fileURLToPath} from "node:url";
import ts from "typescript";

const here = dirname(fileURLToPath(import.meta.url));
const REFERENCE = join(here, "..", "docs", "storefront_api.md");

// The elements, each with the file of the package that holds it.
const ELEMENTS = {"recs.ts": "dist/vitrine.js", "search.ts": "dist/search_box.js", "privacy.ts": "dist/privacy.js"};
// The modules that a shop imports, and what they are for.
const MODULES = [
  ["vitrine", "index.ts", "Importing it does nothing by itself."],
  ["vitrine/search", "elements/search.ts", "Registers `<vitrine-search>`; `vitrine/define` brings it when it is on the page."],
  ["vitrine/bridges", "bridges.ts", "Reads what a page has of analytics and consent; `vitrine/define` brings it where it is of use."],
  ["vitrine/experiments", "experiments.ts", "A/B tests without a server."],
];

/** The custom elements manifest (schema 1.0.0). */
export function customElements() {
  const names = Object.keys(ELEMENTS).filter((name) => existsSync(join(here, "src/elements", name)));
  const manifest = create({modules: names.map((name) => analyzerTs.createSourceFile(
    name, readFileSync(join(here, "src/elements", name), "utf8"), analyzerTs.ScriptTarget.ES2022, true))});
  for (const module of manifest.modules) {
    module.declarations = module.declarations.filter(({tagName}) => tagName);
    for (const element of module.declarations) {
      element.events = element.events?.filter(({description}) => description);
      element.members = element.members?.filter(({name, privacy, static: isStatic}) =>
        !name.startsWith("#") && !isStatic && privacy !== "private" && privacy !== "protected");
    }
    const own = new Set(module.declarations.map(({name}) => name));
    const path = ELEMENTS[module.path];
    module.exports = module.exports.filter((each) => own.has(each.declaration.name))
      .map((each) => ({...each, declaration: {...each.declaration, module: path}}));
    module.path = path;
  }
  return manifest;
}

const code = (text) => (text ? `\`${text.replace(/\s*\n\s*/g, " ").replaceAll("|", "\\|").trim()}\`` : "");
const cell = (text = "") => prose(text).replace(/\s*\n\s*/g, " ").replaceAll("|", "\\|").trim();
// Tags in prose are code.
const prose = (text) => text.replace(/(?<!`)<[\w-]+>(?!`)/g, "`$&`");

function table(head, rows) {
  if (rows.length === 0) return "";
  return `\n| ${head.join(" | ")} |\n|${head.map(() => "---|").join("")}\n${rows.map((row) => `| ${row.join(" | ")} |`).join("\n")}\n`;
}

function elementSection({tagName, description, attributes = [], events = [], slots = [], cssParts = [], cssProperties = []}) {
  return `\n### \`<${tagName}>\`\n\n${description}\n` +
    table(["attribute", "type", "meaning"], attributes.map((a) => [code(a.name), code(a.type?.text), cell(a.description)])) +
    table(["event", "type", "when"], events.map((e) => [code(e.name), code(e.type?.text), cell(e.description)])) +
    table(["slot", "content"], slots.map((s) => [s.name ? code(s.name) : "(default)", cell(s.description)])) +
    table(["part", "what it is"], cssParts.map((p) => [code(p.name), cell(p.description)])) +
    table(["custom property", "default", "what it sets"], cssProperties.map((p) => [code(p.name), code(p.default), cell(p.description)]));
}

// ---- the modules, through TypeScript's checker ----

class ModuleReference {
  #checker;

  constructor(checker) {
    this.#checker = checker;
  }

  section(source, [name, , purpose]) {
    const symbols = this.#checker.getExportsOfModule(this.#checker.getSymbolAtLocation(source)).map((symbol) =>
      symbol.flags & ts.SymbolFlags.Alias ? this.#checker.getAliasedSymbol(symbol) : symbol);
    const elements = symbols.filter((symbol) => /^Vitrine/.test(symbol.name) && symbol.flags & ts.SymbolFlags.Class);
    return `\n## \`import {…} from "${name}"\`\n\n${purpose}\n` + symbols.filter((symbol) => !elements.includes(symbol))
      .sort((a, b) => a.name.localeCompare(b.name, "en")).map((symbol) => this.#symbol(symbol)).join("");
  }

  #symbol(symbol) {
    const declaration = symbol.valueDeclaration ?? symbol.declarations[0];
    const head = `\n### \`${symbol.name}\`\n\n${this.#doc(symbol)}\n`;
    if (ts.isFunctionDeclaration(declaration)) return head + this.#block(this.#signature(symbol, declaration));
    if (ts.isVariableDeclaration(declaration)) return head + this.#block(`const ${symbol.name}: ${this.#typeText(symbol, declaration)}`);
    if (ts.isTypeAliasDeclaration(declaration)) return head + this.#block(`type ${symbol.name} = ${declaration.type.getText().replace(/^\| /, "")}`);
    return head + this.#members(declaration);
  }

  #members(declaration) {
    const members = this.#checker.getTypeAtLocation(declaration).getProperties().filter((symbol) => {
      const [own] = symbol.declarations ?? [];
      return own?.getSourceFile() === declaration.getSourceFile() && !symbol.name.startsWith("#") && !symbol.name.startsWith("__#");
    });
    const rows = members.map((symbol) => {
      const [own] = symbol.declarations;
      const text = ts.isMethodDeclaration(own) || ts.isMethodSignature(own) ? this.#signature(symbol, own)
        : `${symbol.name}${own.questionToken ? "?" : ""}: ${own.type?.getText() ?? this.#typeText(symbol, own)}`;
      return [code(text), cell(this.#doc(symbol))];
    });
    return table([ts.isClassDeclaration(declaration) ? "method" : "field", "meaning"], rows);
  }

  #signature(symbol, declaration) {
    const parameters = declaration.parameters.map((parameter) => {
      const optional = parameter.questionToken || parameter.initializer ? "?" : "";
      return `${parameter.name.getText()}${optional}: ${parameter.type?.getText().replace(/\s+/g, " ")}`;
    });
    return `${symbol.name}(${parameters.join(", ")}): ${declaration.type?.getText() ?? "void"}`;
  }

  #typeText(symbol, declaration) {
    return this.#checker.typeToString(this.#checker.getTypeOfSymbolAtLocation(symbol, declaration));
  }

  #doc(symbol) {
    const text = ts.displayPartsToString(symbol.getDocumentationComment(this.#checker));
    const parameters = symbol.getJsDocTags(this.#checker).filter(({name}) => name === "param")
      .map((tag) => ts.displayPartsToString(tag.text).replace(/^(\S+) (.*)/s, "`$1`: $2."));
    return [prose(text), ...parameters].filter(Boolean).join(" ");
  }

  #block(text) {
    return `\n\`\`\`ts\n${text}\n\`\`\`\n`;
  }
}

function reference() {
  const paths = MODULES.map(([, file]) => join(here, "src", file));
  const {options} = ts.parseJsonConfigFileContent(
    ts.readConfigFile(join(here, "tsconfig.json"), ts.sys.readFile).config, ts.sys, here);
  const program = ts.createProgram(paths, options);
  const modules = new ModuleReference(program.getTypeChecker());
  return "# Reference of the storefront package\n\nMade from the types by `node web/reference.mjs`; the guide is [storefront.md](storefront.md).\n\n## Elements\n" +
    customElements().modules.flatMap(({declarations}) => declarations).map(elementSection).join("") +
    MODULES.map((module, i) => modules.section(program.getSourceFile(paths[i]), module)).join("");
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const text = reference();
  if (process.argv[2] !== "--check") {
    writeFileSync(REFERENCE, text);
  } else if (!existsSync(REFERENCE) || readFileSync(REFERENCE, "utf8") !== text) {
    console.error("docs/storefront_api.md is not what the types say: run node web/reference.mjs");
    process.exitCode = 1;
  }
}
