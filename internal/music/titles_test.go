package music

import "testing"

// A title that names the key of a piece names the new one when the piece is moved.
func TestTitlesOfMovedPieces(t *testing.T) {
	for _, c := range []struct {
		title string
		by    int
		want  string
	}{
		{"Prelude in C major", 7, "Prelude in G major"}, {"Fugue in C minor, BWV 847", 2, "Fugue in D minor, BWV 847"},
		{"Sonata in B flat, Op. 106", 2, "Sonata in C, Op. 106"}, {"Sonata in C", -2, "Sonata in Bb"}, {"Trio in E♭ major", -2, "Trio in D♭ major"},
		{"Air in D-sharp minor", 3, "Air in F-sharp minor"}, {"Waltz in Am", 2, "Waltz in Bm"}, {"Étude in C-sharp minor", 0, "Étude in C-sharp minor"},
		{"G大调小步舞曲", 2, "A大调小步舞曲"}, {"Bach in E minor and in G major", 2, "Bach in F# minor and in A major"},
		{"A Walk in A Park", 2, "A Walk in A Park"}, {"In the Bleak Midwinter", 2, "In the Bleak Midwinter"}, {"Made in Germany", 2, "Made in Germany"},
		{"in Eternity", 1, "in Eternity"}, {"", 1, ""},
	} {
		s := quarters(scale(60, 0, 2, 4, 5, 7)...)
		s.Title = c.title
		if moved, _ := s.Transposed(c.by); moved.Title != c.want {
			t.Errorf("%q by %d: %q, want %q", c.title, c.by, moved.Title, c.want)
		}
	}
}

// A title in another key than the one that the piece is moved into names one of few signs.
func TestTitlesOfPiecesMovedIntoKeys(t *testing.T) {
	s := quarters(scale(60, 0, 2, 4, 5, 7)...)
	s.Title, s.SaysKey = "Sonata in B-flat, Air in C", true
	s.Keys = []Key{{}}
	if moved, _ := s.Into(Key{}, Key{Fifths: -5}); moved.Title != "Sonata in B, Air in Db" {
		t.Errorf("%q", moved.Title)
	}
	if moved, _ := s.Into(Key{}, Key{Fifths: -7}); moved.Title != "Sonata in A, Air in Cb" {
		t.Errorf("%q", moved.Title)
	}
}
