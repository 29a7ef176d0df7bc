package app

import (
	"fmt"
	"math"
	"path/filepath"
	"slices"
	"strings"

	"atelier/data"
	"atelier/data/codec"
	"atelier/internal/badinput"
	"atelier/internal/memory"
	"atelier/internal/picture"
	"atelier/internal/registry"
)

// The formats of pictures, and of those that move.
const (
	formatPNG  = "png"
	formatJPEG = "jpeg"
	formatWebP = "webp"
	formatGIF  = "gif"
	formatAPNG = "apng"
)

var stillFormats = []string{formatPNG, formatJPEG, formatWebP}

// extensions of formats; the first is that of files that have no name yet.
var extensions = map[string][]string{
	formatPNG: {".png"}, formatJPEG: {".jpg", ".jpeg"}, formatWebP: {".webp"}, formatGIF: {".gif"}, formatAPNG: {".apng"},
}

// formatFor is the format that is asked for, by name or else by the extension of a
// file; the first of those that there are if by neither.
func formatFor(asked, file string, known []string) (string, error) {
	extension := strings.ToLower(filepath.Ext(file))
	byName := slices.IndexFunc(known, func(f string) bool { return slices.Contains(extensions[f], extension) })
	switch {
	case asked != "" && !slices.Contains(known, asked):
		return "", registry.Unfit("format", fmt.Sprintf("no format %q; %s", asked, registry.Suggest(asked, known)))
	case asked != "" && byName >= 0 && known[byName] != asked:
		return "", registry.Unfit("format", fmt.Sprintf("%s is asked for, and %s is the name of a %s", asked, file, known[byName]))
	case asked != "":
		return asked, nil
	case byName >= 0:
		return known[byName], nil
	case extension == "":
		return known[0], nil
	}
	var names []string
	for _, f := range known {
		names = append(names, extensions[f][0])
	}
	return "", registry.Unfit("format", fmt.Sprintf("%s names none; want an extension of %s", file, strings.Join(names, ", ")))
}

// CheckPNG refuses a file whose name is that of another format than PNG.
func CheckPNG(file string) error {
	_, err := formatFor("", file, []string{formatPNG})
	return badinput.Mark(err)
}

// sheetRoom is how many pictures of a field a sheet of a format holds across and down.
func sheetRoom(f data.Field, format string) (columns, rows int) {
	if f.Kind != data.Pixels { // points of a plot
		return math.MaxInt32, math.MaxInt32
	}
	return codec.SheetRoom(f, picture.Format(format).Most())
}

// unfitSheet says of an input that it makes a sheet larger than its format can be.
func unfitSheet(input, format string, most, got int) error {
	return badinput.Mark(registry.Unfit(input, fmt.Sprintf("want at most %d for a sheet in one %s, which has no more than %d pixels on a side, got %d",
		most, format, picture.Format(format).Most(), got)))
}

// programRoom is what drawing takes whatever is drawn, in bytes.
const programRoom = 200 << 20

// roomFor refuses n pictures of a field that are held at once, each pixel as a square of
// scale pixels, where the machine has not the memory; input names what makes them as many.
func roomFor(input string, n int, f data.Field, scale int) error {
	if f.Kind != data.Pixels {
		return nil
	}
	// As numbers, which grow by copying, and as a picture, beside what is written of it.
	each := float64(2*4*f.Size()) + float64(2*4*f.Shape[0]*f.Shape[1])*float64(scale)*float64(scale)
	most := memory.Most()
	return most.Check(fmt.Sprintf("%s: %d pictures of %d×%d pixels", input, n, f.Shape[1]*scale, f.Shape[0]*scale), programRoom+float64(n)*each,
		fmt.Sprintf("up to %.0f fit", max(0, math.Floor((most.Bytes-programRoom)/each))))
}
