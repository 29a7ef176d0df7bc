package source

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"iter"
	"path"
	"slices"
	"strings"

	"atelier/data"
	"atelier/internal/charset"
	score "atelier/internal/music"
	"atelier/internal/registry"
)

// Values of the setting label besides a column.
const (
	labelFolder = "folder"
	labelNone   = "none"
)

// works are the files of a tree to be read, and how.
type works struct {
	Kind, Label string
	TestShare   float64
	at          func(path string) string // the place of a file, for origins and messages
	converted   *conversions             // tables and texts in encodings other than UTF-8
}

// noting returns a function that records the encoding of a table.
func (w works) noting(file string) func(encoding string) {
	return func(encoding string) { w.converted.note(encoding, w.at(file)) }
}

// checkWorks rejects invalid settings.
func checkWorks(kind string, share float64) error {
	if kinds := []string{all, pictures, texts, music}; kind != "" && kind != scores && !slices.Contains(kinds, kind) {
		return registry.Unfit("kind", fmt.Sprintf("no kind %q; %s", kind, registry.Suggest(kind, kinds)))
	}
	return checkShare(share)
}

// wants says whether files of a kind are read.
func (w works) wants(kind string) bool {
	return kind != "" && (w.Kind == kind || w.Kind == all || w.Kind == "")
}

// items yields the works of a part in tree order, except those that are known.
func (w works) items(ctx context.Context, t tree, s *survey, split data.Split, known func(name string) bool) iter.Seq2[data.Item, error] {
	parts := partRule{s.divided, w.TestShare}
	return func(yield func(data.Item, error) bool) {
		for l, err := range t.walk(ctx) {
			err = cmp.Or(ctx.Err(), err)
			if err != nil {
				yield(data.Item{}, err)
				return
			}
			if l.drop == nil {
				l.drop = s.passed[l.path]
			}
			if !s.works[l.path] && l.drop == nil || known(l.path) {
				continue
			}
			it := w.item(l, s)
			if parts.of(s.part(l.path), it.Group, it.Name) != split {
				continue
			}
			if err := w.read(&it, l); !yield(it, err) || err != nil && !isDrop(err) {
				return
			}
		}
		if split != data.Train {
			return
		}
		for _, l := range s.lost {
			if it := (data.Item{Name: l.name, Origin: data.Origin{Place: l.place}}); !known(l.name) && !yield(it, l.drop) {
				return
			}
		}
	}
}

// part is the part that the set itself assigns to a file.
func (s *survey) part(file string) data.Split {
	if told := s.facts[file].part; told != "" && checkPart(told) == nil {
		return told
	}
	return s.layout.part(file)
}

// item is everything known about a work before it is read.
func (w works) item(l leaf, s *survey) data.Item {
	f := s.facts[l.path]
	it := data.Item{Name: l.path, Label: f.label, Caption: cmp.Or(f.caption, s.words[stem(l.path)]), Group: f.group, Origin: f.origin}
	it.Origin.Place = w.at(l.path)
	switch w.Label {
	case "":
		if !s.labelledByTable(l.path) {
			it.Label = cmp.Or(it.Label, s.class(l.path))
		}
	case labelFolder:
		it.Label = s.class(l.path)
	case labelNone:
		it.Label = ""
	}
	return it
}

// read reads the bytes of a work. A work that cannot be read is a drop, unless no other work could
// be read either.
func (w works) read(it *data.Item, l leaf) error {
	if l.drop != nil {
		return l.drop
	}
	b, err := l.read(mostOf(l.path))
	switch {
	case isLost(err), isDrop(err):
		return err
	case err != nil:
		return unreadable(err)
	case w.Kind == scores:
		it.Bytes, it.MediaType = b, score.FormatOf(b).MediaType()
		return nil
	}
	if w.isNotation(l.path) {
		return asMIDI(it, b)
	}
	if err := found(it, l.path, b); err != nil || w.Kind != texts {
		return err
	}
	w.convert(it)
	return nil
}

// convert converts a text to UTF-8 if its encoding is another one that is certain. Where works of all
// kinds are read, texts stay as they are, for the cleaners of a version to convert.
func (w works) convert(it *data.Item) {
	text, encoding, err := readable(bytes.Clone(it.Bytes)) // which it may change
	if err != nil || encoding == charset.UTF8 {
		return
	}
	it.Bytes, it.MediaType = text, utf8Type
	w.converted.note(encoding, it.Origin.Place)
}

// isNotation reports whether a file is read as notes and handed on as MIDI, by its name. Files .xml
// are tried only where music is asked for.
func (w works) isNotation(file string) bool {
	ext := strings.ToLower(path.Ext(file))
	return w.Kind != scores && w.wants(music) && slices.Contains(notation, ext) && (ext != ".xml" || w.Kind == music)
}

// asMIDI turns ABC or MusicXML into a MIDI file, which is what models of music learn from.
func asMIDI(it *data.Item, b []byte) error {
	piece, err := score.Read(b)
	if err != nil {
		return data.Dropf("unreadable", "it %v", err)
	}
	if it.Bytes, _, err = piece.Write(score.MIDI); err != nil {
		return data.Dropf("unreadable", "it %v", err)
	}
	it.MediaType = midiType
	return nil
}

// classes are the sorted labels of the works.
func (w works) classes(s *survey) []string {
	var names []string
	for file := range s.works {
		if label := w.item(leaf{path: file}, s).Label; label != "" {
			names = append(names, label)
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// asDrop converts an error to a drop.
func asDrop(err error) *data.Drop {
	var d *data.Drop
	if errors.As(err, &d) {
		return d
	}
	return &data.Drop{Reason: "unreadable", Detail: err.Error()}
}

// hasLabel reports whether the requested label is among some columns.
func (w works) hasLabel(columns []string) bool {
	return w.Label != "" && w.Label != labelFolder && w.Label != labelNone && slices.Contains(columns, w.Label)
}

// wanted describes what is read.
func (w works) wanted() string {
	switch w.Kind {
	case "", all:
		return "pictures, texts or music"
	case scores:
		return music
	}
	return w.Kind
}

// An opener opens a tree and surveys it.
type opener func(ctx context.Context) (tree, *survey, works, error)

func (o opener) classNames() []string {
	t, found, w, err := o(context.Background())
	if err != nil {
		return nil // items reports it
	}
	defer t.Close()
	return w.classes(found)
}

func (o opener) divided() bool {
	t, found, _, err := o(context.Background())
	if err != nil {
		return false
	}
	defer t.Close()
	return found.divided
}

func (o opener) items(ctx context.Context, split data.Split, known func(string) bool) iter.Seq2[data.Item, error] {
	return func(yield func(data.Item, error) bool) {
		t, found, w, err := o(ctx)
		if err != nil {
			yield(data.Item{}, err)
			return
		}
		defer t.Close()
		for it, err := range w.items(ctx, t, found, split, known) {
			if !yield(it, err) {
				return
			}
		}
	}
}

func noneKnown(string) bool { return false }
