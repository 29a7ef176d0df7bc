package statistics

import (
	"bytes"
	"encoding/json"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"atelier/data"
	"atelier/internal/midi"
)

// of is what a set of the Items is like, of which so many are measured.
func of(sample int, items ...data.Item) *Set {
	s := New(len(items), sample)
	for _, it := range items {
		s.Add(it)
	}
	return s.Set()
}

// painted is a picture of one colour, with one black pixel in four if it has a hole.
func painted(t *testing.T, width, height int, c color.Color, hole bool) data.Item {
	t.Helper()
	img := image.NewNRGBA(image.Rect(0, 0, width, height))
	for y := range height {
		for x := range width {
			img.Set(x, y, c)
			if hole && x%2 == 0 && y%2 == 0 {
				img.Set(x, y, color.Black)
			}
		}
	}
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		t.Fatal(err)
	}
	return data.Item{MediaType: "image/png", Bytes: b.Bytes(), Label: fmt.Sprint(width)}
}

func TestPictures(t *testing.T) {
	one := painted(t, 4, 4, color.NRGBA{204, 102, 51, 255}, true)
	s := of(10, one, one, data.Item{MediaType: "image/png", Bytes: []byte("?")})
	p := s.Pictures // three quarters of 0.8, 0.4, 0.2 and a quarter of 0
	if p.N != 2 || p.Mean != [3]float64{0.6, 0.3, 0.15} || p.Deviation != [3]float64{0.3464, 0.1732, 0.0866} {
		t.Error(p)
	}
	if s.Items != 3 || s.Classes["4"] != 2 || s.Classes[""] != 1 || s.MediaTypes["image/png"] != 3 || s.Texts != nil || s.Music != nil {
		t.Error(s)
	}
	grey := data.Item{MediaType: "image/x-portable-graymap", Bytes: []byte("P5 2 1 255\n\x00\xff")}
	if s = of(1, grey); s.Pictures.Mean != [3]float64{0.5, 0.5, 0.5} || s.Pictures.Deviation[0] != 0.5 {
		t.Error(s.Pictures)
	}
}

func TestTextsAndMusic(t *testing.T) {
	song := &midi.Song{Quarter: 96, Tracks: 1, Notes: []midi.Note{{Length: 96 * 5, Pitch: 60, Velocity: 1}, {At: 4, Channel: 9, Pitch: 36, Velocity: 1}}}
	file, err := song.Write()
	if err != nil {
		t.Fatal(err)
	}
	s := of(2, data.Item{MediaType: "text/plain; charset=utf-8", Bytes: []byte("天地 ab")}, data.Item{MediaType: "audio/midi", Bytes: file})
	if s.Texts.Characters.Most != 5 || s.Music.Seconds.Most != 3 || s.Music.Notes.Median != 2 || s.Music.Drums != 1 {
		t.Error(s.Texts, s.Music)
	}
	text, err := json.Marshal(s)
	var back Set
	if err != nil || json.Unmarshal(text, &back) != nil || !slices.Equal(back.Lines(), s.Lines()) {
		t.Error(string(text), err)
	}
	if want := "[1 texts: 5 characters 1 pieces of music: 3 s, 2 notes, 1 strokes on drums in all]"; fmt.Sprint(s.Lines()) != want {
		t.Error(s.Lines())
	}
}

// A sample is spread over the set, and not larger than was asked for.
func TestSample(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		total, sample := rapid.IntRange(1, 300).Draw(t, "total"), rapid.IntRange(1, 300).Draw(t, "sample")
		items := make([]data.Item, total)
		for i := range items {
			items[i] = data.Item{MediaType: "text/plain", Bytes: make([]byte, i)}
		}
		s := of(sample, items...)
		if s.Items != total || s.Texts.N > sample || 2*s.Texts.N < min(sample, total) {
			t.Fatal(s)
		}
		if most := s.Texts.Characters.Most; most < total-(total+sample-1)/sample {
			t.Fatal("only the beginning is looked at:", most, "of", total)
		}
		sum := 0
		for _, n := range s.Texts.Characters.Bins {
			sum += n
		}
		if sum != s.Texts.N {
			t.Fatal(s.Texts)
		}
	})
}

func TestNothing(t *testing.T) {
	if s := of(1); s.Items != 0 || s.Pictures != nil {
		t.Error(s)
	}
}

// TestLinesTellOfSamples says of how many Items those that were measured are.
func TestLinesTellOfSamples(t *testing.T) {
	items := make([]data.Item, 40)
	for i := range items {
		items[i] = data.Item{MediaType: "text/plain", Bytes: []byte("abc")}
	}
	if got := of(10, items...).Lines(); len(got) != 1 || got[0] != "a sample of 10 of 40 texts: 3 characters" {
		t.Error(got)
	}
	if got := of(40, items...).Lines(); len(got) != 1 || got[0] != "40 texts: 3 characters" {
		t.Error(got)
	}
}
