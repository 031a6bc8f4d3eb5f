// Gives the unit tests a module of web/src, compiled in memory.
import {join} from "node:path";
import {createRequire} from "node:module";
import {root} from "../browser.mjs";

const {build} = createRequire(join(root, "web", "package.json"))("esbuild");

export async function load(name) {
  const {outputFiles} = await build({
    entryPoints: [join(root, "web", "src", name)], bundle: true, format: "esm", write: false, target: "node18",
    logLevel: "error",
  });
  return import(`data:text/javascript;base64,${Buffer.from(outputFiles[0].contents).toString("base64")}`);
}
