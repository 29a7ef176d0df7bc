package app

import (
	"context"
	"errors"
	"image"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"

	"atelier/data"
	"atelier/internal/midi"
	"atelier/internal/picture"
)

// A survey collects facts about a folder of works.
type survey struct {
	kinds   map[string]int            // works
	labels  map[string]map[string]int // number of works per class, by kind
	strays  map[string][]string       // the first works without a class, by kind
	skipped map[string]int
	letters int // characters of all texts
	said    int // pictures with captions

	seen, grey, clear int // decoded pictures
	moving            int // animations among the pictures
	drums, pieces     int // pieces of music that were read, and those with only drums
	sides             []image.Point
}

// lookThrough surveys all works of a source.
func lookThrough(ctx context.Context, src data.Source) (*survey, error) {
	found := &survey{kinds: map[string]int{}, skipped: map[string]int{}, labels: map[string]map[string]int{}, strays: map[string][]string{}}
	for _, split := range []data.Split{data.Train, data.Test} {
		for it, err := range src.Items(ctx, split) {
			var drop *data.Drop
			switch {
			case errors.As(err, &drop):
				found.skipped[drop.Reason]++
			case err != nil:
				return nil, err
			default:
				found.look(it)
			}
		}
	}
	return found, nil
}

func (s *survey) look(it data.Item) {
	main, _, _ := strings.Cut(it.MediaType, "/")
	kind := map[string]string{"image": pictures, "text": texts, "audio": pieces}[main]
	if kind == "" {
		return
	}
	if kind == pictures && !s.lookAtPicture(it.Bytes) || kind == pieces && !s.listen(it.Bytes) {
		s.skipped["damaged"]++
		return
	}
	s.kinds[kind]++
	if kind == pictures && it.Caption != "" {
		s.said++
	}
	if s.labels[kind] == nil {
		s.labels[kind] = map[string]int{}
	}
	if s.labels[kind][it.Label]++; it.Label == "" && len(s.strays[kind]) < mostNamed {
		s.strays[kind] = append(s.strays[kind], it.Name)
	}
	if kind == texts {
		s.letters += utf8.RuneCount(it.Bytes)
	}
}

// lookAtPicture reports whether a picture can be read, judging by its header or, for the first
// ones, by decoding it.
func (s *survey) lookAtPicture(b []byte) bool {
	f, err := picture.Open(b)
	if err != nil {
		return false
	}
	if s.seen >= lookedAt {
		s.countPicture(f)
		return true
	}
	img, err := f.Decode()
	if err != nil {
		return false
	}
	s.countPicture(f)
	s.seen++
	grey, opaque := colours(img)
	if grey {
		s.grey++
	}
	if !opaque {
		s.clear++
	}
	return true
}

func (s *survey) countPicture(f *picture.File) {
	s.sides = append(s.sides, image.Pt(f.Width, f.Height))
	if f.Animated() {
		s.moving++
	}
}

// colours reports whether a picture is grey and opaque, judging by some hundreds of its pixels.
func colours(img image.Image) (grey, opaque bool) {
	b := img.Bounds()
	grey, opaque = true, true
	for i := range 24 {
		for j := range 24 {
			r, g, bl, a := img.At(b.Min.X+i*b.Dx()/24, b.Min.Y+j*b.Dy()/24).RGBA()
			const near = 6 << 8
			grey = grey && max(r, g, bl)-min(r, g, bl) <= near
			opaque = opaque && a == 0xffff
		}
	}
	return grey, opaque
}

// listen reports whether a piece of music can be read, and has notes.
func (s *survey) listen(b []byte) bool {
	song, _, err := midi.Read(b)
	if err != nil || len(song.Notes) == 0 {
		return false
	}
	s.pieces++
	if !slices.ContainsFunc(song.Notes, func(n midi.Note) bool { return !n.Drum() }) {
		s.drums++
	}
	return true
}

// most is the most frequent kind.
func (s *survey) most() (kind string) {
	for _, k := range []string{pictures, texts, pieces} {
		if s.kinds[k] > s.kinds[kind] {
			kind = k
		}
	}
	return kind
}

// fewStray is the share of works without a class that leave the others their classes.
const fewStray = 0.1

// classes are the classes of a kind, none if works have none, and how many have none beside the
// others: a few pictures may.
func (s *survey) classes(kind string) (all map[string]int, stray int) {
	all = maps.Clone(s.labels[kind])
	stray = all[""]
	delete(all, "")
	few := kind == pictures && float64(stray) <= fewStray*float64(s.kinds[kind])
	if stray > 0 && !few || len(all) < 2 {
		return nil, 0
	}
	return all, stray
}
