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
		if tune.Title == "Scarborough Fair" { // in D dorian, with the signature of C major
			if s, err = tune.Score(); err != nil {
				t.Fatal(err)
			}
		}
	}
	write := func(keys []music.Key, title string) []byte {
		s.Keys, s.SaysKey, s.Title = keys, false, title
		file, _, err := s.Write(music.MIDI)
		if err != nil {
			t.Fatal(err)
		}
		return file
	}
	unsaid := write(nil, "Scarborough Fair in C")
	for name, want := range map[string]struct {
		file             []byte
		from             string
		said, key, title string
	}{
		"unsaid":   {unsaid, "", "the piece does not say its key; by its tones it is in D minor; if not, name the key with --from", "A minor", "Scarborough Fair in G"},
		"named":    {unsaid, "C", "from C major to A major: -3 semitones", "A major", "Scarborough Fair in A"},
		"in C":     {write([]music.Key{{}}, "Scarborough Fair"), "", "the piece says C major, as many programs write without being asked; by its tones it is in D minor; if not", "A minor", "Scarborough Fair"},
		"C titled": {write([]music.Key{{}}, "Scarborough Fair in C"), "", "from C major to A major: -3 semitones", "A major", "Scarborough Fair in A"},
	} {
		var out data.Item
		var said []string
		env := &Env{Studio: &run.Studio{}, Emit: func(it data.Item) error { out = it; return nil }, Say: func(line string) { said = append(said, line) }}
		a := New[*Transpose]()
		a.Piece, a.To, a.From = File{Name: "fair.mid", Bytes: want.file}, "A", want.from
		if err := Run(t.Context(), a, env); err != nil {
			t.Fatal(err)
		}
		moved, err := music.Read(out.Bytes)
		if err != nil {
			t.Fatal(err)
		}
		if key, _ := moved.SaidKey(); key.String() != want.key || moved.Title != want.title || !strings.Contains(strings.Join(said, "\n"), want.said) {
			t.Errorf("%s: %v, %q, said %q", name, key, moved.Title, said)
		}
	}
}
