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
	"atelier/internal/music"
	"atelier/internal/picture"
	"atelier/internal/registry"
)

// The formats of pictures, animations and recordings; those of music are [music.Format].
const (
	formatWAV  = "wav"
	formatFLAC = "flac"
	formatPNG  = "png"
	formatJPEG = "jpeg"
	formatWebP = "webp"
	formatGIF  = "gif"
	formatAPNG = "apng"
)

// The formats of texts.
const (
	formatText     = "txt"
	formatMarkdown = "md"
	formatJSON     = "json"
)

var textFormats = []string{formatText, formatMarkdown, formatJSON}

var stillFormats = []string{formatPNG, formatJPEG, formatWebP}

// The formats of levels.
const (
	formatTMX = "tmx"
	formatTMJ = "tmj"
	formatCSV = "csv"
	formatTSX = "tsx" // a tileset
)

// extensions of formats; the first is the default.
var extensions = map[string][]string{
	formatPNG: {".png"}, formatJPEG: {".jpg", ".jpeg"}, formatWebP: {".webp"}, formatGIF: {".gif"}, formatAPNG: {".apng"},
	formatText: {".txt", ".text"}, formatMarkdown: {".md", ".markdown"}, formatJSON: {".json"},
	formatGLB: {".glb"}, formatUSDZ: {".usdz"}, formatHTML: {".html", ".htm"},
	formatWAV: {".wav"}, formatFLAC: {".flac"},
	formatAVI: {".avi"}, formatY4M: {".y4m"}, formatWebM: {".webm"},
	formatTMX: {".tmx"}, formatTMJ: {".tmj"}, formatCSV: {".csv"}, formatTSX: {".tsx"},
	string(music.MIDI): music.Extensions[music.MIDI], string(music.ABC): music.Extensions[music.ABC],
	string(music.MusicXML): music.Extensions[music.MusicXML], string(music.MXL): music.Extensions[music.MXL],
}

// formatFor returns the format requested by name or else by the extension of a file; by
// default the first known one.
func formatFor(asked, file string, known []string) (string, error) {
	extension := strings.ToLower(filepath.Ext(file))
	byName := slices.IndexFunc(known, func(f string) bool { return slices.Contains(extensions[f], extension) })
	switch {
	case asked != "" && !slices.Contains(known, asked):
		return "", registry.Unfit("format", fmt.Sprintf("no format %q; %s", asked, registry.Suggest(asked, known)))
	case asked != "" && byName >= 0 && known[byName] != asked:
		return "", registry.Unfit("format", fmt.Sprintf("%s was requested, but %s is the name of a %s", asked, file, known[byName]))
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
	return "", registry.Unfit("format", fmt.Sprintf("%s has no extension of a known format; want one of %s", file, strings.Join(names, ", ")))
}

// CheckPNG refuses a file name with the extension of a format other than PNG.
func CheckPNG(file string) error {
	_, err := formatFor("", file, []string{formatPNG})
	return badinput.Mark(err)
}

// checkTextFile refuses to write a text into a file with the extension of something else.
func checkTextFile(out Out) error {
	if out.Apart {
		return nil
	}
	_, err := formatFor("", out.File, []string{formatText, formatMarkdown})
	return err
}

// sheetRoom is the largest number of columns and rows of a sheet in a format.
func sheetRoom(f data.Field, format string) (columns, rows int) {
	if f.Kind != data.Pixels { // points of a plot
		return math.MaxInt32, math.MaxInt32
	}
	return codec.SheetRoom(f, picture.Format(format).Most())
}

// unfitSheet says that an input makes a sheet too large for its format.
func unfitSheet(input, format string, most, got int) error {
	return badinput.Mark(registry.Unfit(input, fmt.Sprintf("want at most %d for a sheet in one %s, which allows %d pixels per side, got %d",
		most, format, picture.Format(format).Most(), got)))
}

// programRoom is the fixed memory that drawing takes, in bytes.
const programRoom = 200 << 20

// roomFor refuses n pictures of a field, enlarged by scale and held at once, if they exceed
// the memory of the machine; input names the setting to reduce.
func roomFor(input string, n int, f data.Field, scale int) error {
	if f.Kind != data.Pixels {
		return nil
	}
	// As numbers, which grow by copying, as a picture, and encoded.
	each := float64(2*4*f.Size()) + float64(2*4*f.Shape[0]*f.Shape[1])*float64(scale)*float64(scale)
	most := memory.Most()
	return most.Check(fmt.Sprintf("%s: %d pictures of %d×%d pixels", input, n, f.Shape[1]*scale, f.Shape[0]*scale), programRoom+float64(n)*each,
		fmt.Sprintf("up to %.0f fit", max(0, math.Floor((most.Bytes-programRoom)/each))))
}
