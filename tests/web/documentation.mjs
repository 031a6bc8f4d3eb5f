// The examples of the documentation, for the tests that run them.
import {readFileSync} from "node:fs";
import {join} from "node:path";
import {root} from "./browser.mjs";

/** The fenced blocks of a page of docs/, in one language, in their order. */
export function examples(page, language) {
  const text = readFileSync(join(root, "docs", page), "utf8");
  return [...text.matchAll(/^```(\w+)\n(.*?)^```$/gms)].filter(([, name]) => name === language).map(([, , code]) => code);
}

/** All languages that a page has blocks in. */
export function languages(page) {
  const text = readFileSync(join(root, "docs", page), "utf8");
  return [...new Set([...text.matchAll(/^```(\w+)\n/gm)].map(([, name]) => name))];
}
