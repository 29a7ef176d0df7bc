package synth

import (
	"bytes"
	"math/rand/v2"
	"os"
	"testing"

	"github.com/sinshu/go-meltysynth/meltysynth"
)

// ownFont is the file of the embedded font.
func ownFont(t testing.TB) []byte {
	t.Helper()
	file, err := os.ReadFile("../sound/sf_GMbank.sf2")
	if err != nil {
		t.Fatal(err)
	}
	return file
}

// The samples are those of the library, whatever is played: every program, every controller, more
// notes than voices.
func TestSamplesAreThoseOfTheLibrary(t *testing.T) {
	const rate, voices = 44100, 40
	file := ownFont(t)
	font, err := OpenFont(file)
	if err != nil {
		t.Fatal(err)
	}
	known, err := meltysynth.NewSoundFont(bytes.NewReader(file))
	if err != nil {
		t.Fatal(err)
	}
	settings := meltysynth.NewSynthesizerSettings(rate)
	settings.MaximumPolyphony, settings.BlockSize = voices, block
	theirs, err := meltysynth.NewSynthesizer(known, settings)
	if err != nil {
		t.Fatal(err)
	}
	ours := New(font, rate, voices)
	r := rand.New(rand.NewPCG(1, 2))
	controllers := []uint8{0, 1, 33, 6, 38, 7, 39, 10, 42, 11, 43, 64, 91, 93, 100, 101, 120, 121, 123}
	heard := false
	for round := range 1500 {
		on, key, n := uint8(r.IntN(16)), uint8(30+r.IntN(60)), uint8(r.IntN(128))
		kind, a, b := uint8(noteOn), key, n
		switch r.IntN(8) {
		case 0:
			kind = noteOff
		case 1:
			kind, a = programChange, n
		case 2:
			kind, a = pitchBend, n
		case 3:
			kind, a = controller, controllers[r.IntN(len(controllers))]
			if a == 100 || a == 101 {
				b = uint8(r.IntN(3))
			}
			if a == 0 {
				b = uint8(r.IntN(2))
			}
		}
		ours.Send(on, kind, a, b)
		theirs.ProcessMidiMessage(int32(on), int32(kind), int32(a), int32(b))
		length := r.IntN(500)
		want, got := [2][]float32{make([]float32, length), make([]float32, length)}, [2][]float32{make([]float32, length), make([]float32, length)}
		theirs.Render(want[0], want[1])
		ours.Render(got[0], got[1])
		for side := range want {
			for i, x := range want[side] {
				heard = heard || x != 0
				if got[side][i] != x {
					t.Fatalf("message %d, sample %d of side %d: %v, the library has %v", round, i, side, got[side][i], x)
				}
			}
		}
	}
	if !heard {
		t.Error("nothing was heard")
	}
}
