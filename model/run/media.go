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
)

// A Medium is a kind of works, by their media type: how a run that makes them shows
// itself, and how those that are drawn become files.
type Medium struct {
	// Type is the media type without parameters, such as "audio/midi".
	Type string
	// Works is what people call several of them, such as "texts".
	Works string
	// Extensions are those of files of the kind, the usual one first; none if such
	// works are not kept as files of their own.
	Extensions []string
	// Words reports that the works are text: one can be begun by a person, and read
	// as it is written.
	Words bool
	// Join puts several works into one file; nil if each is a file of its own.
	Join func(works [][]byte) []byte
	// Preview says how a run shows itself in its folder.
	Preview *Preview

	tokens func(example int) int // see length
}

// length is how many tokens of a work are written where no number is asked for, by a
// run whose examples have so many: as many, if nothing else is usual.
func (m *Medium) length(example int) int {
	if m.tokens == nil {
		return example
	}
	return m.tokens(example)
}

// A Preview is how a run shows what it learns from, reals.EXT, and what it makes
// during training, STEM-NNNNNN.EXT.
type Preview struct {
	// What is shown, in a word: "pictures", also where these show points.
	What string
	// More are arguments of atelier generate RUN that show more.
	More string

	stem, extension string
	drawn, reals    int // works in one preview
	show            func(codec data.Codec, b *data.Batch) ([]byte, error)
}

// TextRule stands between texts that are in one file.
const TextRule = "\n\n----\n\n"

// sheets show pictures, or points in a plot.
var sheets = &Preview{What: "pictures", More: "-o sheet.png", stem: "fakes", extension: ".png", drawn: sheetSamples, reals: sheetSamples,
	show: func(_ data.Codec, b *data.Batch) ([]byte, error) { return sheet(b.Column(data.Target)) }}

// media are all there are.
var media = []*Medium{
	{Type: "image/png", Works: "pictures", Extensions: []string{".png", ".jpg", ".jpeg", ".webp", ".gif", ".apng"}, Preview: sheets},
	{Type: "text/csv", Works: "points", Preview: sheets},
	{Type: "text/plain", Works: "texts", Extensions: []string{".txt", ".text", ".md"}, Words: true, Join: joinTexts,
		tokens: func(int) int { return 500 },
		Preview: &Preview{What: "texts", More: "--length 1000", stem: "samples", extension: ".txt", drawn: 2, reals: 8,
			show: func(codec data.Codec, b *data.Batch) ([]byte, error) {
				all, err := decoded(codec, b)
				return joinTexts(all), err
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
		return nil, badinput.Errorf("the codec makes works of the type %q, which no run can show", codec.MediaType())
	}
	return media[i], nil
}

// CheckFile refuses a name of a file that is that of works of another kind.
func (m *Medium) CheckFile(file string) error {
	extension := strings.ToLower(filepath.Ext(file))
	for _, other := range media {
		if other != m && slices.Contains(other.Extensions, extension) {
			return registry.Unfit("out", fmt.Sprintf("%s is a name for %s, and the run makes %s: want an extension such as %s", file, other.Works, m.Works, m.Extensions[0]))
		}
	}
	return nil
}

// file is the name of the preview after a step.
func (p *Preview) file(step int) string { return fmt.Sprintf("%s-%06d%s", p.stem, step, p.extension) }
