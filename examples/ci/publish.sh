#!/bin/sh
# Builds a shop's bundle and publishes it; for cron, or for any CI that runs a shell.
#
#   VITRINE_RELEASE=https://…/vitrine-0.1.0-linux-x86_64.tar.gz  VITRINE_SHA256=…  sh publish.sh
#
# Settings (environment):
#   CONFIG           the shop's configuration                          vitrine.toml
#   STATE            kept from run to run: cache, bundle               .vitrine-state
#   VITRINE_RELEASE  address or path of the indexer's tarball
#   VITRINE_SHA256   its SHA-256, from the release's SHA256SUMS
#   PUBLISH          command that uploads; gets the bundle's folder    none: only build
set -eu
config=${CONFIG:-vitrine.toml}
state=${STATE:-.vitrine-state}
mkdir -p "$state"

# 1. The indexer: one tarball, nothing to compile or install.
if [ ! -x "$state/indexer/bin/vitrine" ] || [ "$(cat "$state/indexer.sha256" 2>/dev/null)" != "$VITRINE_SHA256" ]; then
  case $VITRINE_RELEASE in
    http*) curl -fsSL --retry 3 -o "$state/indexer.tar.gz" "$VITRINE_RELEASE" ;;
    *) cp "$VITRINE_RELEASE" "$state/indexer.tar.gz" ;;
  esac
  echo "$VITRINE_SHA256  $state/indexer.tar.gz" | sha256sum -c - >&2
  rm -rf "$state/indexer"
  mkdir "$state/indexer"
  tar -xzf "$state/indexer.tar.gz" -C "$state/indexer" --strip-components=1
  echo "$VITRINE_SHA256" >"$state/indexer.sha256"
fi
vitrine=$state/indexer/bin/vitrine
parts=$(cd "$state/indexer/share/vitrine" && pwd)

# 2. The bundle, onto the one of the last run: what did not change is computed once and keeps its name.
"$vitrine" build -c "$config" -o "$state/bundle" --report "$state/report.json" \
  --set "build.cache=$(cd "$state" && pwd)/cache" \
  --set "publish.engine=$parts/vitrine.wasm" --set "publish.package=$parts/web" >"$state/summary.txt"
cat "$state/summary.txt"

# 3. Nothing is published that is not sound. (A quality gate that is not met made `build` end with 3.)
"$vitrine" verify "$state/bundle"
if [ -f "$state/published/manifest.json" ]; then
  "$vitrine" inspect --diff "$state/published" "$state/bundle" | tee "$state/difference.txt"
fi

# 4. Upload: files first, the manifest last (`vitrine hosting s3` prints such a script).
if [ -n "${PUBLISH:-}" ]; then
  sh -c "$PUBLISH \"\$1\"" publish "$state/bundle"
fi
rm -rf "$state/published"
cp -r "$state/bundle" "$state/published"
