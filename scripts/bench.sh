#!/usr/bin/env bash
# Measures speed and size: the stages of the demo's build from nothing, the bytes of its bundle, and
# every benchmark that needs no arguments: programs bench_* and tests/bench/*.bench.mjs.
# Arguments go to the programs (e.g. --benchmark_filter=Search).
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
scripts/setup.sh bench
scripts/build.sh

quietly build/logs/configure_bench.log cmake --preset release -DVITRINE_BENCH=ON
quietly build/logs/build_bench.log cmake --build --preset release -j "$jobs"
rm -rf build/demo-cache
scripts/make_demo.sh
grep '^seconds' build/logs/demo_index.log
build/vitrine inspect build/demo/bundle

# 350 MB of random weights, for the time of a model of full size; without it that benchmark is skipped.
vit=build/deps/models/random-vit-b32
[[ -f $vit/vision_model.onnx ]] ||
  (quietly build/logs/random_vit.log node scripts/models/random_vit.mjs "$vit") || rm -rf "$vit"

while IFS= read -r program; do
  say "${program#build/}"
  "$program" "$@"
done < <(find build -name deps -prune -o -type f -executable -name 'bench_*' -print | LC_ALL=C sort)
while IFS= read -r script; do
  say "$script"
  node "$script"
done < <(find tests/bench -name '*.bench.mjs' | LC_ALL=C sort)
