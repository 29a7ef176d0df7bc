package run

import (
	"bytes"
	"fmt"
	"mime"
	"path/filepath"
	"slices"
	"strings"

	"atelier/data"
	"atelier/internal/badinput"
	"atelier/internal/registry"
	"atelier/internal/tilemap"
)

// A Medium is a kind of works, by media type: how a run previews them, and how samples
// become files.
type Medium struct {
	// Type is the media type without parameters, such as "audio/midi".
	Type string
	// Works is the plural name, such as "texts".
	Works string
	// Extensions are the file extensions, the usual one first; none if such works have no
	// files of their own.
	Extensions []string
	// Words reports that the works are text, which takes a prompt and can be streamed.
	Words bool
	// Join joins several works into one file; nil if each is a file of its own.
	Join func(works [][]byte) []byte
	// Preview describes the previews in the folder of a run.
	Preview *Preview

	tokens func(example int) int // see length
}

// length is the default number of tokens of a work, given the length of the examples,
// which is the default unless the medium has another.
func (m *Medium) length(example int) int {
	if m.tokens == nil {
		return example
	}
	return m.tokens(example)
}

// A Preview shows real examples, reals.EXT, and samples during training,
// STEM-NNNNNN.EXT.
type Preview struct {
	// What is shown, in a word: "pictures", including plots of points.
	What string
	// More are arguments of atelier generate RUN for more samples.
	More string

	stem, extension string
	drawn, reals    int // works in one preview
	show            func(codec data.Codec, b *data.Batch) ([]byte, error)
}

// TextRule separates texts in one file.
const TextRule = "\n\n----\n\n"

// sheets show pictures, or points in a plot.
var sheets = &Preview{What: "pictures", More: "-o sheet.png", stem: "fakes", extension: ".png", drawn: sheetSamples, reals: sheetSamples,
	show: func(_ data.Codec, b *data.Batch) ([]byte, error) { return sheet(b.Column(data.Target)) }}

// media are the known media.
var media = []*Medium{
	{Type: "image/png", Works: "pictures", Extensions: []string{".png", ".jpg", ".jpeg", ".webp", ".gif", ".apng"}, Preview: sheets},
	{Type: "text/csv", Works: "points", Preview: sheets},
	{Type: "image/apng", Works: "clips", Extensions: []string{".webm", ".avi", ".y4m", ".gif", ".apng", ".webp"},
		Preview: &Preview{What: "pictures", More: "-n 4 -o clips.webm", stem: "fakes", extension: ".png", drawn: sheetClips, reals: sheetClips, show: sheets.show}},
	{Type: "text/plain", Works: "texts", Extensions: []string{".txt", ".text", ".md"}, Words: true, Join: joinTexts,
		tokens: func(int) int { return 500 },
		Preview: &Preview{What: "texts", More: "--length 1000", stem: "samples", extension: ".txt", drawn: 2, reals: 8,
			show: func(codec data.Codec, b *data.Batch) ([]byte, error) {
				all, err := decoded(codec, b)
				return joinTexts(all), err
			}}},
	{Type: tilemap.MediaType, Works: "levels", Extensions: []string{".map"}, Join: joinMaps,
		Preview: &Preview{What: "maps", More: "-n 4 -o maps", stem: "samples", extension: ".map", drawn: 4, reals: 8,
			show: func(codec data.Codec, b *data.Batch) ([]byte, error) {
				all, err := decoded(codec, b)
				return joinMaps(all), err
			}}},
	{Type: "audio/midi", Works: "music", Extensions: []string{".mid", ".midi"},
		tokens: func(example int) int { return min(example-1, 2000) },
		Preview: &Preview{What: "music", More: "-n 4 -o music", stem: "samples", extension: ".mid", drawn: 1, reals: 1,
			show: func(codec data.Codec, b *data.Batch) ([]byte, error) {
				all, err := decoded(codec, b)
				return slices.Concat(all...), err // of one
			}}},
}

func joinTexts(all [][]byte) []byte { return bytes.Join(all, []byte(TextRule)) }

func joinMaps(all [][]byte) []byte { return bytes.Join(all, []byte("\n")) }

// decoded are the works of a batch.
func decoded(codec data.Codec, b *data.Batch) ([][]byte, error) {
	var all [][]byte
	for i := range b.N {
		item, err := codec.Decode(b, i)
		if err != nil {
			return nil, err
		}
		all = append(all, item.Bytes)
	}
	return all, nil
}

// mediumOf is the medium of what a codec makes.
func mediumOf(codec data.Codec) (*Medium, error) {
	kind, _, err := mime.ParseMediaType(codec.MediaType())
	i := slices.IndexFunc(media, func(m *Medium) bool { return m.Type == kind })
	if err != nil || i < 0 {
		return nil, badinput.Errorf("the codec produces works of the type %q, which runs cannot show", codec.MediaType())
	}
	return media[i], nil
}

// CheckFile refuses a file name with an extension of another medium.
func (m *Medium) CheckFile(file string) error {
	extension := strings.ToLower(filepath.Ext(file))
	if slices.Contains(m.Extensions, extension) {
		return nil
	}
	for _, other := range media {
		if other != m && slices.Contains(other.Extensions, extension) {
			return registry.Unfit("out", fmt.Sprintf("%s is a name for %s, but the run generates %s: want an extension such as %s", file, other.Works, m.Works, m.Extensions[0]))
		}
	}
	return nil
}

// file is the file name of the preview after a step.
func (p *Preview) file(step int) string { return fmt.Sprintf("%s-%06d%s", p.stem, step, p.extension) }

// shows reports whether a file of a run is a preview.
func (p *Preview) shows(file string) bool {
	ok, _ := filepath.Match(p.stem+"-*"+p.extension, file)
	return ok
}
