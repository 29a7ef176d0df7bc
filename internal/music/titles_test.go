package music

import (
	"testing"

	texts "golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/unicode"
)

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

// Titles of old files are read in the encoding that they are in, and in Latin-1 where that is not
// certain.
func TestEncodedTitles(t *testing.T) {
	for _, c := range []struct {
		encoding texts.Encoding
		title    string
	}{
		{simplifiedchinese.GBK, "月亮代表我的心"}, {simplifiedchinese.GBK, "茉莉花"}, {japanese.ShiftJIS, "さくらさくら"},
		{japanese.ShiftJIS, "春の海"}, {charmap.ISO8859_1, "Für Elise"}, {charmap.ISO8859_1, "Frère Jacques"}, {charmap.ISO8859_1, "Träumerei"},
		{charmap.ISO8859_1, "À la claire fontaine"}, {charmap.ISO8859_1, "Noël"}, {charmap.ISO8859_1, "Mañana"}, {charmap.ISO8859_1, "Où"},
		{unicode.UTF8, "月亮"}, {unicode.UTF8, "Für Elise"},
	} {
		raw, err := c.encoding.NewEncoder().String(c.title)
		if err != nil {
			t.Fatal(err)
		}
		s := &Score{Title: raw, Quarter: 96, Parts: []Part{{Notes: []Note{{Length: 96, Pitch: 60, Velocity: 90}}}}}
		if got := FromSong(s.Song(), Counts{}).Title; got != c.title {
			t.Errorf("%s in MIDI: %q", c.title, got)
		}
		p, err := Read([]byte("X:1\nT:" + raw + "\nK:C\nCDEF|\n"))
		if err != nil {
			t.Fatal(err)
		}
		if p.Score.Title != c.title {
			t.Errorf("%s in ABC: %q", c.title, p.Score.Title)
		}
	}
}
