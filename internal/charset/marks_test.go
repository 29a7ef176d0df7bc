package charset

import (
	_ "embed"
	"strings"
	"testing"
	"unicode/utf8"
)

//go:embed testdata/marks.txt
var marksTexts string

// markSamples are texts that are ASCII but for a few signs or letters, in the encodings
// that have those.
func markSamples(t testing.TB, charset string, most int) (all []sample) {
	t.Helper()
	lines := strings.Split(strings.TrimSpace(marksTexts), "\n")
	for i := 0; i < len(lines); i += 2 {
		runes := []rune(strings.ReplaceAll(lines[i+1], `\n`, "\n"))
		text := string(runes[:min(most, len(runes))])
		encoded, err := named(t, charset).NewEncoder().String(text)
		if err == nil && !utf8.ValidString(encoded) {
			all = append(all, sample{lines[i], charset, text, encoded})
		}
	}
	return all
}

// What is right once is right in a long text.
func TestMarksInLongTexts(t *testing.T) {
	for _, charset := range []string{"windows-1252", "macintosh", "ibm437", "ibm850"} {
		for _, s := range markSamples(t, charset, 1000) {
			if _, name := Decode([]byte(s.encoded), ""); name == "" {
				continue
			}
			long := strings.Repeat(s.text+"\n", 40)
			if got, name := Decode([]byte(strings.Repeat(s.encoded+"\n", 40)), ""); got != long {
				t.Errorf("40 times %s in %s is read as %q", s.language, charset, name)
			}
		}
	}
}

// Prose in ASCII with a few typographic marks is read, and never garbled.
func TestMarksInASCII(t *testing.T) {
	for _, c := range []struct {
		charset string
		percent int // that are right
	}{{"windows-1252", 95}, {"iso-8859-15", 80}, {"macintosh", 75}, {"ibm437", 80}, {"ibm850", 80}} {
		for _, most := range []int{1000, 100} {
			all := markSamples(t, c.charset, most)
			right, dropped, garbled := rate(t, all)
			t.Logf("%s, %d characters: %d right, %d dropped, %d garbled", c.charset, most, right, dropped, garbled)
			if right*100 < c.percent*len(all) || garbled > 0 {
				t.Errorf("%s: %d of %d are right, want %d %%", c.charset, right, len(all), c.percent)
			}
		}
	}
}
