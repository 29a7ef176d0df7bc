package music

import (
	"strings"
	"testing"

	"atelier/internal/midi"
)

// Tuplets are written as groups, whose lengths are those that ABC programs read.
func TestABCTuplets(t *testing.T) {
	line := func(quarter int, lengths ...int64) *Score {
		s := &Score{Quarter: quarter, Meters: []midi.Meter{{Count: 4, Unit: 4}}, Parts: []Part{{}}}
		at := int64(0)
		for i, l := range lengths {
			s.Parts[0].Notes = append(s.Parts[0].Notes, Note{at, l, uint8(72 + []int{0, 2, 4, 5, 7, 9, 11}[i%7]), usualVelocity, 0})
			at += l
		}
		s.Sort()
		return s
	}
	for _, c := range []struct {
		what    string
		s       *Score
		want    string
		notices string
	}{
		{"triplet", line(48, 16, 16, 16, 48), "(3c d e f2 z4", ""},
		{"long and short", line(48, 32, 16, 48), "(3:2:2c2 d e2 z4", ""},
		{"two triplets", line(48, 16, 16, 16, 16, 16, 16), "(3c d e (3f g a z4", ""},
		{"half notes", line(48, 64, 64, 64), "(3c4 d4 e4", ""},
		{"quintuplet", line(240, 48, 48, 48, 48, 48), "(5:4:5c/2 d/2 e/2 f/2 g/2 z6", ""},
		{"septuplet", line(336, 48, 48, 48, 48, 48, 48, 48), "(7:4:7c/2 d/2 e/2 f/2 g/2 a/2 b/2 z6", ""},
		{"all of them", line(1680, 560, 560, 560, 336, 336, 336, 336, 336, 240, 240, 240, 240, 240, 240, 240), "(3c d e (5:4:5f/2 g/2 a/2 b/2 c/2 (7:4:7d/2 e/2 f/2 g/2 a/2 b/2 c/2 z2", ""},
		{"plain", line(48, 72, 24, 60, 36), "c3 d e5/2 f3/2", ""},
		{"fifteenths", line(240, 16, 16, 208), "c/8 d/8 e7/4 z6", "3 notes moved"},
	} {
		file, lost, err := c.s.Write(ABC)
		if err != nil {
			t.Fatal(err)
		}
		lines := strings.Split(strings.TrimSpace(string(file)), "\n")
		if got := strings.TrimSuffix(lines[len(lines)-1], " |]"); got != c.want || !strings.HasPrefix(lost.String(), c.notices) || c.notices == "" && len(lost) > 0 {
			t.Errorf("%s: %s (%v)\nwant %s", c.what, got, lost, c.want)
		}
		if c.notices == "" {
			if got, want := tune(mustRead(t, string(file)), 0), tune(&Piece{Score: c.s}, 0); got != want {
				t.Errorf("%s is read as %s\nwant %s", c.what, got, want)
			}
		}
	}
}
