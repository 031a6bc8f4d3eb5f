#!/usr/bin/env bash
# Runs every test. A suite says nothing but its result when it passes, and everything when it fails;
# the last line of the output is "N passed, N failed".
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
scripts/build.sh
scripts/make_demo.sh
quietly build/logs/package.log scripts/package.sh --no-build

results=$project/build/test_results
rm -rf "$results"
mkdir -p "$results"

say "running the C++ tests"
ctest --test-dir build --parallel "$jobs" --no-tests=error --output-junit "$results/ctest.xml" \
  --test-output-size-passed 100000 >"$results/ctest.log" 2>&1 </dev/null ||
  say "some C++ tests failed"

# Where the system's Node is too old for what the tests build with, the set-up installed another.
node=node
for installed in scripts/node/node_modules/node-linux-*/bin/node; do
  [[ -x $installed ]] && node=$installed
done
say "running the Node and browser tests"
mapfile -t node_tests < <(find tests examples -name node_modules -prune -o \
  -name '*.test.mjs' -print | LC_ALL=C sort)
((${#node_tests[@]})) || die "no *.test.mjs was found"
# A file that never ends is a failure, not a wait.
timeout 2100 "$node" --test --test-reporter=tap --test-reporter-destination="$results/node.tap" \
  --test-reporter=spec --test-reporter-destination="$results/node.log" \
  "${node_tests[@]}" >"$results/node.out" 2>&1 </dev/null || say "some Node tests failed"

say "done"
node scripts/test_summary.mjs "$results" || exit 1  # its last line is the last
