package codec

import (
	"errors"
	"image"
	"reflect"
	"slices"
	"strings"
	"testing"

	"atelier/data"
)

// captioned yields works with these captions.
func captioned(captions ...string) func(yield func(data.Item, error) bool) {
	return func(yield func(data.Item, error) bool) {
		for _, c := range captions {
			if !yield(data.Item{Caption: c}, nil) {
				return
			}
		}
	}
}

// fittedTo returns a codec of captions that knows the words of some.
func fittedTo(t *testing.T, captions ...string) *Image {
	t.Helper()
	c := &Image{Size: 4, Channels: 3, Captions: Captions{Captions: 5}}
	if !c.Fits() {
		t.Fatal("it has nothing to learn")
	}
	if err := c.Fit(captioned(captions...)); err != nil {
		t.Fatal(err)
	}
	return c
}

var waves = []string{
	"waving hand: medium skin tone, Noto\n挥手: 中等肤色, Noto", "waving hand: dark skin tone, Noto\n挥手: 较深肤色, Noto",
	"a red heart, Noto\n红心, Noto", "red heart with waves\n红心挥手", "hands, Noto\n挥手: 中等肤色, Noto", "hands: medium\n中等肤色",
}

// TestWords knows frequent words, Chinese words by the longest match, words with the same stem, and
// names those it does not know.
func TestWords(t *testing.T) {
	c := fittedTo(t, waves...)
	for text, want := range map[string]struct{ words, unknown string }{
		"Waving HAND!":    {"waving hand", ""},
		"the red heart":   {"red heart", ""},
		"the red hearts":  {"red heart", ""},
		"中等肤色的挥手":         {"中等肤色 挥手", ""},
		"purple hand":     {"? hand", "purple"},
		"heart，挥手，ＮＯＴＯ":   {"heart 挥手 noto", ""},
		"with of the 的":   {"", ""},
		"\x00\xff!?-----": {"", ""},
	} {
		tokens, unknown := c.WordTokens(text)
		var words []string
		for _, token := range tokens {
			if token == UnknownWord {
				words = append(words, "?")
			} else {
				words = append(words, c.Fitted[token-firstWord])
			}
		}
		if strings.Join(words, " ") != want.words || strings.Join(unknown, " ") != want.unknown {
			t.Errorf("%q: %q, unknown %q; want %v", text, words, unknown, want)
		}
	}
	if c.Fitted[0] != "noto" {
		t.Errorf("the most frequent word is %q, want noto", c.Fitted[0])
	}
}

// TestPairs tells whose tone is whose: pairs that occur often are words, come after the words of a line,
// and are kept with the run.
func TestPairs(t *testing.T) {
	light, dark := "hands: light tone, dark tone\n浅肤色、深肤色", "hands: dark tone, light tone\n深肤色、浅肤色"
	c := &Image{Size: 4, Channels: 3, Captions: Captions{Captions: 8, Pairs: 3}}
	if err := c.Fit(captioned(light, dark, light, dark, light, dark, "light hands")); err != nil {
		t.Fatal(err)
	}
	spell := func(c *Image, line string) (words []string) {
		tokens, _ := c.WordTokens(line)
		for _, token := range tokens {
			words = append(words, c.Fitted[token-firstWord])
		}
		return words
	}
	line, _, _ := strings.Cut(dark, "\n")
	want := []string{"hands", "dark", "tone", "light", "tone", "hands dark", "dark tone", "tone light", "light tone"}
	if got := spell(c, line); !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
	if got, want := spell(c, "深肤色、浅肤色"), []string{"深肤色", "浅肤色", "深肤色 浅肤色"}; !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
	if got := spell(c, "light hands"); !slices.Equal(got, []string{"light", "hands"}) {
		t.Errorf("a pair that occurs once is %q", got)
	}
	if near := c.Nearest("hands dar"); isPair(near) {
		t.Errorf("suggests the pair %q", near)
	}
	files, err := c.Learned()
	if err != nil {
		t.Fatal(err)
	}
	again := &Image{Size: 4, Channels: 3, Captions: Captions{Captions: 8, Pairs: 3}}
	if err := again.Recall(files); err != nil || !slices.Equal(spell(again, line), want) {
		t.Error(err)
	}
	for _, wrong := range []*Captions{{Captions: 8, Pairs: 1}, {Captions: 8, Pairs: -1}, {Captions: 8, Pairs: 3, Pieces: 300}} {
		if err := wrong.checkCaptions(); err == nil {
			t.Errorf("takes %d pairs and %d pieces", wrong.Pairs, wrong.Pieces)
		}
	}
}

// TestCaptionField encodes each line alone, cuts long ones, and refuses works without captions.
func TestCaptionField(t *testing.T) {
	c := fittedTo(t, waves...)
	spec, err := c.Spec(nil)
	if err != nil {
		t.Fatal(err)
	}
	field, ok := spec.Field(data.CaptionField)
	if !ok || field.Kind != data.Tokens || !slices.Equal(field.Shape, []int{CaptionLines, 5}) || field.Vocabulary != firstWord+len(c.Fitted) {
		t.Fatal(field)
	}
	b := data.NewBatch(spec, 2)
	it := data.Item{Bytes: pngOf(t, image.NewGray(image.Rect(0, 0, 4, 4))), Caption: "hand\n\n red red red red red red\n挥手\nx\nhand"}
	if err := c.Encode(data.ExampleOf(it), b, 1); err != nil {
		t.Fatal(err)
	}
	hand, red, wave := c.words().of["hand"], c.words().of["red"], c.words().of["挥手"]
	want := []int32{hand, 0, 0, 0, 0, red, red, red, red, red, wave, 0, 0, 0, 0, UnknownWord, 0, 0, 0, 0}
	if got := b.Column(data.CaptionField).Tokens(1); !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
	it.Caption = " \n"
	var fault *data.Fault
	if err := c.Encode(data.ExampleOf(it), b, 1); !errors.As(err, &fault) {
		t.Error("without a caption:", err)
	}
	files, err := c.Learned()
	if err != nil {
		t.Fatal(err)
	}
	again := &Image{Size: 4, Channels: 3, Captions: Captions{Captions: 5}}
	if err := again.Recall(files); err != nil || !reflect.DeepEqual(again.Fitted, c.Fitted) || again.Fits() {
		t.Error(err)
	}
	if err := (&Image{Size: 4, Channels: 3}).Recall(files); err == nil {
		t.Error("a codec without captions recalls words")
	}
}

func TestNoCaptions(t *testing.T) {
	c := &Image{Size: 4, Channels: 3, Captions: Captions{Captions: 5}}
	if err := c.Fit(captioned("", "once")); err == nil || !strings.Contains(err.Error(), "NAME.txt") {
		t.Error(err)
	}
	c.Captions.Captions = 300
	if err := c.Check(); err == nil {
		t.Error("takes 300 words")
	}
}

func FuzzWords(f *testing.F) {
	c := &Image{Size: 4, Channels: 3, Captions: Captions{Captions: 5}}
	if err := c.Fit(captioned(waves...)); err != nil {
		f.Fatal(err)
	}
	f.Add("waving hand 中等肤色")
	f.Fuzz(func(t *testing.T, text string) {
		tokens, unknown := c.WordTokens(text)
		if len(unknown) > len(tokens) || slices.Contains(tokens, NoWord) {
			t.Errorf("%q: %v, %q", text, tokens, unknown)
		}
	})
}
