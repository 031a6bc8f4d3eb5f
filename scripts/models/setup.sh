#!/usr/bin/env bash
# Puts the image encoder that needs no account and no big download below build/deps/models:
# MobileNetV2 from the npm package nsfwjs (MIT), converted to ONNX, with what its original runtime
# computes for some inputs.
#   usage: scripts/models/setup.sh [DIR]
# Needs npm, node (18 or newer) and tar.
set -euo pipefail
here=$(realpath "$(dirname "$0")")
target=$(realpath -m "${1:-$here/../../build/deps/models}")/mobilenet-v2
version=4.3.0
sha256=4496790efc9bdc6f3e85a826a8e482c1fa1e9db4b3d18c095e98cc0c73cfb12f
tfjs=4.22.0
stamp="nsfwjs@$version tfjs@$tfjs $(cat "$here"/{mobilenet_v2,onnx_writer}.mjs | sha256sum | cut -c1-16)"
if [[ -f $target/stamp && $(<"$target/stamp") == "$stamp" ]]; then exit 0; fi

echo "setup: MobileNetV2 image encoder (npm nsfwjs $version, converted to ONNX and compared with" \
     "its own runtime, npm @tensorflow/tfjs-* $tfjs)" >&2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
(cd "$work" && npm pack --silent "nsfwjs@$version" >/dev/null 2>&1) ||
  { echo "setup: npm could not fetch nsfwjs@$version" >&2; exit 1; }
echo "$sha256  $work/nsfwjs-$version.tgz" | sha256sum --check --quiet ||
  { echo "setup: nsfwjs@$version is not the package we know" >&2; exit 1; }
tar -xzf "$work/nsfwjs-$version.tgz" -C "$work" package/LICENSE package/dist/models/mobilenet_v2_mid
npm install --silent --no-audit --no-fund --ignore-scripts --prefix "$work/tfjs" \
  "@tensorflow/tfjs-core@$tfjs" "@tensorflow/tfjs-converter@$tfjs" \
  "@tensorflow/tfjs-backend-cpu@$tfjs" >/dev/null 2>&1 ||
  { echo "setup: npm could not install TensorFlow.js $tfjs" >&2; exit 1; }
rm -rf "$target"
node "$here/mobilenet_v2.mjs" --package "$work/package" --tfjs "$work/tfjs/node_modules" \
  --out "$target" 2>"$work/log" >&2 || { cat "$work/log" >&2; exit 1; }
echo "$stamp" >"$target/stamp"
