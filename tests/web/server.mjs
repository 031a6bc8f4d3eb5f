// A static file server for the tests, with the headers under which the package must work.
import {createReadStream, statSync} from "node:fs";
import {createServer} from "node:http";
import {extname, join, normalize, resolve, sep} from "node:path";
import {fileURLToPath} from "node:url";

export const STRICT_CSP = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; img-src 'self'; " +
  "font-src 'self'; connect-src 'self'; worker-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'none'";

const TYPES = {
  ".html": "text/html; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8",
  ".json": "application/json", ".svg": "image/svg+xml", ".jpg": "image/jpeg", ".png": "image/png", ".webp": "image/webp",
  ".wasm": "application/wasm", ".bin": "application/octet-stream", ".woff2": "font/woff2",
};

/**
 * Serves `roots` (later ones behind earlier ones) on loopback.
 * @param {string[]} roots
 * @param {{headers?: Record<string, string>, handle?: (request, response) => boolean}} options
 *   `handle` may answer a request itself by returning true.
 */
export async function serve(roots, {headers = {}, handle} = {}) {
  const server = createServer((request, response) => {
    if (handle?.(request, response)) return;
    const path = normalize(decodeURIComponent(new URL(request.url, "http://x").pathname));
    const file = roots.map((root) => join(resolve(root), path.endsWith(sep) ? join(path, "index.html") : path))
      .find((name, i) => name.startsWith(resolve(roots[i])) && isFile(name));
    if (!file && path === "/favicon.ico") {
      response.writeHead(204).end();
      return;
    }
    if (!file) {
      response.writeHead(404, {"content-type": "text/plain"}).end("not found");
      return;
    }
    response.writeHead(200, {"content-type": TYPES[extname(file)] ?? "application/octet-stream", "cache-control": "no-cache", ...headers});
    createReadStream(file).pipe(response);
  });
  await new Promise((ready) => server.listen(0, "127.0.0.1", ready));
  const {port} = server.address();
  return {url: `http://127.0.0.1:${port}/`, close: () => new Promise((done) => { server.closeAllConnections?.(); server.close(done); })};
}

function isFile(name) {
  try {
    return statSync(name).isFile();
  } catch {
    return false;
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const site = await serve(process.argv.slice(2), {headers: {"content-security-policy": STRICT_CSP}});
  console.log(site.url);
}
