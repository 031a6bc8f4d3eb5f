#!/usr/bin/env bash
# The demo shop from nothing to a page on this machine: generate it, index it, put the site together,
# show three recommendations with their reasons, serve. Usage: demo.sh [--port N]
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
scripts/build.sh
scripts/make_demo.sh

engine=build-wasm/wasm/vitrine.wasm
cat build/logs/demo_index.log
node scripts/demo_samples.mjs build/demo-shop build/demo/bundle
echo

if [[ -t 0 ]]; then
  exec build/vitrine serve build/demo --own-shops "$engine" "$@"
fi
printf 'The demo is ready. To see it:\n  build/vitrine serve build/demo --own-shops %s\n' "$engine"
