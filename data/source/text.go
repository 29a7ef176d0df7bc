package source

import (
	"cmp"
	"context"
	"fmt"
	"iter"
	"path/filepath"
	"strings"

	"atelier/data"
	"atelier/internal/badinput"
	"atelier/internal/charset"
	"atelier/internal/registry"
)

func init() {
	data.Sources.Add("text", "a text file, or a folder of them, gzipped or not, read as one text whose end is held out",
		func() data.Source { return &Text{TestShare: 0.1} })
}

// Text reads a text: one file, or the .txt, .text and .md files below a folder, sorted by path and
// joined, each starting on a new line. Each may be gzipped. Hidden files are ignored; links, files
// of other kinds and blank files are dropped with a reason. Encodings other than UTF-8 are
// detected, with a remark, and line ends become \n. The end of the text is the test part. A long
// part is yielded in pieces of whole lines, so that a text of any length takes little memory.
type Text struct {
	Path      string  `help:"the file, or the folder"`
	Mirror    string  `help:"a file in the folder named by the environment variable ATELIER_MIRROR, used if path is empty"`
	Hash      string  `help:"expected SHA-256 of the mirror's file; if empty, any file is accepted"`
	TestShare float64 `help:"share of the text, 0 to 0.9, held out at its end as the test part"`

	converted conversions
}

// Check rejects a share outside its range.
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

// Recognize accepts single text files.
func (s *Text) Recognize(place string) data.Fit {
	if !isText(place) || !isLocalFile(place) {
		return data.Unfit
	}
	s.Path = place
	return data.Meant
}

// Divided reports whether the end of the text is held out.
func (s *Text) Divided() bool { return s.TestShare > 0 }

// Items yields the part of the text as one Item, as several if it is long, or as none if it is
// empty. Drops come first, with the training part.
func (s *Text) Items(ctx context.Context, split data.Split) iter.Seq2[data.Item, error] {
	return func(yield func(data.Item, error) bool) {
		place, files, drops, err := s.survey(ctx)
		for _, d := range drops {
			if split == data.Train && !yield(data.Item{Name: d.file, Origin: data.Origin{Place: d.file}}, d.why) {
				return
			}
		}
		if err != nil {
			yield(data.Item{}, err)
			return
		}
		name := fmt.Sprintf("%s/%s", filepath.Base(place), split)
		n := 0
		for piece, err := range s.pieces(ctx, files, split) {
			it := data.Item{Name: name, MediaType: utf8Type, Bytes: piece, Origin: data.Origin{Place: place}}
			if n++; n > 1 {
				it.Name = fmt.Sprintf("%s (%d)", name, n)
			}
			err = cmp.Or(err, ctx.Err())
			if !yield(it, err) || err != nil {
				return
			}
		}
	}
}

// survey scans the files, and reports what is skipped.
func (s *Text) survey(ctx context.Context) (place string, found []textFile, drops []dropped, err error) {
	if err := s.Check(); err != nil {
		return "", nil, nil, fmt.Errorf("text %w", err)
	}
	place, files, drops, err := s.files()
	if err != nil {
		return place, nil, drops, err
	}
	size := int64(0)
	for _, file := range files {
		f, err := scanText(ctx, file, s.hash())
		switch {
		case err != nil && ctx.Err() != nil:
			return place, nil, drops, err
		case err != nil:
			return place, nil, drops, fmt.Errorf("%s: %w", file, err)
		case f.size == 0:
			drops = append(drops, dropped{file, data.Dropf("empty", "the text is blank")})
			continue
		case f.encoding != charset.UTF8:
			s.converted.note(f.encoding, file)
		}
		if n := len(found); n > 0 && !found[n-1].ended { // the last line of a file may lack its end
			found[n-1].joined = true
			size++
		}
		if size += f.size; size > maxText {
			return place, nil, drops, badinput.Errorf("text %s: more than %d GiB in all; take fewer files", place, maxText>>30)
		}
		found = append(found, f)
	}
	return place, found, drops, nil
}

// Remarks lists the files that were converted, one line per encoding.
func (s *Text) Remarks() []string { return s.converted.lines() }

// hash is the required SHA-256, empty for a file that the user named.
func (s *Text) hash() string {
	if s.Path != "" {
		return ""
	}
	return s.Hash
}
