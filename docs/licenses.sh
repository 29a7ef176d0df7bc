#!/bin/bash
# Writes docs/licenses.md: the licences of everything that is linked into the
# program on this system, as go-licenses finds them. Run: docs/licenses.sh
set -euo pipefail
cd "$(dirname "$0")/.."

found=$(GOFLAGS= go run github.com/google/go-licenses@v1.6.0 csv --ignore atelier ./cmd/atelier 2>/dev/null)
{
  cat <<'HEAD'
# Licences of the dependencies

Made by `docs/licenses.sh` with [go-licenses](https://github.com/google/go-licenses)
v1.6.0; do not edit. These modules are linked into `atelier`; their texts are in
the module cache of every build (`go mod download`), and all of them allow use
together with Apache-2.0. The embedded data is covered separately by
[its NOTICE](../data/source/starter/NOTICE), and the embedded language model by
[another](../model/brought/stories/NOTICE); the numbering plans of telephones,
`internal/phone/numbers.txt`, are from the metadata of libphonenumber (Apache-2.0). PDFium, which go-pdfium
holds as WebAssembly, is under the BSD-3-Clause and Apache-2.0 licences.

| package | version | licence |
|---|---|---|
HEAD
  while IFS=, read -r package _ licence; do
    version=$(go list -f '{{with .Module}}{{.Version}}{{end}}' "$package" 2>/dev/null || true)
    [ -n "$version" ] || version=$(go list -m -f '{{.Version}}' "$package")
    case $package in # what the tool does not tell
    github.com/ajstarks/svgo) licence=CC-BY-4.0 ;;
    modernc.org/mathutil) licence=BSD-3-Clause ;;
    codeberg.org/go-fonts/liberation) licence+="; the fonts: OFL-1.1" ;;
    github.com/golang/freetype/raster) licence="FTL (or GPL-2.0-or-later, of which FTL is chosen)" ;;
    esac
    if [ "$licence" = Unknown ]; then
      echo "licenses.sh: no licence known of $package" >&2
      exit 1
    fi
    echo "| $package | $version | $licence |"
  done <<<"$found"
} >docs/licenses.md.new
mv docs/licenses.md.new docs/licenses.md
