#!/bin/bash
# Makes the scripts of others that the pages carry, from packages of npm, and says their
# hashes, which viewer_test.go holds. Needs npm and gzip. Run: internal/viewer/vendor/vendor.sh
set -euo pipefail
cd "$(dirname "$0")"
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT

npm install --silent --no-audit --no-fund --legacy-peer-deps --prefix "$out" three@0.187.0 @google/model-viewer@4.4.0 esbuild@0.28.2
cp three.entry.js "$out/entry.js"
(cd "$out" && npx esbuild entry.js --bundle --minify --format=esm --legal-comments=inline --outfile=three.js --log-level=warning)
cp "$out/node_modules/@google/model-viewer/dist/model-viewer.min.js" "$out/model-viewer.js"
for script in three.js model-viewer.js; do
  gzip -9 -n -c "$out/$script" >"$script.gz"
  (cd "$out" && sha256sum "$script")
done
