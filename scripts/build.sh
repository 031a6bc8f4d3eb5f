#!/usr/bin/env bash
# Builds everything: build/vitrine, build-wasm/ and web/dist/.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
scripts/setup.sh

# cmake_build PRESET: configures and builds it; says what the compiler said when that fails.
cmake_build() {
  quietly "build/logs/configure_$1.log" cmake --preset "$1"
  quietly "build/logs/build_$1.log" cmake --build --preset "$1" -j "$jobs"
}

say "building the indexer (C++, native)"
cmake_build release

if [[ -f wasm/CMakeLists.txt ]]; then
  say "building the engine (C++, WebAssembly)"
  cmake_build wasm
else
  say "wasm/ has no CMakeLists.txt yet: no WebAssembly built"
fi

if [[ -f web/package.json ]]; then
  say "building the web package"
  quietly build/logs/build_web.log npm --prefix web run build --if-present
fi
