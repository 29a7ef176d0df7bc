package provenance

import "testing"

// What says of itself that it was generated, here or elsewhere, is believed.
func TestSourceOf(t *testing.T) {
	const tune = "X:1\nT:tune\nK:C\nCDEF|\n"
	labelled := func(s Source) []byte {
		out, err := Write([]byte(tune), Label{Source: s})
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	for name, c := range map[string]struct {
		file []byte
		want Source
	}{
		"generated":       {labelled(Generated), Generated},
		"composite":       {labelled(Composite), Composite},
		"altered":         {labelled(Enhanced), Enhanced},
		"computed":        {labelled(Algorithm), Algorithm},
		"says nothing":    {[]byte(tune), Enhanced},
		"no work":         {[]byte("x"), Enhanced},
		"a statement":     {[]byte(tune + abcStatement + Generated.address() + "\n"), Generated},
		"AIGC alone":      {[]byte(tune + abcAIGC + `{"Label":"1"}` + "\n"), Generated},
		"another address": {[]byte(tune + abcStatement + "http://cv.iptc.org/newscodes/digitalsourcetype/digitalCapture\n"), Enhanced},
	} {
		if got := SourceOf(c.file, nil); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
	beside, err := Beside([]byte("a text"), Label{})
	if err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string]Source{"a text": Generated, "a text that was edited": Generated} {
		if got := SourceOf([]byte(text), beside); got != want {
			t.Errorf("%s with a label beside it: %q, want %q", text, got, want)
		}
	}
	if got := SourceOf([]byte("a text"), []byte(`{"name": "something else"}`)); got != Enhanced {
		t.Errorf("with another file beside it: %q", got)
	}
	for _, c := range []struct {
		of   []Source
		want Source
	}{
		{nil, Enhanced},
		{[]Source{Generated, Generated}, Generated},
		{[]Source{Enhanced, Generated}, Composite},
		{[]Source{Enhanced, Composite}, Composite},
		{[]Source{Algorithm, Enhanced}, Algorithm},
	} {
		if got := Altered(c.of); got != c.want {
			t.Errorf("%q: %q, want %q", c.of, got, c.want)
		}
	}
}
