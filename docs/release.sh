#!/bin/bash
# Builds the binaries of a release into a folder: stripped, without paths of this machine, and the
# same bytes from the same commit and Go version wherever they are built. Beside them go their
# SHA-256 checksums, the licence, and the licences of everything that is linked in.
# Run: docs/release.sh FOLDER [SYSTEM/PROCESSOR ...], such as docs/release.sh dist linux/arm64
set -euo pipefail
version=0.1.0
systems=(linux/amd64 linux/arm64 darwin/amd64 darwin/arm64 windows/amd64 windows/arm64)

if [ $# -lt 1 ]; then
  echo "release.sh: want a folder to write to, and if not for all of ${systems[*]}, the systems to build for" >&2
  exit 2
fi
mkdir -p "$1"
out=$(cd "$1" && pwd)
shift
[ $# -eq 0 ] || systems=("$@")
cd "$(dirname "$0")/.."
if [ -n "$(ls -A "$out")" ]; then
  echo "release.sh: $out is not empty; name a new folder" >&2
  exit 2
fi

export CGO_ENABLED=0 GOFLAGS="-mod=readonly -trimpath" GOTOOLCHAIN=local
for target in "${systems[@]}"; do
  os=${target%/*} arch=${target#*/} suffix=
  [ "$os" != windows ] || suffix=.exe
  GOOS=$os GOARCH=$arch go build -ldflags "-s -w -buildid= -X main.release=$version" \
    -o "$out/atelier-$version-$os-$arch$suffix" ./cmd/atelier
done

cp LICENSE NOTICE "$out/"
cp data/source/starter/NOTICE "$out/NOTICE-data.txt"
# The modules that are linked in on any of the systems, with the texts of their licences.
for target in "${systems[@]}"; do
  GOOS=${target%/*} GOARCH=${target#*/} go list -deps -f '{{with .Module}}{{if not .Main}}{{.Path}} {{.Version}} {{.Dir}}{{end}}{{end}}' ./cmd/atelier
done | sort -u | while read -r path of dir; do
  texts=$(find "$dir" -maxdepth 1 -type f \( -iname '*licen[cs]e*' -o -iname 'copying*' -o -iname 'notice*' \) | sort)
  if [ -z "$texts" ]; then
    echo "release.sh: $path $of has no licence in its root" >&2
    exit 1
  fi
  printf '==== %s %s\n\n' "$path" "$of"
  for text in $texts; do
    cat "$text"
    echo
  done
done >"$out/LICENSES-modules.txt"
cp "$(go env GOROOT)/LICENSE" "$out/LICENSE-go.txt"

cd "$out"
sha256sum -- * >SHA256SUMS
