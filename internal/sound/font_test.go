package sound

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

// pieceOf is the place of a chunk's data in the font.
func pieceOf(t testing.TB, kind string) (from, to int) {
	t.Helper()
	from = bytes.Index(ownFont, []byte(kind)) + 8
	return from, from + int(binary.LittleEndian.Uint32(ownFont[from-4:]))
}

func TestRefusedFonts(t *testing.T) {
	wrongly := bytes.Clone(ownFont)
	headers, end := pieceOf(t, "shdr")
	for at := headers; at < end; at += 46 {
		wrongly[at+44] |= compressed
	}
	unmarked := bytes.Clone(ownFont)
	samples, _ := pieceOf(t, "smpl")
	copy(unmarked[samples:], "OggS")
	beyond := bytes.Clone(ownFont)
	binary.LittleEndian.PutUint32(beyond[headers+24:], 1<<30)
	huge := bytes.Clone(ownFont)
	binary.LittleEndian.PutUint32(huge[samples-4:], 1<<32-1)
	for name, c := range map[string]struct {
		file []byte
		want string
	}{
		"nothing":             {nil, "is not a SoundFont"},
		"a text":              {[]byte("hello, this is no font"), "is not a SoundFont"},
		"cut":                 {ownFont[:len(ownFont)/2], "cut short"},
		"header alone":        {ownFont[:12], "without samples"},
		"samples of 4 GB":     {huge, "cut short"},
		"compressed wrongly":  {wrongly, "cannot be decoded"},
		"compressed unmarked": {unmarked, "would sound as noise"},
		"a sample beyond":     {beyond, "damaged SoundFont"},
	} {
		if _, err := OpenFont(c.file); !errors.Is(err, badinput.Err) || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: error %v, want %s", name, err, c.want)
		}
	}
}

// A font with bytes changed anywhere in its tables is refused, or played, or found damaged
// while it is played.
func TestDamagedFonts(t *testing.T) {
	tables := bytes.LastIndex(ownFont, []byte("phdr"))
	s := piece()
	for n := tables; n < len(ownFont); n += (len(ownFont) - tables) / 12 {
		broken := bytes.Clone(ownFont)
		for i := n; i < min(n+64, len(broken)); i += 3 {
			broken[i] ^= 0xA5
		}
		font, err := OpenFont(broken)
		if err == nil {
			_, _, err = Play(t.Context(), s, font, -16, nil)
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
func list(t testing.TB, kind string) (from, to int) {
	t.Helper()
	from = bytes.Index(ownFont, []byte(kind)) - 8
	return from, from + 8 + int(binary.LittleEndian.Uint32(ownFont[from+4:]))
}

// riff is a chunk, followed by nothing, though its length be odd.
func riff(kind string, data []byte) []byte {
	return append(binary.LittleEndian.AppendUint32([]byte(kind), uint32(len(data))), data...)
}

// compressedFont is an SF3 with bytes of samples and a byte that pads them, or none.
func compressedFont(t testing.TB, samples, pad []byte) []byte {
	infoFrom, infoTo := list(t, "INFOifil")
	tablesFrom, tablesTo := list(t, "pdtaphdr")
	tables := bytes.Clone(ownFont[tablesFrom:tablesTo])
	headers := bytes.Index(tables, []byte("shdr")) + 8
	for at := headers; at+46 < len(tables); at += 46 {
		for i, n := range []uint32{0, uint32(len(compressedOgg)), 100, 3000, 22050} {
			binary.LittleEndian.PutUint32(tables[at+20+4*i:], n)
		}
		tables[at+44] = 1 | compressed
	}
	sound := riff("LIST", slices.Concat([]byte("sdta"), riff("smpl", samples), pad))
	return riff("RIFF", slices.Concat([]byte("sfbk"), ownFont[infoFrom:infoTo], sound, tables))
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

// The compressed samples of an SF3 are decoded, and play as a tone does.
func TestCompressedFont(t *testing.T) {
	f, err := OpenFont(compressedFont(t, compressedOgg, nil))
	if err != nil {
		t.Fatal(err)
	}
	n := len(f.font.WaveData)
	if h := f.font.SampleHeaders[1]; h.End-h.Start < 4000 || h.StartLoop != h.Start+100 || int(h.End) > n {
		t.Errorf("%+v of %d", h, n)
	}
	crossings := 0
	wave := f.font.WaveData[f.font.SampleHeaders[1].Start:][:4400]
	for i := range wave[1:] {
		if wave[i] < 0 != (wave[i+1] < 0) {
			crossings++
		}
	}
	if want := 2 * 440 * 4400 / 22050; crossings < want-4 || crossings > want+4 {
		t.Errorf("the sample crosses zero %d times, want %d", crossings, want)
	}
	if _, _, err := Play(t.Context(), piece(), f, -16, nil); err != nil {
		t.Error(err)
	}
}
