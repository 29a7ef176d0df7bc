#!/bin/sh
# Runs every command of the pages on pictures on the photos that they name, and fails if one
# fails:
#
#   docs/gallery.sh ATELIER [FOLDER]
#
# ATELIER is the program. What is made stays in FOLDER, if one is named, to look at.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
atelier=$(cd "$(dirname "$1")" && pwd)/$(basename "$1")
out=${2:-}
if [ -z "$out" ]; then
	out=$(mktemp -d)
	trap 'rm -rf "$out"' EXIT
fi
mkdir -p "$out"
cp "$here"/../bench/photos/*.jpg "$out"
cd "$out"
mkdir -p home
export ATELIER_HOME="$out/home"
mkdir -p photos
cp ./*.jpg photos
commands=$(for page in one-picture cutout collage stylize enlarge sheet level; do sed -n 's/^\$ atelier //p' "$here/$page.md"; done)
printf '%s\n' "$commands" | while IFS= read -r words; do
	echo "atelier $words"
	eval "\"$atelier\" $words" 2>errors.txt || { cat errors.txt; echo "failed: atelier $words"; exit 1; }
done
