package clean

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"atelier/data"
)

// prose is n different sentences.
func prose(n int) string {
	rng := rand.New(rand.NewPCG(1, 2))
	nouns := []string{"house", "river", "mountain", "teacher", "window", "garden", "letter", "winter", "harbour", "story"}
	var out strings.Builder
	for i := range n {
		fmt.Fprintf(&out, "The %s of the %s and that %s have %d things to do with it.\n", nouns[rng.IntN(10)], nouns[rng.IntN(10)], nouns[rng.IntN(10)], i)
	}
	return out.String()
}

func reason(err error) string {
	var drop *data.Drop
	if errors.As(err, &drop) {
		return drop.Reason
	}
	return ""
}

func TestQualityRules(t *testing.T) {
	chinese := strings.Repeat("初，郑武公娶于申，曰武姜，生庄公及共叔段。庄公寤生，惊姜氏，故名曰寤生，遂恶之。", 1) + "爱共叔段，欲立之。亟请于武公，公弗许。及庄公即位，为之请制。公曰：制，岩邑也，虢叔死焉，佗邑唯命。"
	for _, c := range []struct{ cleaner, text, reason string }{
		{"gopher", prose(10), ""},
		{"gopher", chinese, ""},
		{"gopher", "Too short.", "too few words"},
		{"gopher", strings.ReplaceAll(prose(10), "river", "#tag"), ""},
		{"gopher", strings.ReplaceAll(prose(10), "the", "#the #so"), "too many number signs"},
		{"gopher", strings.ReplaceAll(prose(10), "\n", "...\n"), "too many lines are cut short"},
		{"gopher", "- " + strings.ReplaceAll(prose(10), "\n", "\n- "), "nearly all lines are bullets"},
		{"gopher", strings.Repeat("1 2 3 the of 4 5 6 7 8 ", 10), "too few words have letters"},
		{"gopher", strings.Repeat("incomprehensibilities the of characteristically ", 20), "words are too long"},
		{"gopher", strings.Repeat("a b the of ", 20), "words are too short"},
		{"gopher", strings.Repeat("maison jardin fleuve montagne ", 20), "too few stop words"},
		{"c4", prose(10), ""},
		{"c4", chinese, ""},
		{"c4", prose(10) + "func() { }", "code"},
		{"c4", prose(10) + "Lorem ipsum dolor sit amet.", "lorem ipsum"},
		{"c4", "Only one sentence stands here, no more.", "too few sentences"},
		{"repetition", prose(20), "repeated words"}, // they are all of one pattern
		{"repetition", kingly, ""},
		{"repetition", strings.Repeat("The same line stands here again, word for word.\n", 20), "repeated lines"},
		{"repetition", strings.Repeat("hey jude ", 10), ""},
		{"boilerplate", prose(3), ""},
		{"boilerplate", "We use cookies on this site.\nAccept all cookies\n", "nothing but boilerplate"},
	} {
		if _, _, err := cleaned(t, c.text, c.cleaner); reason(err) != c.reason {
			t.Errorf("%s: %.60q: %v, want %q", c.cleaner, c.text, err, c.reason)
		}
	}
}

// kingly is the opening of Genesis in the King James Version, which is in the public domain.
const kingly = `In the beginning God created the heaven and the earth. And the earth was without form, and void; and darkness was upon the face of the deep. And the Spirit of God moved upon the face of the waters. And God said, Let there be light: and there was light. And God saw the light, that it was good: and God divided the light from the darkness. And God called the light Day, and the darkness he called Night. And the evening and the morning were the first day.
`

func TestLinesAreRemoved(t *testing.T) {
	text := prose(5)
	for _, c := range []struct{ cleaner, given, want string }{
		{"c4", "Home\n" + text + "Please enable javascript in your browser now.\nRead our privacy policy for more of this.\n", text},
		{"boilerplate", "Skip to content\nHome | About | Contact us\n" + text + "© 2021 The Firm. All rights reserved.\n分享到：微信 微博\n", text},
		{"boilerplate", "Produced by somebody\n*** START OF THE PROJECT GUTENBERG EBOOK X ***\n" + text + "*** END OF THE PROJECT GUTENBERG EBOOK X ***\nlicence", text},
		{"boilerplate", "Share and share alike, she said.\nA | B\n", "Share and share alike, she said.\nA | B\n"},
	} {
		if got, _, err := cleaned(t, c.given, c.cleaner); got != c.want || err != nil {
			t.Errorf("%s: %q becomes %q (%v)", c.cleaner, c.given, got, err)
		}
	}
	var pages, want strings.Builder
	for i := range 6 {
		body := strings.ReplaceAll(prose(12), "The", fmt.Sprintf("Page %d has", i))
		fmt.Fprintf(&pages, "HISTORY OF ART %d\n%s", i, body)
		want.WriteString(body)
	}
	if got, p, _ := cleaned(t, pages.String(), "boilerplate"); got != want.String() {
		t.Errorf("running heads: %q %v", got, p.Changes)
	}
}

func TestLanguage(t *testing.T) {
	for _, c := range []struct {
		keep, text string
		reason     string
	}{
		{"", "Le cœur a ses raisons que la raison ne connaît point.", ""},
		{"en", prose(2), ""},
		{"en,zh", "床前明月光，疑是地上霜。举头望明月，低头思故乡。床前明月光，疑是地上霜。", ""},
		{"eng", "床前明月光，疑是地上霜。举头望明月，低头思故乡。床前明月光，疑是地上霜。", "other language"},
		{"zh", prose(2), "other language"},
		{"en", "Alle Menschen sind frei und gleich an Würde und Rechten geboren. Sie sind mit Vernunft und Gewissen begabt.", "other language"},
		{"en", "hm", ""},
	} {
		p := &data.Piece{Item: data.Item{MediaType: "text/plain", Bytes: []byte(c.text)}}
		if err := (&Language{Keep: c.keep, Fewest: 24, Sure: 0.2}).Clean(p); reason(err) != c.reason {
			t.Errorf("%s: %q: %v", c.keep, c.text, err)
		}
	}
	if (&Language{Keep: "xx", Sure: 0.2}).Check() == nil {
		t.Error("accepts any code")
	}
}

// TestLinesStay cleans twice: the second pass must remove nothing more.
func TestLinesStay(t *testing.T) {
	lines := rapid.SampledFrom([]string{"Skip to content\n", "Page 1\n", "Home | News | About\n", "\n", "*** START OF THE PROJECT GUTENBERG EBOOK ***\n", "*** END OF THIS PROJECT GUTENBERG EBOOK\n",
		"And God saw that it was good, and there was light.\n", "He said so. She did too. All went home.\n", "分享到\n", "a {\n", "uses cookies, as many others do now.\n"})
	rapid.Check(t, func(t *rapid.T) {
		s := strings.Join(rapid.SliceOfN(lines, 0, 80).Draw(t, "lines"), "")
		for _, name := range []string{"boilerplate", "c4", "gopher", "repetition"} {
			once, _, err := cleaned(t, s, name)
			if err != nil {
				continue
			}
			if twice, p, err := cleaned(t, once, name); twice != once || err != nil {
				t.Fatalf("%s: %q, then %q, then %q: %v %v", name, s, once, twice, p.Changes, err)
			}
		}
	})
}

// BenchmarkTexts runs all cleaners of texts but near-texts, on one core.
func BenchmarkTexts(b *testing.B) {
	s := strings.Repeat(kingly, 4)
	b.SetBytes(int64(len(s)))
	for b.Loop() {
		cleaned(b, s, "utf8", "mojibake", "boilerplate", "c4", "private")
	}
}
