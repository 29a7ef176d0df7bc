package sound

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/mewkiz/flac"

	"atelier/internal/badinput"
	"atelier/internal/midi"
	"atelier/internal/music"
	"atelier/internal/musictest"
	"atelier/internal/synth"
)

// tone is a sine in both channels, of an amplitude in dBFS each; NaN for silence.
func tone(hertz, seconds, left, right float64) *Recording {
	r := &Recording{Rate: Rate}
	for i := range int(seconds * Rate) {
		x := math.Sin(2 * math.Pi * hertz * float64(i) / Rate)
		for _, c := range []struct {
			to *[]float32
			db float64
		}{{&r.Left, left}, {&r.Right, right}} {
			y := 0.0
			if !math.IsNaN(c.db) {
				y = x * factorOf(c.db)
			}
			*c.to = append(*c.to, float32(y))
		}
	}
	return r
}

func joined(all ...*Recording) *Recording {
	out := &Recording{Rate: Rate}
	for _, r := range all {
		out.Left, out.Right = append(out.Left, r.Left...), append(out.Right, r.Right...)
	}
	return out
}

// ITU-R BS.1770-4 says that a sine of 997 Hz at full scale in one channel is -3.01 LKFS; the
// sequences are those of EBU Tech 3341, cases 1 to 3.
func TestLoudness(t *testing.T) {
	none := math.NaN()
	for name, c := range map[string]struct {
		r    *Recording
		want float64
	}{
		"full scale in one channel": {tone(997, 5, 0, none), -3.01},
		"-20 dBFS in one channel":   {tone(997, 5, -20, none), -23.01},
		"-20 dBFS in both":          {tone(997, 5, -20, -20), -20},
		"case 1":                    {tone(1000, 20, -23, -23), -23},
		"case 2":                    {tone(1000, 20, -33, -33), -33},
		"case 3, quiet at the ends": {joined(tone(1000, 10, -36, -36), tone(1000, 60, -23, -23), tone(1000, 10, -36, -36)), -23},
		"silence around it":         {joined(tone(1000, 9, none, none), tone(1000, 20, -23, -23)), -23},
		"short":                     {tone(997, .2, -20, -20), -20},
	} {
		if got := c.r.Loudness(); math.Abs(got-c.want) > .1 {
			t.Errorf("%s: %.2f LUFS, want %.2f", name, got, c.want)
		}
	}
	if got := tone(997, 1, none, none).Loudness(); !math.IsInf(got, -1) {
		t.Errorf("silence has %.2f LUFS", got)
	}
}

// Between samples a sine can be 3 dB above them.
func TestTruePeak(t *testing.T) {
	r := &Recording{Rate: Rate}
	for i := range Rate {
		x := float32(.5 * math.Sin(math.Pi/2*float64(i)+math.Pi/4))
		r.Left, r.Right = append(r.Left, x), append(r.Right, 0)
	}
	if got := r.Peak(); math.Abs(got+6.02) > .3 {
		t.Errorf("the true peak is %.2f dBFS, want -6.02", got)
	}
}

func TestLevel(t *testing.T) {
	click := joined(tone(997, 2, -30, -30), tone(997, .003, -2, -2), tone(997, 2, -30, -30))
	for name, c := range map[string]struct {
		r              *Recording
		target, lowest float64
	}{
		"soft":            {tone(440, 2, -50, -50), -16, -16.1},
		"loud":            {tone(440, 2, -1, -1), -16, -16.1},
		"a peak":          {joined(tone(997, 2, -30, -30), tone(997, .003, -12, -12), tone(997, 2, -30, -30)), -16, -16.5},
		"a peak too high": {click, -16, -23},
	} {
		got := c.r.Level(c.target)
		if measured := c.r.Loudness(); math.Abs(measured-got) > .1 {
			t.Errorf("%s: says %.2f LUFS, has %.2f", name, got, measured)
		}
		if got < c.lowest || got > c.target+.1 {
			t.Errorf("%s: %.2f LUFS, want %.2f", name, got, c.target)
		}
		if peak := c.r.Peak(); peak > Ceiling+.01 {
			t.Errorf("%s: the peak is %.2f dBFS", name, peak)
		}
	}
	if got := tone(440, 1, math.NaN(), math.NaN()).Level(-16); !math.IsInf(got, -1) {
		t.Error("silence is levelled to", got)
	}
}

// piece is a scale in two parts, one of them drums.
func piece() *music.Score {
	s := &music.Score{Quarter: 480, Title: "A scale", Parts: []music.Part{{}, {Channel: midi.DrumChannel}}}
	for i, pitch := range []uint8{60, 62, 64, 65, 67, 69, 71, 72} {
		s.Parts[0].Notes = append(s.Parts[0].Notes, music.Note{At: int64(i)*240 + 480, Length: 240, Pitch: pitch, Velocity: 90, Program: uint8(i % 3 * 20)})
		s.Parts[1].Notes = append(s.Parts[1].Notes, music.Note{At: int64(i)*240 + 480, Length: 10, Pitch: 38, Velocity: 100})
	}
	s.Sort()
	return s
}

func play(t testing.TB, s *music.Score, loudness float64) *Recording {
	t.Helper()
	font, err := Own()
	if err != nil {
		t.Fatal(err)
	}
	r, reached, err := Play(t.Context(), s, font, loudness, nil)
	if err != nil {
		t.Fatal(err)
	}
	if math.Abs(reached-r.Loudness()) > .3 { // measured before the ends were cut
		t.Errorf("says %.2f LUFS, has %.2f", reached, r.Loudness())
	}
	return r
}

// The loudness that is told is that of what is written, however much silence was cut.
func TestLoudnessOfShortPieces(t *testing.T) {
	font, err := Own()
	if err != nil {
		t.Fatal(err)
	}
	for _, length := range []int64{12, 96, 384} {
		s := &music.Score{Quarter: 96, Parts: []music.Part{{Notes: []music.Note{{At: 4 * 96, Length: length, Pitch: 60, Velocity: 80}}}}}
		r, reached, err := Play(t.Context(), s, font, -23, nil)
		if err != nil {
			t.Fatal(err)
		}
		if got := r.Loudness(); math.Abs(got-reached) > .02 || math.Abs(got+23) > .1 {
			t.Errorf("a note of %d ticks is at %.2f LUFS, told as %.2f", length, got, reached)
		}
	}
}

func TestPlay(t *testing.T) {
	r := play(t, piece(), -16)
	if got := r.Loudness(); math.Abs(got+16) > 1 {
		t.Errorf("%.2f LUFS", got)
	}
	if r.Peak() > Ceiling+.01 {
		t.Errorf("peak %.2f dBFS", r.Peak())
	}
	if max(magnitude(r.Left[0]), magnitude(r.Right[0])) == 0 {
		t.Error("it begins with silence")
	}
	if s := r.Seconds(); s < 2 || s > 8 {
		t.Errorf("two seconds of notes last %.2f s", s)
	}
	again := play(t, piece(), -16)
	a, _ := r.FLAC(16, "")
	b, _ := again.FLAC(16, "")
	if !bytes.Equal(a, b) {
		t.Error("the same piece gives other bytes")
	}
}

func TestUnplayable(t *testing.T) {
	font, err := Own()
	if err != nil {
		t.Fatal(err)
	}
	long := piece()
	long.Parts[0].Notes[7].At = 1 << 30
	for want, s := range map[string]*music.Score{"at most 2:00:00": long, "makes no sound": {Quarter: 96, Parts: []music.Part{{Notes: []music.Note{{Length: 96, Pitch: 127, Velocity: 1}}}}}} {
		_, _, err := Play(t.Context(), s, font, -16, nil)
		if want == "makes no sound" && err == nil {
			continue // it does, softly
		}
		if !errors.Is(err, badinput.Err) || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want %s", err, want)
		}
	}
	ctx, stop := context.WithCancel(t.Context())
	stop()
	if _, _, err := Play(ctx, piece(), font, -16, nil); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

// What is written is read back by others.
func TestWAV(t *testing.T) {
	r := joined(tone(440, .1, -3, -9), tone(3000, .1, 0, 0))
	for _, bits := range []int{16, 24} {
		for _, title := range []string{"", "odd", "even"} {
			b, err := r.WAV(bits, title)
			if err != nil {
				t.Fatal(err)
			}
			if n := binary.LittleEndian.Uint32(b[4:]); int(n) != len(b)-8 || len(b)%2 > 0 {
				t.Errorf("%d bits, title %q: a length of %d in %d bytes", bits, title, n, len(b))
			}
			if n := int(binary.LittleEndian.Uint32(b[40:])); n != len(r.Left)*2*bits/8 {
				t.Errorf("%d bits: %d bytes of samples", bits, n)
			}
			readElsewhere(t, r, b, ".wav")
		}
	}
}

func TestFLAC(t *testing.T) {
	quiet := tone(440, .2, math.NaN(), math.NaN())
	for name, r := range map[string]*Recording{
		"a tone": joined(tone(440, .3, -3, -9), tone(3000, .1, 0, 0)), "silence": quiet, "mono": tone(440, .5, -6, -6),
		"one sample": {Rate: Rate, Left: []float32{.5}, Right: []float32{-.5}}, "a block": {Rate: Rate, Left: make([]float32, flacBlock), Right: tone(9000, 1, 0, 0).Left[:flacBlock]},
	} {
		for _, depth := range []int{16, 24} {
			b, err := r.FLAC(depth, "Title")
			if err != nil {
				t.Fatal(err)
			}
			stream, err := flac.New(bytes.NewReader(b))
			if err != nil {
				t.Fatal(err)
			}
			at := 0
			for at < len(r.Left) {
				f, err := stream.ParseNext()
				if err != nil {
					t.Fatalf("%s, %d bits: %v at %d", name, depth, err, at)
				}
				for i := range f.Subframes[0].Samples {
					if f.Subframes[0].Samples[i] != whole(r.Left[at+i], depth) || f.Subframes[1].Samples[i] != whole(r.Right[at+i], depth) {
						t.Fatalf("%s, %d bits: another sample at %d", name, depth, at+i)
					}
				}
				at += len(f.Subframes[0].Samples)
			}
			readElsewhere(t, r, b, ".flac")
		}
	}
}

// readElsewhere has SoX read the samples.
func readElsewhere(t *testing.T, r *Recording, file []byte, extension string) {
	t.Helper()
	t.Run("elsewhere", func(t *testing.T) {
		if n := len(musictest.Samples(t, file, extension)); n != 2*len(r.Left) {
			t.Errorf("%d samples are read of %d", n, 2*len(r.Left))
		}
	})
}

// Behind a sound, the filters come to rest: what is left in them does not become denormal.
func TestFiltersSettle(t *testing.T) {
	shelf, pass := kWeighting(Rate)
	right := [2]biquad{shelf, pass}
	weighted(&shelf, &pass, &right[0], &right[1], []float32{1, 1}, []float32{1, 0})
	rest := make([]float32, Rate/10)
	for range 20 {
		weighted(&shelf, &pass, &right[0], &right[1], rest, rest)
	}
	for _, f := range []biquad{shelf, pass, right[0], right[1]} {
		if f.z1 != 0 || f.z2 != 0 {
			t.Errorf("%g and %g are left", f.z1, f.z2)
		}
	}
}

// A piece of any length is refused with its length, and a long rest tells how far it is.
func TestLongPieces(t *testing.T) {
	font, err := Own()
	if err != nil {
		t.Fatal(err)
	}
	s := &music.Score{Quarter: 1, Parts: []music.Part{{Notes: []music.Note{{Length: 1, Pitch: 60, Velocity: 90}, {At: 1 << 38, Length: 1, Pitch: 60, Velocity: 90}}}}}
	if _, err := Render(t.Context(), s, font, nil); err == nil || !strings.Contains(err.Error(), "lasts 38177487:") {
		t.Error(err)
	}
	s.Parts[0].Notes[1].At = 60
	told := 0
	if _, err := Render(t.Context(), s, font, func(done, total int) { told++ }); err != nil || told < 5 {
		t.Errorf("%v, %d times told", err, told)
	}
}

// A font that lacks instruments of a piece says which, and which of its own stands in.
func TestLackedInstruments(t *testing.T) {
	file := bytes.Clone(ownFont)
	const size, program = 38, 20 // of a preset, and where its number and bank are
	at := bytes.Index(file, []byte("phdr")) + 8
	for end := at + int(binary.LittleEndian.Uint32(file[at-4:])) - size; at < end; at += size {
		if n := file[at+program]; file[at+program+2] == 0 && (n == 0 || n == 40) { // of bank 0
			file[at+program] = 99
		}
	}
	font, err := synth.OpenFont(file)
	if err != nil {
		t.Fatal(err)
	}
	s := &music.Score{Quarter: 96, Parts: []music.Part{
		{Notes: []music.Note{{Length: 96, Pitch: 60, Velocity: 90}, {At: 96, Length: 96, Pitch: 60, Velocity: 90}}},
		{Channel: 1, Notes: []music.Note{{Length: 96, Pitch: 60, Velocity: 90, Program: 40}}},
		{Channel: 2, Notes: []music.Note{{Length: 96, Pitch: 60, Velocity: 90, Program: 20}}},
		{Channel: 9, Notes: []music.Note{{Length: 96, Pitch: 40, Velocity: 90, Program: 8}}},
	}}
	r, err := Render(t.Context(), s, font, nil)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(r.Lacking, []string{"Acoustic Grand Piano", "Violin"}) || r.Instead == "" {
		t.Errorf("it lacks %q, for which %q plays", r.Lacking, r.Instead)
	}
	own, err := Own()
	if err != nil {
		t.Fatal(err)
	}
	if r, err = Render(t.Context(), s, own, nil); err != nil || len(r.Lacking) > 0 {
		t.Errorf("the embedded font lacks %q: %v", r.Lacking, err)
	}
}
