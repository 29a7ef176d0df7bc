package verse

import (
	"errors"
	"math/rand/v2"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"atelier/internal/badinput"
)

const table = `{"上平声部": {"一东": ["东", "同", "中", "风", "空", "东"], "二冬": ["冬", "钟"]},
"去声部": {"一送": ["送", "中", "梦"]}}`

func tableOf(t testing.TB) *Rhymes {
	r, err := ParseRhymes([]byte(table))
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestParse(t *testing.T) {
	for s, want := range map[string]Form{"5x4": {5, 4}, "7×8": {7, 8}} {
		if f, err := Parse(s); err != nil || f != want {
			t.Errorf("%s: %v, %v", s, f, err)
		}
	}
	for _, s := range []string{"", "5", "x", "5x", "0x4", "5x3", "5x0", "-5x4", "21x4", "5x102", "99999999999999999999x4", "5x4x4"} {
		if f, err := Parse(s); !errors.Is(err, badinput.Err) {
			t.Errorf("%q: %v, %v", s, f, err)
		}
	}
}

func TestCheck(t *testing.T) {
	quatrain := Form{5, 4}
	for name, c := range map[string]struct {
		text string
		want Report
	}{
		"kept":        {"白日依山尽，黄河入海中。\n欲穷千里目，更上一楼风。", Report{Kept: true, Lines: 4, Fitting: 4, Ends: 2, Known: 2, Rhyming: 2}},
		"question":    {"白日依山尽，黄河入海中？欲穷千里目，更上一楼冬！", Report{Kept: true, Lines: 4, Fitting: 4, Ends: 2, Known: 2}},
		"unknown end": {"白日依山尽，黄河入海流。欲穷千里目，更上一楼风。", Report{Kept: true, Lines: 4, Fitting: 4, Ends: 2, Known: 1}},
		"long line":   {"白日依山尽，黄河入入海中。欲穷千里目，更上一楼送。", Report{Lines: 4, Fitting: 3, Ends: 2, Known: 2, Rhyming: 2, Fault: "line 2 has 6 characters; the form has 5"}},
		"short":       {"白日依山尽，黄河入海中。", Report{Lines: 2, Fitting: 2, Ends: 1, Known: 1, Fault: "it has 2 lines; the form has 4"}},
		"latin":       {"白日依山尽，黄河入海中。欲穷千里x目，更上一楼风。", Report{Lines: 4, Fitting: 4, Ends: 2, Known: 2, Rhyming: 2, Fault: "'x' is not a Chinese character"}},
		"empty":       {" \n", Report{Fault: "it has 0 lines; the form has 4"}},
	} {
		if got := Check(c.text, quatrain, tableOf(t)); got != c.want {
			t.Errorf("%s: %+v, want %+v", name, got, c.want)
		}
	}
	if share, ok := (Report{Known: 4, Rhyming: 3}).RhymeShare(); share != 0.75 || !ok {
		t.Error(share, ok)
	}
	if _, ok := (Report{Known: 1}).RhymeShare(); ok {
		t.Error("one line alone has a share")
	}
}

func TestBadTables(t *testing.T) {
	for _, text := range []string{"", "[]", "{}", `{"a": {}}`, `{"a": {"b": ["东同"]}}`, `{"a": {"b": [""]}}`, `{"a": ["东"]}`, table + "x",
		strings.Repeat(`{"a":`, 100000)} {
		if _, err := ParseRhymes([]byte(text)); !errors.Is(err, badinput.Err) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%.40q: %v", text, err)
		}
	}
	if _, err := ReadRhymes(t.TempDir()); !errors.Is(err, badinput.Err) {
		t.Error(err)
	}
}

// vocabularies are the ways in which texts are cut into tokens.
func vocabularies() map[string][]string {
	const characters = "白日依山尽黄河入海流欲穷千里目更上一楼东同中风空冬钟送梦，。？\nab "
	byCharacter := strings.Split(characters, "")
	var bytes []string
	for b := range 256 {
		bytes = append(bytes, string([]byte{byte(b)}))
	}
	several := append(append([]string{""}, byCharacter...), "白日", "依山尽，", "中。", "中。\n", "风。\n黄河", "山尽，黄河入海", "，欲", "ab", "东东")
	return map[string][]string{
		"characters": byCharacter,
		"bytes":      bytes,
		"several":    several,
		"mixed":      append(append([]string{"<end>", "\xe4\xb8", "\xe4\xb8\xad\xe3\x80", "\xad\xe3", "\xe9\xa3\x8e\xe3\x80\x82\xe4"}, bytes...), several...),
	}
}

// TestConstraint: whatever is chosen among the allowed tokens becomes a poem of the form, which
// rhymes, and there is always something to choose.
func TestConstraint(t *testing.T) {
	for name, tokens := range vocabularies() {
		t.Run(name, func(t *testing.T) {
			known := tableOf(t)
			rapid.Check(t, func(t *rapid.T) {
				form := Form{rapid.IntRange(1, 7).Draw(t, "characters"), 2 * rapid.IntRange(1, 4).Draw(t, "couplets")}
				var rhymes *Rhymes
				if rapid.Bool().Draw(t, "rhymes") {
					rhymes = known
				}
				c, err := New(form, rhymes, func(i int32) string { return tokens[i] }, len(tokens))
				if err != nil {
					t.Fatal(err)
				}
				rng := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 0))
				var text strings.Builder
				for !c.Done() {
					var allowed []int32
					for i := range tokens {
						if c.Allows(int32(i)) {
							allowed = append(allowed, int32(i))
						}
					}
					if len(allowed) == 0 {
						t.Fatalf("nothing may follow %q", text.String())
					}
					next := allowed[rng.IntN(len(allowed))]
					c.Accept(next)
					text.WriteString(tokens[next])
				}
				r := Check(text.String(), form, rhymes)
				if !r.Kept || rhymes != nil && (r.Known != r.Ends || form.Lines > 2 && r.Rhyming != r.Ends) {
					t.Fatalf("%q: %+v", text.String(), r)
				}
				if c.Allows(0) || c.Allows(-1) || c.Allows(int32(len(tokens))) {
					t.Fatal("something follows the end")
				}
			})
		})
	}
}

func TestConstraintRefuses(t *testing.T) {
	tokens := vocabularies()["several"]
	of := map[string]int32{}
	for i, s := range tokens {
		of[s] = int32(i)
	}
	c, err := New(Form{3, 4}, tableOf(t), func(i int32) string { return tokens[i] }, len(tokens))
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start("白日依，黄河中。\n"); err != nil {
		t.Fatal(err)
	}
	for s, want := range map[string]bool{"白": true, "依山尽，": true, "\n": false, "，": false, "a": false, "": false, "白日": true} {
		if c.Allows(of[s]) != want {
			t.Errorf("%q: want %v", s, want)
		}
	}
	again := c.Clone()
	if err := again.Start("白日依，黄河"); err != nil {
		t.Fatal(err)
	}
	// 中 has two readings; it is not used again, and a line must rhyme with it in one of them.
	for s, want := range map[string]bool{"中": false, "中。": false, "风": true, "梦": true, "冬": false, "白": false} {
		if again.Allows(of[s]) != want {
			t.Errorf("at the end of the last line, %q: want %v", s, want)
		}
	}
	if !c.Allows(of["白"]) {
		t.Error("a copy changed what it was made of")
	}
	if err := c.Start("ab"); !errors.Is(err, badinput.Err) {
		t.Error(err)
	}
	for name, vocabulary := range map[string][]string{"no comma": {"中", "。"}, "no rhyme": {"，", "。", "白"}, "one rhyme": {"，", "。", "中"}} {
		if _, err := New(Form{5, 4}, tableOf(t), func(i int32) string { return vocabulary[i] }, len(vocabulary)); !errors.Is(err, badinput.Err) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestHanPrefixes(t *testing.T) {
	for s, want := range map[string]bool{"\xe4": true, "\xe4\xb8": true, "\xf0\xa0": true, "\xc3": false, "a": false, "\xf4": false} {
		if hanPrefixes()[s] != want {
			t.Errorf("%q: want %v", s, want)
		}
	}
}

func FuzzRhymes(f *testing.F) {
	f.Add([]byte(table))
	f.Fuzz(func(t *testing.T, text []byte) {
		if r, err := ParseRhymes(text); err == nil {
			Check("白日依山尽，黄河入海中。", Form{5, 4}, r)
		}
	})
}

func BenchmarkAllows150k(b *testing.B) {
	tokens := make([]string, 150000)
	for i := range tokens {
		tokens[i] = string([]rune{0x4e00 + rune(i%20000), 0x4e00 + rune(i/7%20000)})
	}
	tokens[0], tokens[1] = "，", "。"
	c, err := New(Form{7, 8}, nil, func(i int32) string { return tokens[i] }, len(tokens))
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		for i := range tokens {
			c.Allows(int32(i))
		}
	}
}
