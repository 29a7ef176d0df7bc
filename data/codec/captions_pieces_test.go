package codec

import (
	"slices"
	"strings"
	"testing"

	"atelier/data"
)

// TestPieces: captions are cut into pieces of which any text is made, whatever its case, commas and
// language, and what was learned is restored.
func TestPieces(t *testing.T) {
	c := &Image{Size: 4, Channels: 3, Captions: Captions{Captions: 12, Pieces: 300}}
	if err := c.Check(); err != nil || !c.Fits() {
		t.Fatal(err, c.Fits())
	}
	if err := c.Fit(captioned(waves...)); err != nil || c.Fits() {
		t.Fatal(err)
	}
	for text, want := range map[string]string{
		"Waving HAND: dark skin-tone, Noto": "waving hand dark skin-tone noto",
		"挥手，中等肤色":                           "挥手 中等肤色",
		"a zebra":                           "a zebra",
		"":                                  "",
	} {
		tokens, unknown := c.WordTokens(text)
		if got := c.LineOf(tokens); got != want || len(unknown) > 0 {
			t.Errorf("%q is read as %q, unknown %q; want %q", text, got, unknown, want)
		}
		if slices.ContainsFunc(tokens, func(token int32) bool { return token < firstWord }) {
			t.Errorf("%q has tokens %v", text, tokens)
		}
	}
	if tokens, unknown := c.KnownTokens("🚀 !!!"); len(tokens) > 0 || !slices.Equal(unknown, []string{"🚀", "!!!"}) {
		t.Errorf("signs are known as %v, and unknown are %q", tokens, unknown)
	}
	files, err := c.Learned()
	if err != nil {
		t.Fatal(err)
	}
	again := &Image{Size: 4, Channels: 3, Captions: Captions{Captions: 12, Pieces: 300}}
	if err := again.Recall(files); err != nil || again.FittedPieces != c.FittedPieces {
		t.Error(err)
	}
	for _, wrong := range []map[string][]byte{{}, {tokenizerFile: []byte("{")}, {tokenizerFile: files[tokenizerFile], "b": nil}} {
		if err := again.Recall(wrong); err == nil {
			t.Errorf("%v is recalled", wrong)
		}
	}
	spec, err := c.Spec(nil)
	if err != nil {
		t.Fatal(err)
	}
	if f, ok := spec.Field(data.CaptionField); !ok || f.Vocabulary != firstWord+c.pieceCount() || f.Shape[1] != 12 {
		t.Errorf("the field is %v", f)
	}
	c.Pieces = 5
	if err := c.Check(); err == nil || !strings.Contains(err.Error(), "pieces: want 0, or 257 to 65536") {
		t.Errorf("got %v", err)
	}
}

// TestLineOfWords joins Chinese words without spaces.
func TestLineOfWords(t *testing.T) {
	c := fittedTo(t, waves...)
	for text, want := range map[string]string{"red heart": "red heart", "中等肤色的挥手": "中等肤色挥手", "红心 noto": "红心 noto"} {
		tokens, _ := c.WordTokens(text)
		if got := c.LineOf(tokens); got != want {
			t.Errorf("%q is written %q, want %q", text, got, want)
		}
	}
}
