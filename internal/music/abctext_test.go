package music

import (
	"testing"

	"pgregory.net/rapid"
)

func TestABCText(t *testing.T) {
	for text, want := range map[string]string{
		`Caf\'e`: "Café", `F\"ur Elise`: "Für Elise", `Caf&eacute;`: "Café", `Fran\ccois`: "François",
		`Gr\"o\sse`: "Größe", `K\/obenhavn`: "København", `\AAse`: "Åse", `Dvo\vr\'ak`: "Dvořák", `caf\u00e9`: "café", `E\u010d`: "Eč", `\uG`: "Ğ",
		`Tom & Jerry`: "Tom & Jerry", `AT\&amp;T`: "AT&amp;T", `100\%`: "100%", `a\\'e`: `a\'e`, `a \ b\`: `a \ b\`,
	} {
		if got := abcText(text); got != want {
			t.Errorf("%s: %q, want %q", text, got, want)
		}
	}
	p := mustRead(t, "X:1\nT:Caf\\'e % a comment\nC:Fr&eacute;d&eacute;ric\n%%MIDI program 65 %alto sax\nK:C\nCDEF|\n")
	if p.Score.Title != "Café" || p.Score.Composer != "Frédéric" || p.Score.Parts[0].Program() != 65 || p.Lost[LostDirectives] != 0 {
		t.Errorf("%q by %q, played by %d", p.Score.Title, p.Score.Composer, p.Score.Parts[0].Program())
	}
}

// A title and a composer are read as they were written.
func TestABCTextReadsBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringMatching(`[a-z]([&\\%;'"#a-zé]|eacute;|amp;){0,12}[a-z]`).Draw(t, "text")
		if got := abcText(withoutComment(asABCText(text))); got != text {
			t.Fatalf("%q became %q", text, got)
		}
	})
}
