#!/usr/bin/env bash
# Static checks: layout, clang-tidy, types of the web package. Usage: lint.sh [--all]
# clang-tidy looks at what differs from the branch main; with --all at everything (some minutes).
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
scripts/setup.sh lint
mkdir -p build/logs

failed=0
say "checking the layout of the C++ files"
scripts/format.sh --check || failed=1

# changed_sources: C++ sources that differ from main; headers are checked through them.
changed_sources() {
  local base
  base=$(git merge-base HEAD main 2>/dev/null || git rev-parse HEAD)
  { git diff --name-only --diff-filter=d "$base" -- '*.cc'; git ls-files --others --exclude-standard '*.cc'; } | sort -u
}
if [[ ${1:-} == --all ]]; then
  mapfile -t sources < <(git ls-files '*.cc')
else
  mapfile -t sources < <(changed_sources)
fi
# Only what the native build compiles can be checked: wasm/ and fuzz targets have builds of their own.
quietly build/logs/configure_dev.log cmake --preset dev
mapfile -t sources < <(for source in "${sources[@]}"; do
  if grep -qF "\"$project/$source\"" build-dev/compile_commands.json; then printf '%s\n' "$source"; fi
done)
say "clang-tidy on ${#sources[@]} files"
if ((${#sources[@]})); then
  printf '%s\0' "${sources[@]}" |
    xargs -0 -n 1 -P "$jobs" clang-tidy-14 -p build-dev --quiet 2>build/logs/clang_tidy.log || failed=1
fi

if [[ -f web/tsconfig.json ]]; then
  say "checking the types of the web package"
  (cd web && npx --no-install tsc --noEmit) || failed=1
fi
((failed == 0)) || die "lint found something; it is above"
say "lint found nothing"
