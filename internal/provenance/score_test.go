package provenance

import (
	"bytes"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"atelier/internal/music"
)

// Scores carry labels, keep their notes, and a later label replaces the first.
func TestWriteReadScores(t *testing.T) {
	s := &music.Score{Quarter: 48, Title: "A title", Parts: []music.Part{{Notes: []music.Note{{At: 0, Length: 48, Pitch: 60, Velocity: 80}, {At: 48, Length: 96, Pitch: 64, Velocity: 80}}}}}
	s.Sort()
	long := example
	for i := range 2000 {
		long.Seeds = append(long.Seeds, uint64(i)<<32)
	}
	for _, f := range []music.Format{music.ABC, music.MusicXML, music.MXL} {
		plain, _, err := s.Write(f)
		if err != nil {
			t.Fatal(err)
		}
		for _, l := range []Label{example, long} {
			labelled := write(t, plain, l)
			if got, err := Read(labelled); err != nil || !cmp.Equal(got, l) {
				t.Errorf("%s: %s, error %v", f, cmp.Diff(got, l), err)
			}
			other := Label{Run: "0003-other"}
			if !bytes.Equal(write(t, labelled, other), write(t, plain, other)) {
				t.Errorf("%s: the first label is still there after the second", f)
			}
			was, err := music.Read(plain)
			if err != nil {
				t.Fatal(err)
			}
			is, err := music.Read(labelled)
			if err != nil || fmt.Sprint(is.Score) != fmt.Sprint(was.Score) {
				t.Errorf("%s: plays %v, want %v; error %v", f, is, was, err)
			}
		}
		labelled := write(t, plain, example)
		for n := range labelled {
			flipped := bytes.Clone(labelled)
			flipped[n] ^= 0x81
			for _, file := range [][]byte{labelled[:n:n], flipped} {
				if l, err := Read(file); err == nil {
					Write(file, l)
				}
			}
		}
	}
	// Fields that others wrote stay.
	file := []byte(`<score-partwise><identification><miscellaneous><miscellaneous-field name="x">y</miscellaneous-field></miscellaneous></identification></score-partwise>`)
	if labelled := write(t, file, example); !bytes.Contains(labelled, []byte(`<miscellaneous-field name="x">y</miscellaneous-field>`)) {
		t.Errorf("%s", labelled)
	}
}
