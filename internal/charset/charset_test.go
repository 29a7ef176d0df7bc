package charset

import (
	_ "embed"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/htmlindex"
	"golang.org/x/text/unicode/norm"
)

//go:embed testdata/paragraphs.txt
var paragraphs string

// A sample is a text in an encoding.
type sample struct{ language, charset, text, encoded string }

// named is an encoding by the name that Decode gives it.
func named(t testing.TB, name string) encoding.Encoding {
	t.Helper()
	for _, c := range byteSets {
		if c.name == name {
			return c.encoding
		}
	}
	for _, m := range marked {
		if m.name == name {
			return m.encoding
		}
	}
	e, err := htmlindex.Get(name)
	if err != nil {
		t.Fatal(name, err)
	}
	return e
}

// encode writes a text in an encoding; Vietnamese with its tones apart, and without marks
// that the encoding lacks.
func encode(t testing.TB, name, text string) (read, encoded string) {
	t.Helper()
	for _, s := range []string{text, strings.NewReplacer("’", "'", "ş", "ș", "ţ", "ț", "œ", "oe", "Ґ", "Г").Replace(text), apart(text)} {
		if encoded, err := named(t, name).NewEncoder().String(s); err == nil {
			return norm.NFC.String(s), encoded
		}
	}
	t.Fatalf("%s cannot be written in %s", text, name)
	return "", ""
}

// apart sets the tones of Vietnamese apart from their vowels.
func apart(s string) string {
	var out strings.Builder
	for _, r := range s {
		d := []rune(norm.NFD.String(string(r)))
		vowel, tones := d[:1:1], ""
		for _, m := range d[1:] {
			if strings.ContainsRune("\u0300\u0301\u0303\u0309\u0323", m) {
				tones += string(m)
			} else {
				vowel = append(vowel, m)
			}
		}
		out.WriteString(norm.NFC.String(string(vowel)) + tones)
	}
	return out.String()
}

// samples are the paragraphs in all their encodings, cut to so many characters, after a
// beginning.
func samples(t testing.TB, beginning string, most int) (all []sample) {
	t.Helper()
	lines := strings.Split(strings.TrimSpace(paragraphs), "\n")
	for i := 0; i < len(lines); i += 2 {
		about := strings.Fields(lines[i])
		runes := []rune(lines[i+1])
		text := beginning + string(runes[:min(most, len(runes))])
		for _, name := range about[1:] {
			read, encoded := encode(t, name, text)
			if len(encoded) > utf8.RuneCountInString(encoded) || !utf8.ValidString(encoded) || name == "iso-2022-jp" {
				all = append(all, sample{about[0], name, read, encoded})
			}
		}
		for _, m := range marked {
			_, encoded := encode(t, m.name, text)
			all = append(all, sample{about[0], m.name, text, encoded})
		}
	}
	return all
}

// rate counts what becomes of samples.
func rate(t *testing.T, all []sample) (right, dropped, garbled int) {
	for _, s := range all {
		text, name := Decode([]byte(s.encoded), "")
		switch {
		case name == "":
			dropped++
			t.Logf("dropped: %s in %s", s.language, s.charset)
		case norm.NFC.String(text) == s.text, strings.Map(cedilla, text) == strings.Map(cedilla, s.text):
			right++
		default:
			garbled++
			t.Errorf("%s in %s is read as %s: %.60q", s.language, s.charset, name, text)
		}
	}
	return right, dropped, garbled
}

// Every text comes out right or not at all. How many come out right is the least that
// was measured.
func TestNoneIsGarbled(t *testing.T) {
	const code = "func main() {\n\tfor i := range 10 {\n\t\tfmt.Println(\"line\", i) // prints a line\n\t}\n}\n// Written by "
	for _, c := range []struct {
		name, beginning string
		most            int
		percent         int // that are right
	}{
		{"paragraphs", "", 1000, 98}, {"100 characters", "", 100, 98}, {"40 characters", "", 40, 90}, {"20 characters", "", 20, 88}, {"source code", code, 30, 80},
	} {
		t.Run(c.name, func(t *testing.T) {
			all := samples(t, c.beginning, c.most)
			right, dropped, garbled := rate(t, all)
			t.Logf("%d right, %d dropped, %d garbled", right, dropped, garbled)
			if right*100 < c.percent*len(all) || garbled > 0 {
				t.Errorf("%d of %d are right, want %d %%", right, len(all), c.percent)
			}
		})
	}
}

// Encodings that are not known, and bytes that are no text, are not guessed.
func TestUnknownIsNotGuessed(t *testing.T) {
	for name, b := range map[string]string{
		"Greek in CP737":  "\x92\xa6 \xae\xe0\xa8\xa0\xa6 \x99\xa8\xe5\xa9\xa1\x9c\xab\xa0 \xaf\x9e\xa2\xe1 \xa9\xab\xa6 \x99\xa6\xac\xa4\xa6",
		"ISO 2022 Korean": "\x1b$)C\x0e0!3*4Y\x0f",
		"noise":           "\x81\x05\xfe\x90\x8d\x9c\x13\xff\x07\x8f\xf1\x02\xc3\xc3\x1f\x80",
		"one byte":        "\xff",
	} {
		if text, found := Decode([]byte(b), ""); found != "" {
			t.Errorf("%s is read as %s: %q", name, found, text)
		}
	}
}

// unknown are texts in encodings that are not known, and much like some that are.
//
//go:embed testdata/unknown.txt
var unknown string

// Texts in encodings that are not known are dropped, in whatever length.
func TestSiblingsOfEncodingsAreNotGuessed(t *testing.T) {
	lines := strings.Split(strings.TrimSpace(unknown), "\n")
	for i := 0; i < len(lines); i += 2 {
		whole, err := strconv.Unquote(`"` + strings.ReplaceAll(lines[i+1], `"`, `\"`) + `"`)
		if err != nil {
			t.Fatal(lines[i], err)
		}
		for _, most := range []int{240, 160, 100} {
			if text, found := Decode([]byte(whole[:min(most, len(whole))]), ""); found != "" {
				t.Errorf("%s is read as %s: %.80q", lines[i], found, text)
			}
		}
	}
}

func TestHZ(t *testing.T) {
	for given, want := range map[string]string{
		"Title: ~{VPND~}\n": "Title: 中文\n", "~{NRCGTZ4:LlH%VP9z~}": "我们在春天去中国", "a ~{ b ~} c": "a ~{ b ~} c", "s/~{x}~/y/": "s/~{x}~/y/",
	} {
		if got, _ := Decode([]byte(given), ""); got != want {
			t.Errorf("%q is read as %q, want %q", given, got, want)
		}
	}
}

func TestMarksAndBlanks(t *testing.T) {
	for given, want := range map[string]string{
		"\xff\xfea\x00b\x00": "ab", "\xfe\xff\x00a\x00b": "ab", "\xff\xfe\x00\x00a\x00\x00\x00": "a", "\x00\x00\xfe\xff\x00\x00\x00a": "a",
		"a\x1b[31mred\x1b[0m": "a\x1b[31mred\x1b[0m",
	} {
		if got, _ := Decode([]byte(given), ""); got != want {
			t.Errorf("%q is read as %q, want %q", given, got, want)
		}
	}
	for _, b := range []string{"", "\ufeff", "\xff\xfe", "\xff\xfe \x00\n\x00", " \t\r\n", "\u200b\u200d\n", "\ufffd\ufffd", "\u00a0\u00ad"} {
		if !IsBlank([]byte(b)) {
			t.Errorf("%q is not blank", b)
		}
	}
	if IsBlank([]byte("\ufeffa")) || IsBlank([]byte("\xff")) {
		t.Error("a character is blank")
	}
	if got, name := Decode([]byte("caf\xe9"), "latin1"); got != "café" || name != "latin1" {
		t.Error("the hint is not believed:", got, name)
	}
}

func TestLearn(t *testing.T) {
	// Each letter has one that surely follows: 0 bits. A fourth of all symbols are each of
	// four; that one follows where it never did has (4/4)/1004 of the probability: 20 half bits.
	want := "xx абв\n20DD\nDD0D\nDDD0\n0DDD\n"
	if got := Learn("xx", strings.Repeat("абв ", 1000)); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	for _, l := range languages() {
		for _, row := range l.cost {
			if len(row) != len(l.index)+1 || len(l.cost) != len(row) {
				t.Fatalf("the table of %s has %d rows and one of %d", l.name, len(l.cost), len(row))
			}
		}
	}
}

func FuzzDecode(f *testing.F) {
	for _, s := range samples(f, "", 40) {
		f.Add([]byte(s.encoded))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		text, name := Decode(b, "")
		if !utf8.ValidString(text) || name == "" && text != "" {
			t.Errorf("%q is read as %q, %s", b, text, name)
		}
	})
}

func BenchmarkDecode(b *testing.B) {
	for _, s := range samples(b, "", 1000) {
		if s.charset == "windows-1250" && s.language == "pl" || s.charset == "gb18030" {
			long := []byte(strings.Repeat(s.encoded, 2048/len(s.encoded)+1))
			b.Run(s.charset, func(b *testing.B) {
				b.SetBytes(int64(len(long)))
				for b.Loop() {
					Decode(long, "")
				}
			})
		}
	}
}
