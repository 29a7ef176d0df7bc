package source

import (
	"bytes"
	"context"
	"fmt"
	"iter"
	"path/filepath"
	"strings"
	"unicode/utf8"

	"atelier/data"
	"atelier/internal/charset"
	"atelier/internal/registry"
)

func init() {
	data.Sources.Add("text", "a text file, or those in a folder, gzipped or not, read as one text whose end is held out",
		func() data.Source { return &Text{TestShare: 0.1} })
}

// Text reads a text: a file, or the .txt, .text and .md files below a folder in the
// order of their paths, one after another, each from a new line on. Each may end in
// .gz. Hidden files are no part of it; links, files of other kinds and blank ones are
// dropped with a reason. Encodings other than UTF-8 are found out, which is remarked, and
// line ends become \n. The last part of the text is the test part.
type Text struct {
	Path      string  `help:"the file, or the folder"`
	Mirror    string  `help:"a file in the folder that the environment variable ATELIER_MIRROR names, taken where path is not set"`
	Hash      string  `help:"SHA-256 of the mirror's file; another file is refused; empty takes any"`
	TestShare float64 `help:"share of the text, 0 to 0.9, at its end, that is kept from training to measure against"`

	converted conversions
}

// Check refuses a share outside its range.
func (s *Text) Check() error {
	if !(s.TestShare >= 0 && s.TestShare <= 0.9) {
		return registry.Unfit("test_share", fmt.Sprintf("want 0 to 0.9, got %g", s.TestShare))
	}
	return nil
}

// SetName is the name of the file or the folder, without extension.
func (s *Text) SetName() string {
	name := s.Path
	if name == "" {
		name = s.Mirror
	}
	if name == "" {
		return ""
	}
	base, _, _ := strings.Cut(strings.TrimLeft(filepath.Base(name), "."), ".")
	return base
}

// Recognize takes single text files.
func (s *Text) Recognize(place string) data.Fit {
	if !isText(place) || !isLocalFile(place) {
		return data.Unfit
	}
	s.Path = place
	return data.Meant
}

// Divided reports whether the end of the text is held out.
func (s *Text) Divided() bool { return s.TestShare > 0 }

// Items yields the part of the text as one Item, or none if it is empty; with the training
// part, what is dropped comes first.
func (s *Text) Items(ctx context.Context, split data.Split) iter.Seq2[data.Item, error] {
	return func(yield func(data.Item, error) bool) {
		it, drops, err := s.item(ctx, split)
		for _, d := range drops {
			if split == data.Train && !yield(data.Item{Name: d.file, Origin: data.Origin{Place: d.file}}, d.why) {
				return
			}
		}
		if err != nil || len(it.Bytes) > 0 {
			yield(it, err)
		}
	}
}

func (s *Text) item(ctx context.Context, split data.Split) (data.Item, []dropped, error) {
	if err := s.Check(); err != nil {
		return data.Item{}, nil, fmt.Errorf("text %w", err)
	}
	place, files, drops, err := s.files()
	if err != nil {
		return data.Item{}, drops, err
	}
	var all bytes.Buffer
	for _, file := range files {
		if err := ctx.Err(); err != nil {
			return data.Item{}, drops, err
		}
		text, encoding, err := readText(file, s.hash())
		switch {
		case err != nil:
			return data.Item{}, drops, fmt.Errorf("%s: %w", file, err)
		case len(text) == 0:
			drops = append(drops, dropped{file, data.Dropf("empty", "the text is blank")})
		case encoding != charset.UTF8:
			s.converted.note(encoding, file)
		}
		if all.Len()+len(text) > maxText {
			return data.Item{}, drops, fmt.Errorf("text %s: more than %d MiB in all; take fewer files", place, maxText>>20)
		}
		if n := all.Len(); n > 0 && len(text) > 0 && all.Bytes()[n-1] != '\n' {
			all.WriteByte('\n') // the last line of a file may lack it
		}
		all.Write(text)
	}
	return data.Item{
		Name: fmt.Sprintf("%s/%s", filepath.Base(place), split), MediaType: "text/plain; charset=utf-8", Bytes: part(all.Bytes(), s.TestShare, split),
		Origin: data.Origin{Place: place},
	}, drops, nil
}

// Remarks says which files were converted, a line for each encoding.
func (s *Text) Remarks() []string { return s.converted.lines() }

// hash is what the file must have: a file that the user named may be any.
func (s *Text) hash() string {
	if s.Path != "" {
		return ""
	}
	return s.Hash
}

// part returns the part of a text whose last share of characters is held out.
func part(text []byte, share float64, split data.Split) []byte {
	kept := int(float64(utf8.RuneCount(text)) * (1 - share))
	at := 0
	for range kept {
		_, size := utf8.DecodeRune(text[at:])
		at += size
	}
	if split == data.Test {
		return text[at:]
	}
	return text[:at]
}
