#!/usr/bin/env bash
# Puts ONNX Runtime below build/deps/onnxruntime: C headers (include/) and a CPU library (lib/).
#   usage: scripts/setup_onnxruntime.sh [DIR]
# Needs apt-get, dpkg-deb, npm and tar, but no root: apt runs on a private configuration.
#
# Debian 12 has no ONNX Runtime. The headers (85 kB) come from the suite that has them, trixie,
# through this machine's own mirror, checked by apt against Debian's signature. They ask for API
# version 21, which every later library still serves; vitrine loads the library at run time, so the
# two need not be of one version. The library comes from an npm package that carries the official
# CPU build, at a pinned version and checksum.
set -euo pipefail
cd "$(dirname "$0")/.."
target=${1:-build/deps/onnxruntime}
version=1.13.8  # of the package; the library in it is ONNX Runtime 1.28
case $(uname -m) in
  x86_64) package=sherpa-onnx-linux-x64
          sha256=4b3607aebd1784b26b6f9b20e4bd974c7ab8287043e4d095cb7d2cb40b5e566e ;;
  aarch64) package=sherpa-onnx-linux-arm64
           sha256=cfc800d4438f15e8d9017521326776ca7117d8783cb847ccccc2fc61ac4d540f ;;
  *) echo "setup: no ONNX Runtime package is known for $(uname -m); put its headers into" \
          "$target/include and point ORT_LIB at the library" >&2; exit 1 ;;
esac
stamp="$package@$version trixie"
if [[ -f $target/stamp && $(<"$target/stamp") == "$stamp" ]]; then exit 0; fi

echo "setup: ONNX Runtime, which runs the encoders (library: npm $package $version;" \
     "headers: libonnxruntime-dev of Debian trixie)" >&2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

headers_from_debian() {
  local mirror keyring=/usr/share/keyrings/debian-archive-keyring.gpg
  mirror=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' 2>/dev/null |
    grep -E '/debian/?$' | head -1)
  [[ -n $mirror ]] || return 1
  mkdir -p "$work"/apt/{lists,cache/archives}/partial
  printf 'Types: deb\nURIs: %s\nSuites: trixie\nComponents: main\nSigned-By: %s\n' \
    "$mirror" "$keyring" >"$work/apt/trixie.sources"
  # The machine's own apt settings (proxies) stay; its package lists and sources are not touched.
  local apt=(apt-get -qq -o APT::Sandbox::User= -o Acquire::Languages=none -o Acquire::Retries=3
    -o Dir::Etc::sourcelist="$work/apt/trixie.sources" -o Dir::Etc::sourceparts=-
    -o Dir::State::lists="$work/apt/lists" -o Dir::Cache="$work/apt/cache")
  "${apt[@]}" update && (cd "$work" && "${apt[@]}" download libonnxruntime-dev) || return 1
  dpkg-deb -x "$work"/libonnxruntime-dev_*.deb "$work/deb"
  mv "$work/deb/usr/include/onnxruntime" "$work/include"
}

# The other npm package that carries the headers is 150 MB, so only when Debian's cannot be had.
headers_from_npm() {
  echo "setup: Debian trixie could not be reached; taking the headers from npm" >&2
  (cd "$work" && npm pack --silent com.github.asus4.onnxruntime@0.4.9 >/dev/null 2>&1)
  mkdir -p "$work/include"
  tar -xzf "$work"/com.github.asus4.onnxruntime-*.tgz -C "$work/include" --strip-components=7 \
    'package/Plugins/iOS~/onnxruntime.xcframework/ios-arm64/onnxruntime.framework/Headers'
}

(cd "$work" && npm pack --silent "$package@$version" >/dev/null 2>&1) ||
  { echo "setup: npm could not fetch $package@$version" >&2; exit 1; }
mkdir -p "$work/lib"
tar -xzf "$work/$package-$version.tgz" -C "$work/lib" --strip-components=1 package/libonnxruntime.so
echo "$sha256  $work/lib/libonnxruntime.so" | sha256sum --check --quiet ||
  { echo "setup: the library in $package@$version is not the one we know" >&2; exit 1; }
headers_from_debian || headers_from_npm
[[ -f $work/include/onnxruntime_c_api.h ]] ||
  { echo "setup: onnxruntime_c_api.h is missing from what was downloaded" >&2; exit 1; }

rm -rf "$target"
mkdir -p "$target"
mv "$work/include" "$work/lib" "$target/"
chmod -R u=rwX,go=rX "$target"
echo "$stamp" >"$target/stamp"
