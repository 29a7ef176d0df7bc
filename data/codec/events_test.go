package codec

import (
	"context"
	"iter"
	"slices"
	"strings"
	"testing"

	"atelier/data"
	"atelier/internal/events"
	"atelier/internal/music"
)

// pieces is a source of training Items.
type pieces []data.Item

func (p pieces) Items(_ context.Context, split data.Split) iter.Seq2[data.Item, error] {
	return func(yield func(data.Item, error) bool) {
		for _, it := range p {
			if split == data.Train && !yield(it, nil) {
				return
			}
		}
	}
}

// scale is a MIDI file of so many bars of a rising bass and a drum.
func scale(t testing.TB, bars int) []byte {
	t.Helper()
	p := &events.Piece{Style: -1, Parts: []int{33, events.Drums}}
	for i := range bars {
		p.Bars = append(p.Bars, events.Bar{Key: 8, Tempo: 20, Chords: []events.Chord{{Root: i % 12, Bass: -1}}, Parts: [][]events.Note{
			{{Length: 11, Pitch: 20 + i%12, Loudness: 4}, {At: 12, Length: 11, Pitch: 27, Loudness: 4}}, {{Pitch: 9, Loudness: 4}},
		}})
	}
	file, _, err := p.Score().Write(music.MIDI)
	if err != nil {
		t.Fatal(err)
	}
	return file
}

// Styles are the labels, long pieces are parted into sections with a heading each, and what was
// learned is kept.
func TestEvents(t *testing.T) {
	c := &Events{Context: 100}
	items := []data.Item{{Name: "a.mid", Bytes: scale(t, 4), Label: "rock"}, {Name: "b.mid", Bytes: scale(t, 40), Label: "jazz"}, {Name: "c.mid", Bytes: []byte("?")}}
	if err := c.Fit(func(yield func(data.Item, error) bool) {
		for _, it := range items {
			if !yield(it, nil) {
				return
			}
		}
	}); err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(c.Fitted.Styles, []string{"jazz", "rock"}) || !slices.Equal(c.Instruments(), []int{33, 128}) {
		t.Fatalf("%+v", c.Fitted)
	}
	sections, err := c.Sections(items[1])
	if err != nil || len(sections) < 4 {
		t.Fatal(len(sections), err)
	}
	bars := 0
	for _, s := range sections {
		p := events.Parse(s)
		bars += len(p.Bars)
		if len(s) > 101 || p.Style != 0 || p.Bars[0].Key != 8 || len(p.Parts) != 2 {
			t.Errorf("a section of %d tokens, %+v", len(s), p)
		}
	}
	if bars != 40 {
		t.Errorf("%d bars", bars)
	}
	files, err := c.Learned()
	again := &Events{Context: 100}
	if err != nil || again.Recall(files) != nil || !slices.Equal(again.Fitted.Styles, c.Fitted.Styles) {
		t.Error(again, err)
	}
	for _, wrong := range []string{"", "{}", `{"format":2}`, `{"format":1,"styles":["a","a"]}`, `{"format":1,"instruments":[129]}`, `{"format":1,"instruments":[3,2]}`} {
		if err := again.Recall(map[string][]byte{eventsFile: []byte(wrong)}); err == nil || !slices.Equal(again.Fitted.Styles, c.Fitted.Styles) {
			t.Errorf("%q: %v", wrong, err)
		}
	}
	if _, err := c.Sections(items[2]); err == nil || !strings.Contains(err.Error(), "want MIDI, ABC or MusicXML") {
		t.Error(err)
	}
	if (&Events{Context: 63}).Check() == nil {
		t.Error("takes a context of 63")
	}
}

// Short sections share an example.
func TestSectionsShare(t *testing.T) {
	c := &Events{Context: 120}
	one, err := c.Sections(data.Item{Bytes: scale(t, 4)})
	if err != nil {
		t.Fatal(err)
	}
	src := pieces{{Name: "a.mid", Bytes: scale(t, 4)}, {Name: "b.mid", Bytes: scale(t, 4)}, {Name: "c.mid", Bytes: scale(t, 4)}}
	train, _, err := data.Load(t.Context(), src, c)
	if err != nil || len(one) != 1 {
		t.Fatal(len(one), err)
	}
	each := 121 / len(one[0])
	if want := (3 + each - 1) / each; train.Len() != want {
		t.Errorf("%d examples of sections of %d tokens, want %d", train.Len(), len(one[0]), want)
	}
	row := train.Batch([]int{0}).Column(data.Target).Tokens(0)
	if !slices.Equal(row[:len(one[0])], one[0]) || !slices.Equal(row[len(one[0]):2*len(one[0])], one[0]) || row[len(row)-1] != 0 {
		t.Error("the first example is not two sections and ends")
	}
}
