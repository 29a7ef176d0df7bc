#!/bin/sh
# Makes the pictures of docs/page.md in Chromium, on a home of its own:
#
#   docs/screens.sh ATELIER MODULES [RUNS]
#
# ATELIER is the program, MODULES a folder into which playwright-core of npm is installed, RUNS a
# folder of runs to show; without one, the recipe fashion is trained first.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
atelier=$(cd "$(dirname "$1")" && pwd)/$(basename "$1")
modules=$(cd "$2" && pwd)
place=$(mktemp -d)
trap 'kill "$studio" 2>/dev/null || true; wait "$studio" 2>/dev/null || true; rm -rf "$place"' EXIT
mkdir "$place/home"
[ -z "${3:-}" ] || cp -r "$3" "$place/runs"
cp "$here/../page/testdata/screens.mjs" "$modules/atelier-screens.mjs"
cd "$place"
export ATELIER_HOME="$place/home"
"$atelier" studio --listen 127.0.0.1:0 --quiet >studio.txt &
studio=$!
until grep -qs "^open " studio.txt; do
	kill -0 "$studio"
	sleep 0.2
done
node "$modules/atelier-screens.mjs" "$(command -v chromium)" "$(sed -n 's/^open //p' studio.txt)" "$here/images" "$here/../bench/photos/autumn-hills.jpg"
