package app

import (
	"strings"
	"testing"

	"atelier/data"
	"atelier/internal/arrange"
	"atelier/internal/music"
	"atelier/model/run"
)

// A piece that does not say its key is moved from the one that is found, which is said; --from names
// another. The mode stays.
func TestTransposeFrom(t *testing.T) {
	book, err := arrange.Own()
	if err != nil {
		t.Fatal(err)
	}
	var s *music.Score
	for _, tune := range book.Tunes {
		if tune.Title == "Jingle Bells" { // in G major, and taken for B minor
			if s, err = tune.Score(); err != nil {
				t.Fatal(err)
			}
		}
	}
	s.Keys, s.SaysKey, s.Title = nil, false, "Jingle Bells in G"
	file, _, err := s.Write(music.MIDI)
	if err != nil {
		t.Fatal(err)
	}
	for from, want := range map[string]struct{ said, key, title string }{
		"":  {"the piece does not say its key; by its tones it is in B minor; if not, name the key with --from", "A minor", "Jingle Bells in F"},
		"G": {"from G major to A major: +2 semitones", "A major", "Jingle Bells in A"},
	} {
		var out data.Item
		var said []string
		env := &Env{Studio: &run.Studio{}, Emit: func(it data.Item) error { out = it; return nil }, Say: func(line string) { said = append(said, line) }}
		a := New[*Transpose]()
		a.Piece, a.To, a.From = File{Name: "jingle.mid", Bytes: file}, "A", from
		if err := Run(t.Context(), a, env); err != nil {
			t.Fatal(err)
		}
		moved, err := music.Read(out.Bytes)
		if err != nil {
			t.Fatal(err)
		}
		if key, _ := moved.SaidKey(); key.String() != want.key || moved.Title != want.title || !strings.Contains(strings.Join(said, "\n"), want.said) {
			t.Errorf("from %q: %v, %q, said %q", from, key, moved.Title, said)
		}
	}
}
