// The indexer beside this page, where `vitrine serve --own-shops` offers it (indexer/publish/own_shop.h):
// hands it tables and photos on this machine and gets a bundle back.
import type {Found} from "./pages/own.js";

const AT_ONCE = 8;

let offered: Promise<boolean> | undefined;

/** Whether there is one; a static host has none. */
export function canIndex(): Promise<boolean> {
  offered ??= fetch("own-shop/").then(({ok}) => ok, () => false);
  return offered;
}

async function ask(method: string, path: string, body?: File): Promise<Response> {
  const response = await fetch(`own-shop/${path.split("/").map(encodeURIComponent).join("/")}`,
    {method, headers: {"X-Vitrine-Own-Shop": "1"}, ...(body && {body})});
  if (response.ok || response.status === 415) return response;  // 415: a picture that it does not read
  const {error} = await response.json().catch(() => ({})) as {error?: string};
  throw new Error(error ?? `${path}: ${response.status}`);
}

/** The bundle of these files, and what the indexer said. Nothing of them stays with it. */
export async function index(files: Found[], say: (text: string) => void): Promise<{bundle: Found[]; log: string}> {
  await ask("DELETE", "files");
  try {
    say(`Handing ${files.length} files to the indexer …`);
    await each(files, ({path, file}) => ask("PUT", `files/${path}`, file));
    say("Indexing: reading, comparing, joining …");
    const made = await (await ask("POST", "bundle")).json() as {files: string[]; log: string};
    const bundle = await each(made.files, async (name) => {
      const bytes = await (await ask("GET", `bundle/${name}`)).blob();
      return {path: `bundle/${name}`, file: new File([bytes], name.split("/").at(-1)!, {type: bytes.type})};
    });
    return {bundle, log: made.log};
  } finally {
    await ask("DELETE", "files");
  }
}

async function each<T, R>(list: T[], run: (one: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  for (let at = 0; at < list.length; at += AT_ONCE) results.push(...await Promise.all(list.slice(at, at + AT_ONCE).map(run)));
  return results;
}
