#!/usr/bin/env bash
# Packs what a release is: build/release/vitrine-VERSION-linux-ARCH.tar.gz, the indexer with every
# library, encoder and browser part that it needs on a bare Debian 12, and vitrine-VERSION.tgz, the npm
# package of web/ with the engine inside. SHA256SUMS names both.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
[[ ${1:-} == --no-build ]] || scripts/build.sh

version=$(sed -n 's/^project(vitrine VERSION \([0-9.]*\).*/\1/p' CMakeLists.txt)
name=vitrine-$version-linux-$(uname -m)
out=$project/build/release
rm -rf "$out"
mkdir -p "$out/$name/lib" "$out/$name/share/vitrine"
quietly build/logs/install.log cmake --install build --prefix "$out/$name" --strip

# bundled_libraries PROGRAM: the shared libraries that it needs and that a bare system may lack.
bundled_libraries() {
  ldd "$1" | awk '$3 ~ /^\// { print $3 }' |
    grep -vE '/(ld-linux[^/]*|lib(c|m|dl|rt|pthread|resolv))\.so' || true
}
while IFS= read -r library; do cp -L "$library" "$out/$name/lib/"; done < <(bundled_libraries build/vitrine)

# What the indexer loads when it is asked to look at photos.
if [[ -f build/deps/onnxruntime/lib/libonnxruntime.so ]]; then
  install -D build/deps/onnxruntime/lib/libonnxruntime.so "$out/$name/deps/onnxruntime/lib/libonnxruntime.so"
  while IFS= read -r library; do cp -Ln "$library" "$out/$name/lib/"; done \
    < <(bundled_libraries build/deps/onnxruntime/lib/libonnxruntime.so)
fi
[[ ! -d build/deps/models ]] || cp -r build/deps/models "$out/$name/deps/models"

# What it publishes: the engine, and the scripts of the web package.
cp build-wasm/wasm/*.wasm "$out/$name/share/vitrine/"
cp -r web/dist "$out/$name/share/vitrine/web"
find "$out/$name/share/vitrine/web" -name '*.map' -delete

# The same bytes whenever they are packed from the same files.
tar --sort=name --owner=0 --group=0 --numeric-owner --mtime='2000-01-01 00:00Z' -C "$out" -c "$name" |
  gzip -9n >"$out/$name.tar.gz"
rm -rf "${out:?}/$name"

# The npm package is web/ with the engines inside.
mkdir "$out/npm"
cp -r web/dist web/README.md "$out/npm/"
cp build-wasm/wasm/*.wasm "$out/npm/dist/"
[[ ! -f LICENSE ]] || cp LICENSE "$out/npm/"
node -e '
  const [from, to] = process.argv.slice(1), fs = require("fs");
  const description = JSON.parse(fs.readFileSync(from, "utf8"));
  for (const name of fs.readdirSync("build-wasm/wasm").filter((each) => each.endsWith(".wasm"))) {
    description.exports[`./${name}`] = `./dist/${name}`;
  }
  delete description.scripts;
  delete description.devDependencies;
  fs.writeFileSync(to, JSON.stringify(description, null, 2) + "\n");' web/package.json "$out/npm/package.json"
quietly build/logs/npm_pack.log npm pack "$out/npm" --pack-destination "$out" --offline
rm -rf "${out:?}/npm"
(cd "$out" && sha256sum -- *.tar.gz *.tgz >SHA256SUMS)
say "packed:"
(cd "$out" && ls -l -- *.tar.gz *.tgz)
