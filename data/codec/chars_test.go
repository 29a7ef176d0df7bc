package codec

import (
	"strings"
	"testing"

	"pgregory.net/rapid"

	"atelier/data"
)

func fitted(t interface{ Fatal(...any) }, text string, context int) *Chars {
	c := &Chars{Context: context}
	if err := c.Fit(func(yield func(data.Item, error) bool) { yield(data.Item{Bytes: []byte(text)}, nil) }); err != nil {
		t.Fatal(err)
	}
	return c
}

// Whatever text there is comes back as it was.
func TestCharsRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringN(2, 50, -1).Draw(t, "text")
		n := len([]rune(text))
		c := fitted(t, text, n-1)
		spec, err := c.Spec(nil)
		if err != nil || spec.Target().Size() != n {
			t.Fatal(spec, err)
		}
		b := data.NewBatch(spec, 1)
		if err := c.Encode(data.ExampleOf(data.Item{Bytes: []byte(text)}), b, 0); err != nil {
			t.Fatal(err)
		}
		if it, err := c.Decode(b, 0); err != nil || string(it.Bytes) != text {
			t.Fatalf("%q became %q (%v)", text, it.Bytes, err)
		}
	})
}

func TestCharsVocabulary(t *testing.T) {
	c := fitted(t, "banana\n", 3)
	if c.Fitted != "\nabn" || c.Vocabulary != "" {
		t.Errorf("vocabulary %q", c.Fitted)
	}
	if tokens, err := c.Tokens(data.Item{Bytes: []byte("nab")}); err != nil || tokens[0] != 3 || tokens[1] != 1 || tokens[2] != 2 {
		t.Error(tokens, err)
	}
	if err := c.Fit(nil); err != nil || c.Fitted != "\nabn" {
		t.Error("a vocabulary was fitted again", err)
	}
	c = &Chars{Vocabulary: "xy"}
	if err := c.Fit(nil); err != nil || c.Vocabulary != "xy" || c.Fitted != "" {
		t.Error("a vocabulary that is set was changed", err)
	}
	if files, err := c.Learned(); err != nil || len(files) > 0 {
		t.Error("a vocabulary that is set is kept apart", files, err)
	}
}

func TestRefusesChars(t *testing.T) {
	c := fitted(t, "banana", 3)
	for text, want := range map[string]string{
		"bandana": `the character 'd' is not in the vocabulary, which is "abn"`,
		"banana":  "has 6 characters; an example has 4",
		"ba\xff":  "is not UTF-8 text",
	} {
		spec, _ := c.Spec(nil)
		if err := c.Encode(data.ExampleOf(data.Item{Bytes: []byte(text)}), data.NewBatch(spec, 1), 0); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %s", text, err, want)
		}
	}
	foreign := func(yield func(data.Item, error) bool) { yield(data.Item{Bytes: []byte("\xff")}, nil) }
	if err := (&Chars{Context: 3}).Fit(foreign); err == nil || !strings.Contains(err.Error(), "no text of the data is in UTF-8") {
		t.Errorf("texts in no known encoding: %v", err)
	}
	for _, c := range []*Chars{{Context: 0}, {Context: 1 << 20}, {Context: 3, Vocabulary: "aba"}, {Context: 3}} {
		if _, err := c.Spec(nil); err == nil {
			t.Errorf("%+v is accepted", c)
		}
	}
}
