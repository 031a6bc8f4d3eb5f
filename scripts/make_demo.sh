#!/usr/bin/env bash
# Makes the demo shop's site in build/demo, from nothing but what is built: draws the shop into
# build/demo-shop, indexes it, and puts the storefront, photos and bundle together.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

shop=$project/build/demo-shop
site=$project/build/demo

# The shop's bytes depend on its generator only.
generator=$(find examples/demo-shop -name node_modules -prune -o -type f ! -name vitrine.toml -print0 |
  LC_ALL=C sort -z | xargs -0 sha256sum | sha256sum)
if [[ ! -f $shop/stamp || $(<"$shop/stamp") != "$generator" ]]; then
  say "drawing the demo shop and simulating its shoppers"
  quietly build/logs/demo_generate.log node examples/demo-shop/generate.mjs --out "$shop"
  printf '%s\n' "$generator" >"$shop/stamp"
fi

say "indexing it"
quietly build/logs/demo_index.log build/vitrine build -c examples/demo-shop/vitrine.toml -o "$site/bundle" \
  --set "publish.engine=$project/build-wasm/wasm/vitrine.wasm" --set "build.cache=$project/build/demo-cache"

say "putting the storefront together"
quietly build/logs/demo_site.log node scripts/assemble_demo.mjs "$shop" "$site"
