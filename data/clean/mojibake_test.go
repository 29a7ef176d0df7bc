package clean

import (
	"testing"

	"golang.org/x/text/encoding/charmap"
	"pgregory.net/rapid"

	"atelier/data"
)

// cleaned is the text that the given cleaners, with their defaults, leave; "" if it is dropped.
func cleaned(t interface{ Fatal(...any) }, s string, names ...string) (string, *data.Piece, error) {
	p := &data.Piece{Item: data.Item{MediaType: "text/plain", Bytes: []byte(s)}}
	for _, name := range names {
		c, err := data.Cleaners.New(name)
		if err != nil {
			t.Fatal(err)
		}
		if err := c.Clean(p); err != nil {
			return "", p, err
		}
	}
	if err := p.Finish(); err != nil {
		t.Fatal(err)
	}
	return string(p.Bytes), p, nil
}

func TestMojibake(t *testing.T) {
	for _, c := range []struct{ given, want string }{
		{"cafÃ©", "café"},
		{"itâ€™s", "it’s"},
		{"â€œquotedâ€\u009d", "“quoted”"},
		{"Ã‰cole, Â© 2020 Â£5", "École, © 2020 £5"},
		{"cafÃƒÂ©", "café"},
		{"itÃ¢â‚¬â„¢s", "it’s"},
		{"ä¸\u00adæ–‡å\u00ad—ç¬¦", "中文字符"},
		{"Ð¿Ñ€Ð¸Ð²ÐµÑ‚", "привет"},
		{"wÅ‚aÅ›nie", "właśnie"},
		{"naÃ¯ve Ã\u00a0 la", "naïve à la"},
		{"it\u0092s", "it’s"},
		{"ðŸ˜€", "😀"},
		{"cafÃ© and naÃ¯ve, and Ã©tÃ© at last; café", "café and naïve, and été at last; café"},
		// These are meant as they are.
		{"The sequence Ã© is what é looks like", "The sequence Ã© is what é looks like"},
		{"Приходит cafÃ© вместо café.", "Приходит cafÃ© вместо café."},
		{"café, naïve, Ürümqi, straße", "café, naïve, Ürümqi, straße"},
		{"MINHA IRMÃ” e „Ü“ und „Spaß“", "MINHA IRMÃ” e „Ü“ und „Spaß“"},
		{"“café”…", "“café”…"},
		{"AÇÃO, PÃO, IRMÃ…", "AÇÃO, PÃO, IRMÃ…"},
		{"3×½ and 5×²", "3×½ and 5×²"},
		{"中文“字”…", "中文“字”…"},
		{"Â", "Â"},
		{"voilà »", "voilà »"},
	} {
		if got, _, _ := cleaned(t, c.given, "mojibake"); got != c.want {
			t.Errorf("%q becomes %q, want %q", c.given, got, c.want)
		}
	}
}

// TestMojibakeIsUndone misreads words of several languages and repairs them.
func TestMojibakeIsUndone(t *testing.T) {
	words := []string{"déjà", "über", "niño", "façade", "smörgåsbord", "日本語", "žluťoučký", "привет", "ελληνικά", "it’s", "“so”", "plain"}
	rapid.Check(t, func(t *rapid.T) {
		want := ""
		for range rapid.IntRange(2, 12).Draw(t, "words") {
			want += rapid.SampledFrom(words).Draw(t, "word") + " "
		}
		want += "déjà"
		given := want
		for range rapid.IntRange(1, 2).Draw(t, "times") {
			given = misreadAs1252(given)
		}
		if got, _, _ := cleaned(t, given, "mojibake"); got != want {
			t.Fatalf("%q becomes %q, want %q", given, got, want)
		}
	})
}

// misreadAs1252 decodes UTF-8 as Windows-1252, with Latin-1 for the bytes it leaves undefined.
func misreadAs1252(s string) string {
	var out []rune
	for _, b := range []byte(s) {
		r := charmap.Windows1252.DecodeByte(b)
		if r == '\ufffd' {
			r = rune(b)
		}
		out = append(out, r)
	}
	return string(out)
}
