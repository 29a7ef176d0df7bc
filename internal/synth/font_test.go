package synth

import (
	"bytes"
	_ "embed" // of a sample
	"encoding/binary"
	"errors"
	"slices"
	"strings"
	"testing"

	"atelier/internal/badinput"
)

// pieceOf is the place of a chunk's data in a font.
func pieceOf(font []byte, kind string) (from, to int) {
	from = bytes.Index(font, []byte(kind)) + 8
	return from, from + int(binary.LittleEndian.Uint32(font[from-4:]))
}

func TestRefusedFonts(t *testing.T) {
	own := ownFont(t)
	wrongly := bytes.Clone(own)
	headers, end := pieceOf(own, "shdr")
	for at := headers; at < end; at += 46 {
		wrongly[at+44] |= compressed
	}
	unmarked := bytes.Clone(own)
	samples, _ := pieceOf(own, "smpl")
	copy(unmarked[samples:], "OggS")
	beyond := bytes.Clone(own)
	binary.LittleEndian.PutUint32(beyond[headers+24:], 1<<30)
	huge := bytes.Clone(own)
	binary.LittleEndian.PutUint32(huge[samples-4:], 1<<32-1)
	for name, c := range map[string]struct {
		file []byte
		want string
	}{
		"nothing":             {nil, "is not a SoundFont"},
		"a text":              {[]byte("hello, this is no font"), "is not a SoundFont"},
		"cut":                 {own[:len(own)/2], "cut short"},
		"header alone":        {own[:12], "without samples"},
		"samples of 4 GB":     {huge, "cut short"},
		"compressed wrongly":  {wrongly, "is not Ogg Vorbis"},
		"compressed unmarked": {unmarked, "would sound as noise"},
		"a sample beyond":     {beyond, "damaged SoundFont"},
	} {
		if _, err := OpenFont(c.file); !errors.Is(err, badinput.Err) || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: error %v, want %s", name, err, c.want)
		}
	}
}

// notes plays some notes of three instruments and of drums.
func notes(f *Font) (left []float32, err error) {
	s := New(f, 44100, 64)
	left, right := make([]float32, 44100), make([]float32, 44100)
	for i, key := range []uint8{36, 60, 64, 67, 72, 96} {
		s.Send(0, programChange, uint8(i%3*20), 0)
		s.Send(0, noteOn, key, 90)
		s.Send(drums, noteOn, 38, 100)
		s.Render(left[i*4410:][:4410], right[i*4410:][:4410])
		s.Send(0, noteOff, key, 0)
	}
	s.Render(left[6*4410:], right[6*4410:])
	return left, s.Err()
}

// A font with bytes changed anywhere in its tables is refused, or played.
func TestDamagedFonts(t *testing.T) {
	own := ownFont(t)
	tables := bytes.LastIndex(own, []byte("phdr"))
	for n := tables; n < len(own); n += (len(own) - tables) / 40 {
		broken := bytes.Clone(own)
		for i := n; i < min(n+64, len(broken)); i += 3 {
			broken[i] ^= 0xA5
		}
		font, err := OpenFont(broken)
		if err == nil {
			_, err = notes(font)
		}
		if err != nil && !errors.Is(err, badinput.Err) {
			t.Errorf("changed at %d: %v", n, err)
		}
	}
}

// compressedOgg is a tone of 440 Hz that lasts 0.2 s, at 22050 samples per second.
//
//go:embed testdata/tone.ogg
var compressedOgg []byte

// list is a chunk LIST of a SoundFont.
func list(font []byte, kind string) []byte {
	from := bytes.Index(font, []byte(kind)) - 8
	return font[from : from+8+int(binary.LittleEndian.Uint32(font[from+4:]))]
}

// riff is a chunk, followed by nothing, though its length be odd.
func riff(kind string, data []byte) []byte {
	return append(binary.LittleEndian.AppendUint32([]byte(kind), uint32(len(data))), data...)
}

// compressedFont is an SF3 with bytes of samples and a byte that pads them, or none.
func compressedFont(t testing.TB, samples, pad []byte) []byte {
	own := ownFont(t)
	tables := bytes.Clone(list(own, "pdtaphdr"))
	headers, end := pieceOf(tables, "shdr")
	for at := headers; at+46 < end; at += 46 {
		for i, n := range []uint32{0, uint32(len(compressedOgg)), 100, 3000, 22050} {
			binary.LittleEndian.PutUint32(tables[at+20+4*i:], n)
		}
		tables[at+44] = 1 | compressed
	}
	sound := riff("LIST", slices.Concat([]byte("sdta"), riff("smpl", samples), pad))
	return riff("RIFF", slices.Concat([]byte("sfbk"), list(own, "INFOifil"), sound, tables))
}

// Samples of odd length are read with the byte that pads them, and without, as MuseScore writes them.
func TestOddSamples(t *testing.T) {
	odd := append(bytes.Clone(compressedOgg), 0)
	for _, pad := range [][]byte{nil, {0}} {
		if _, err := OpenFont(compressedFont(t, odd, pad)); err != nil {
			t.Errorf("padded by %d: %v", len(pad), err)
		}
	}
}

// The compressed samples of an SF3 are decoded when they are first played, and play as a tone does.
func TestCompressedFont(t *testing.T) {
	f, err := OpenFont(compressedFont(t, compressedOgg, nil))
	if err != nil {
		t.Fatal(err)
	}
	if f.decoded != 0 {
		t.Errorf("%d samples are decoded before they are played", f.decoded)
	}
	s := f.samples[0]
	if err := f.load(s); err != nil {
		t.Fatal(err)
	}
	if s.length < 4000 || s.loopStart != 100 || s.loopEnd != 3000 || f.decoded != int(s.length)+silentEnd {
		t.Errorf("%d samples, looped from %d to %d, of %d decoded", s.length, s.loopStart, s.loopEnd, f.decoded)
	}
	crossings := 0
	wave := s.wave[:4400]
	for i := range wave[1:] {
		if wave[i] < 0 != (wave[i+1] < 0) {
			crossings++
		}
	}
	if want := 2 * 440 * 4400 / 22050; crossings < want-4 || crossings > want+4 {
		t.Errorf("the sample crosses zero %d times, want %d", crossings, want)
	}
	if _, err := notes(f); err != nil {
		t.Error(err)
	}
	for _, other := range f.samples {
		if other.wave == nil {
			return
		}
	}
	t.Error("a scale decodes all samples")
}

// A compressed sample that is broken is found when it is played.
func TestBrokenSample(t *testing.T) {
	f, err := OpenFont(compressedFont(t, append([]byte("OggS"), make([]byte, len(compressedOgg))...), nil))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := notes(f); !errors.Is(err, badinput.Err) || !strings.Contains(err.Error(), "cannot be decoded") {
		t.Errorf("error %v", err)
	}
}
