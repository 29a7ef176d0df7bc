package library

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"iter"
	"math/rand/v2"
	"strings"
	"testing"

	"atelier/data"
	_ "atelier/data/clean" // the cleaners of the recipes
	"atelier/internal/midi"
)

// A works source yields a few pictures, texts and songs, some of them alike.
type works struct{}

func (*works) Items(_ context.Context, split data.Split) iter.Seq2[data.Item, error] {
	return func(yield func(data.Item, error) bool) {
		if split == data.Test {
			return
		}
		r := rand.New(rand.NewPCG(7, 7))
		for i := range 36 {
			it := data.Item{Name: fmt.Sprintf("%02d", i), Label: fmt.Sprint("kind ", i%3), Origin: data.Origin{Licence: "CC0-1.0"}}
			it.MediaType, it.Bytes = work(i, r)
			if !yield(it, nil) {
				return
			}
		}
	}
}

// work makes a picture, a text or a song.
func work(i int, r *rand.Rand) (mediaType string, b []byte) {
	switch i % 3 {
	case 0:
		return painted(i/3, r)
	case 1:
		return "text/plain", []byte(written(i/3, r))
	}
	return "audio/midi", played(i/3, r)
}

// painted is a picture of a few waves, in JPEG where i is even, turned and with a
// camera's data where it is a multiple of 4. Each third is the one before, a bit brighter.
func painted(i int, r *rand.Rand) (string, []byte) {
	light, of := 0, i
	if i%3 == 2 {
		light, of = 6, i-1
	}
	m := image.NewRGBA(image.Rect(0, 0, 72, 56))
	for y := range 56 {
		for x := range 72 {
			wave := (x*(of+3) + y*y*(of%5+1)/(of+2)) % 200
			m.Set(x, y, color.RGBA{uint8(wave + light), uint8((wave*3+x)%180 + light), uint8(200 - wave + light), 255})
		}
	}
	var b bytes.Buffer
	if i%2 == 1 {
		m.Set(r.IntN(72), 3, color.White)
		if err := png.Encode(&b, m); err != nil {
			panic(err)
		}
		return "image/png", b.Bytes()
	}
	if err := jpeg.Encode(&b, m, nil); err != nil {
		panic(err)
	}
	if i%4 != 0 {
		return "image/jpeg", b.Bytes()
	}
	camera := "Exif\x00\x00MM\x00*\x00\x00\x00\x08\x00\x01\x01\x12\x00\x03\x00\x00\x00\x01\x00\x06\x00\x00\x00\x00\x00\x00"
	segment := binary.BigEndian.AppendUint16([]byte{0xff, 0xd8, 0xff, 0xe1}, uint16(len(camera)+2))
	return "image/jpeg", append(append(segment, camera...), b.Bytes()[2:]...)
}

// written is a text, of which each third is the one before but for a few words.
func written(i int, r *rand.Rand) string {
	of := i
	if i%3 == 2 {
		of = i - 1
	}
	same := rand.New(rand.NewPCG(uint64(of), 1))
	parts := strings.Fields("ri ver mil ler whe el sto ne flo ur bre ad vil lage bri dge win ter sum mer")
	noun := func() string { return parts[same.IntN(20)] + parts[same.IntN(20)] + parts[same.IntN(20)] }
	var b strings.Builder
	for range 40 {
		fmt.Fprintf(&b, "The %s by the %s %s before the %s of %s.\n", noun(), noun(), noun(), noun(), noun())
	}
	fmt.Fprintf(&b, "Written on day %d by m%d@example.org, who said â€œniceâ€\u009d.\n", r.IntN(300), r.IntN(9))
	return b.String()
}

// played is a song, of which each third is the one before, a fourth higher.
func played(i int, r *rand.Rand) []byte {
	higher, of := uint8(0), i
	if i%3 == 2 {
		higher, of = 5, i-1
	}
	same := rand.New(rand.NewPCG(uint64(of), 2))
	s := &midi.Song{Quarter: 480, Tracks: 2}
	for at := int64(0); at < 64*480; at += 240 {
		s.Notes = append(s.Notes, midi.Note{At: at, Length: 200, Pitch: uint8(48+same.IntN(24)) + higher, Velocity: uint8(60 + r.IntN(40))})
	}
	s.End = 64 * 480
	b, err := s.Write()
	if err != nil {
		panic(err)
	}
	return b
}

// TestSameHashEverywhere holds the hash of a version to what it is on every machine: on
// arm64, whose compiler joins products and sums, too. A new release of Go may write PNG
// or JPEG in other bytes; then the hashes are others, and still the same everywhere.
func TestSameHashEverywhere(t *testing.T) {
	for _, c := range []struct {
		settings []string
		want     string
	}{
		{nil, "7572e2e668fcb83bb78047b244566b8ac56d9fbf766626b68fe2036871be7069"},
		{[]string{"near-pictures=on", "size.width=40", "size.height=40", "blur=on", "gopher=on", "repetition=on", "language=on", "music-length.shortest=2"}, "11805675986deaa12cf0ef9c5c084d36346a390212bd7ba26228e0776c2a8a93"},
	} {
		text, err := ReadPipeline(DefaultPipeline)
		if err != nil {
			t.Fatal(err)
		}
		p, err := ParsePipeline("default.toml", text, c.settings...)
		if err != nil {
			t.Fatal(err)
		}
		v, err := newLibrary(t).Add(t.Context(), "n", source(&works{}), p, "")
		if err != nil {
			t.Fatal(err)
		}
		if m := v.Manifest(); v.Hash() != c.want {
			t.Errorf("%v: hash %s instead of %s; %v, dropped %v", c.settings, v.Hash(), c.want, m.Counts.MediaTypes, m.Counts.Dropped)
		}
	}
}
