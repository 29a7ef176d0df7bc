package metric

import (
	"context"
	"iter"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"atelier/data"
	"atelier/internal/noise"
	"atelier/model/verse"
)

func TestWords(t *testing.T) {
	for text, want := range map[string]string{
		"It wasn't 'so' — e.g. 3,5\n":  "It|wasn't|'|so|'|—|e|.|g|.|3|,|5",
		"白日 ab，カナ":                     "白|日|ab|，|カ|ナ",
		"naïve cafe\u0301 l’été x'":    "naïve|cafe\u0301|l’été|x|'",
		"a\xffb":                       "a|\xff|b",
		"":                             "",
		" \t\n":                        "",
		"rock'n'roll '' don't-mention": "rock'n'roll|'|'|don't|-|mention",
	} {
		if got := strings.Join(wordsOf([]string{text})[0], "|"); got != want {
			t.Errorf("%q: %s, want %s", text, got, want)
		}
	}
}

// matchesOf compares each candidate with references of its own.
func matchesOf(candidates []string, references ...[]string) matches {
	var m matches
	for i, c := range candidates {
		var own []string
		for _, r := range references {
			own = append(own, r[i])
		}
		number := numbering{}
		refs := newReferences(number, wordsOf(own))
		m.add(refs, number.of(wordsOf([]string{c})[0]), -1)
	}
	return m
}

// TestPapineni are the examples of Papineni et al. 2002, sections 2.1 and 2.2.
func TestPapineni(t *testing.T) {
	references := [][]string{
		{"it is a guide to action that ensures that the military will forever heed party commands"},
		{"it is the guiding principle which guarantees the military forces always being under the command of the party"},
		{"it is the practical guide for the army always to heed the directions of the party"},
	}
	cats := [][]string{{"the cat is on the mat"}, {"there is a cat on the mat"}}
	for name, c := range map[string]struct {
		got            matches
		order          int
		matched, total int
	}{
		"candidate 1, words":   {matchesOf([]string{"it is a guide to action which ensures that the military always obeys the commands of the party"}, references...), 1, 17, 18},
		"candidate 1, bigrams": {matchesOf([]string{"it is a guide to action which ensures that the military always obeys the commands of the party"}, references...), 2, 10, 17},
		"candidate 2, words":   {matchesOf([]string{"it is to insure the troops forever hearing the activity guidebook that party direct"}, references...), 1, 8, 14},
		"candidate 2, bigrams": {matchesOf([]string{"it is to insure the troops forever hearing the activity guidebook that party direct"}, references...), 2, 1, 13},
		"the the the, words":   {matchesOf([]string{"the the the the the the the"}, cats...), 1, 2, 7},
		"the the the, bigrams": {matchesOf([]string{"the the the the the the the"}, cats...), 2, 0, 6},
	} {
		if m, n := c.got.matched[c.order-1], c.got.total[c.order-1]; m != c.matched || n != c.total {
			t.Errorf("%s: %d of %d, want %d of %d", name, m, n, c.matched, c.total)
		}
	}
}

// TestSacreBLEU: the example of sacreBLEU's documentation, whose corpus BLEU-4 is
// 48.530827009929865.
func TestSacreBLEU(t *testing.T) {
	m := matchesOf([]string{"The dog bit the man.", "It wasn't surprising.", "The man had just bitten him."},
		[]string{"The dog bit the man.", "It was not unexpected.", "The man bit him first."},
		[]string{"The dog had bit the man.", "No one was surprised.", "The man had bitten the dog."})
	if got := 100 * m.scores()[4-leastOrder]; math.Abs(got-48.530827009929865) > 1e-9 {
		t.Errorf("BLEU-4 %.12f", got)
	}
}

// TestBLEUByHand: brevity and smoothing.
func TestBLEUByHand(t *testing.T) {
	// Of 4 words all match, of 3 bigrams 1, of trigrams and 4-grams none; the reference has 5.
	m := matchesOf([]string{"a b d c"}, []string{"a b c d e"})
	brevity := math.Exp(1 - 5./4)
	want := []float64{
		brevity * math.Sqrt(1*1./3),
		brevity * math.Pow(1*1./3*(1./2)/2, 1./3),
		brevity * math.Pow(1*1./3*(1./2)/2*(1./4)/1, 1./4),
		0, // there are no 5-grams
	}
	for i, v := range m.scores() {
		if math.Abs(v-want[i]) > 1e-12 {
			t.Errorf("BLEU-%d is %v, want %v", i+leastOrder, v, want[i])
		}
	}
	if none := matchesOf([]string{"x y z u v"}, []string{"a b c d e"}); none.scores()[0] != 0 {
		t.Error("nothing in common, but not 0")
	}
}

// TestSelfBLEU: that of each text is its BLEU against the others.
func TestSelfBLEU(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		texts := rapid.SliceOfN(rapid.SliceOfN(rapid.SampledFrom([]string{"a", "b", "c"}), 1, 12), 2, 6).Draw(t, "texts")
		want := make([]float64, mostOrder-leastOrder+1)
		for i, words := range texts {
			number := numbering{}
			refs := newReferences(number, slices.Concat(texts[:i], texts[i+1:]))
			for n, v := range refs.corpus(number, [][]string{words}) {
				want[n] += v / float64(len(texts))
			}
		}
		for n, v := range selfBLEU(texts) {
			if math.Abs(v-want[n]) > 1e-12 {
				t.Fatalf("order %d: %v, want %v", n+leastOrder, v, want[n])
			}
		}
	})
	same := wordsOf([]string{"a b c d e f", "a b c d e f"})
	if got := selfBLEU(same); math.Abs(got[3]-1) > 1e-12 {
		t.Errorf("the same twice: %v", got)
	}
}

// TestLongTextsAreFew: a draw has 200 texts, fewer where they are long.
func TestLongTextsAreFew(t *testing.T) {
	for size, want := range map[int]int{129: 200, 1025: 63, 65537: 20} {
		e := &Evaluation{Spec: data.Spec{Fields: []data.Field{{Name: data.Target, Kind: data.Tokens, Shape: []int{size}}}}}
		if got := e.texts(); got != want {
			t.Errorf("%d texts of %d tokens, want %d", got, size, want)
		}
	}
}

func TestVarietyByHand(t *testing.T) {
	// Words a b a b, c a: 3 different of 6; bigrams ab ba ab, ca: 3 of 4; trigrams aba bab: 2 of 2.
	texts := wordsOf([]string{"a b a b", "c a"})
	for i, want := range []float64{0.5, 0.75, 1} {
		if got := distinctShares(texts)[i]; math.Abs(got-want) > 1e-12 {
			t.Errorf("distinct-%d %v, want %v", i+1, got, want)
		}
	}
	// 4-grams of a×7: 1 different of 4; of a b c d e: 2 of 2; of a b: none.
	if got, want := repeatedShare(wordsOf([]string{"a a a a a a a", "a b c d e", "a b"})), (0.75+0)/2; math.Abs(got-want) > 1e-12 {
		t.Errorf("repeated %v, want %v", got, want)
	}
	if repeatedShare(wordsOf([]string{"a"})) != 0 || distinctShares(nil)[0] != 0 {
		t.Error("of nothing")
	}
}

// TestBitsPerByteByHand: each of four tokens is worth 2 bits; two of them are two bytes long.
func TestBitsPerByteByHand(t *testing.T) {
	e := completeText()
	e.Text = func(tokens []int32) (string, error) {
		var b strings.Builder
		for _, token := range tokens {
			b.WriteString([]string{"a", "b", "é", "ü"}[token])
		}
		return b.String(), nil
	}
	scores, err := bitsPerByte{}.Measure(t.Context(), e)
	if err != nil {
		t.Fatal(err)
	}
	if s := scores[0]; math.Abs(s.Value-2/1.5) > 0.02 {
		t.Errorf("%v, want about 2 bits a token of 1.5 bytes", s)
	}
}

// TestRuns compares with a search of every run in every text.
func TestRuns(t *testing.T) {
	word := rapid.StringOfN(rapid.SampledFrom([]rune("ab é名")), 0, 12, -1)
	rapid.Check(t, func(t *rapid.T) {
		texts, known := rapid.SliceOfN(word, 1, 5).Draw(t, "texts"), rapid.SliceOfN(word, 1, 5).Draw(t, "known")
		f := newRunFinder(texts)
		for _, k := range known {
			cut := rapid.IntRange(0, len(k)).Draw(t, "cut")
			f.read(k[:cut]) // pieces may end within a character
			f.read(k[cut:])
			f.apart()
		}
		for i, runs := range f.runs() {
			for end := range runs {
				want := 0
				for from := range end + 1 {
					if slices.ContainsFunc(known, func(k string) bool { return strings.Contains(k, texts[i][from:end+1]) }) {
						want = end + 1 - from
						break
					}
				}
				if int(runs[end]) != want {
					t.Fatalf("%q up to %d: %d, want %d of %q", texts[i], end, runs[end], want, known)
				}
			}
		}
	})
}

// copiedOf measures some texts against known ones.
func copiedOf(t *testing.T, texts []string, known ...string) []copied {
	e := &Evaluation{Training: func() iter.Seq2[string, error] {
		return func(yield func(string, error) bool) {
			for _, k := range known {
				if !yield(k, nil) || !yield("", nil) {
					return
				}
			}
		}
	}}
	found, err := e.copiedFrom(t.Context(), texts)
	if err != nil {
		t.Fatal(err)
	}
	return found
}

func TestCopiedByHand(t *testing.T) {
	long := "0123456789012345678901234567890123456789012345678" // 49 characters
	for _, c := range []struct {
		text  string
		known []string
		want  copied
	}{
		{"the cat sat", []string{"a bobcat sat down"}, copied{characters: 7, words: 1}}, // cat may be part of a word, and is
		{"the cat sat", []string{"so the cat sat"}, copied{characters: 11, words: 3}},
		{"白日依山尽", []string{"白日依", "山尽"}, copied{characters: 3, words: 3}},
		{"éa", []string{"ëa"}, copied{characters: 1}}, // which share a byte of a character
		{"", []string{"a"}, copied{}},
		{"a", nil, copied{}},
		{long + "ab", []string{long + "a"}, copied{characters: 50, words: 0, runs: 1, all: 2}},
		{long + "ab", []string{long}, copied{characters: 49, words: 0, all: 2}},
	} {
		if got := copiedOf(t, []string{c.text}, c.known...)[0]; got != c.want {
			t.Errorf("%q in %q: %+v, want %+v", c.text, c.known, got, c.want)
		}
	}
}

// ofTexts is an evaluation of given texts, each of them an example.
func ofTexts(fakes, test, train []string) *Evaluation {
	all := slices.Concat(fakes, test, train)
	f := data.Field{Name: data.Target, Kind: data.Tokens, Shape: []int{1}, Vocabulary: len(all)}
	batch := func(from, n int) *data.Batch {
		b := data.NewBatch(data.Spec{Fields: []data.Field{f}}, n)
		for i := range n {
			b.Columns[0].Ints[i] = int32(from + i)
		}
		return b
	}
	return &Evaluation{
		Spec: data.Spec{Fields: []data.Field{f}},
		Reals: func(split data.Split, n, _ int) (*data.Batch, error) {
			if split == data.Test {
				return batch(len(fakes), min(n, len(test))), nil
			}
			return batch(len(fakes)+len(test), min(n, len(train))), nil
		},
		Fakes: func(_ context.Context, n, _ int) (*data.Batch, error) { return batch(0, n), nil },
		Have:  len(fakes),
		Text:  func(tokens []int32) (string, error) { return all[tokens[0]], nil },
		Training: func() iter.Seq2[string, error] {
			return func(yield func(string, error) bool) {
				for _, text := range train {
					if !yield(text, nil) {
						return
					}
				}
			}
		},
	}
}

func scoresOf(t *testing.T, m Metric, e *Evaluation) map[string]Score {
	t.Helper()
	scores, err := m.Measure(t.Context(), e)
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]Score{}
	for _, s := range scores {
		all[s.Name] = s
	}
	return all
}

// TestTextsAreTold: copies, loops and sameness are seen, and read against their floors.
func TestTextsAreTold(t *testing.T) {
	sentence := func(key uint64) string {
		rng := noise.Stream(key)
		words := make([]string, 20)
		for i := range words {
			words[i] = []string{"sea", "calm", "tide", "moon", "night", "the", "is", "on", "straits", "full"}[rng.IntN(10)]
		}
		return strings.Join(words, " ")
	}
	var test, train, loops []string
	for i := range uint64(30) {
		test, train, loops = append(test, sentence(i)), append(train, sentence(1000+i)), append(loops, strings.Repeat("the sea is ", 7))
	}
	copies := scoresOf(t, copiedText{}, ofTexts(train, test, train))
	if s := copies["copied_50grams"]; s.Value != 100 || *s.Floor > 5 {
		t.Errorf("copies: %v", s)
	}
	if s := copies["copied_words"]; s.Value != 20 || *s.Floor > 10 {
		t.Errorf("copies: %v", s)
	}
	if s := scoresOf(t, repetition{}, ofTexts(loops, test, train))["repeated_4grams"]; s.Value < 80 || *s.Floor > 10 {
		t.Errorf("loops: %v", s)
	}
	for name, s := range scoresOf(t, selfBleu{}, ofTexts(loops, test, train)) {
		if s.Value < 0.999 || *s.Floor > 0.99 {
			t.Errorf("%s of the same again and again: %v", name, s)
		}
	}
	for name, s := range scoresOf(t, bleu{}, ofTexts(test, test, train)) {
		if s.Value < 0.999 || *s.Floor > 0.99 {
			t.Errorf("%s of copies of held-out texts: %v", name, s)
		}
	}
}

func TestVerse(t *testing.T) {
	rhymes := filepath.Join(t.TempDir(), "rhymes.json")
	if err := os.WriteFile(rhymes, []byte(`{"平": {"一": ["中", "风"]}}`), 0o600); err != nil {
		t.Fatal(err)
	}
	kept, broken := "白日依山尽，黄河入海中。\n欲穷千里目，更上一楼风。", "白日依山尽，黄河入海。欲穷千里目，更上一楼白。"
	e := ofTexts([]string{kept, broken}, []string{kept, "半\n\n" + kept + "\n\n" + kept + "\n\n半"}, []string{kept, kept})
	scores := scoresOf(t, &versed{Form: "5x4", Rhymes: rhymes}, e)
	for name, want := range map[string]float64{"verse_lines": 100 * 7. / 8, "verse_form": 50, "verse_rhyme": 100} {
		if s := scores[name]; math.Abs(s.Value-want) > 1e-9 || *s.Floor != 100 {
			t.Errorf("%v, want %v, floor 100", s, want)
		}
	}
	if len(scoresOf(t, &versed{Form: "5x4"}, e)) != 2 {
		t.Error("rhymes without a table")
	}
	if (&versed{Form: "5x3"}).Check() == nil {
		t.Error("a form of three lines")
	}
	if _, err := (&versed{Form: "5x4", Rhymes: rhymes + "x"}).Measure(t.Context(), e); err == nil {
		t.Error("a table that does not exist")
	}
	if _, err := verse.Parse("5x4"); err != nil {
		t.Error(err)
	}
}

// BenchmarkCopied reads 2 MB of training text.
func BenchmarkCopied(b *testing.B) {
	rng := noise.Stream(1)
	piece := make([]byte, 1<<20)
	for i := range piece {
		piece[i] = "etaoin shrdlu cmfwyp"[min(rng.IntN(20), rng.IntN(20))]
	}
	var texts []string
	for i := range 1200 {
		texts = append(texts, string(piece[i*500:i*500+130]))
	}
	f := newRunFinder(texts)
	b.SetBytes(2 << 20)
	for b.Loop() {
		for range 2 {
			f.read(string(piece))
		}
	}
}

// TestVerseGiven: given texts are taken whole, their first and last poems too, and
// since all draws are the same there is no deviation.
func TestVerseGiven(t *testing.T) {
	kept, broken := "白日依山尽，黄河入海中。\n欲穷千里目，更上一楼风。", "白日依山尽，黄河入海。欲穷千里目，更上一楼白。"
	e := ofTexts([]string{kept, kept}, []string{kept, kept}, []string{kept, kept})
	e.Given = func() iter.Seq2[string, error] {
		return func(yield func(string, error) bool) {
			for _, piece := range []string{broken + "\n\n", kept + "\n\n" + broken, "", kept, ""} {
				if !yield(piece, nil) {
					return
				}
			}
		}
	}
	s := scoresOf(t, &versed{Form: "5x4"}, e)["verse_form"]
	if s.Value != 50 || s.N != 2 || s.Floor != nil {
		t.Errorf("%v", s)
	}
	if got := s.String(); !strings.Contains(got, "verse_form 50 % (higher is better, 2 samples)") {
		t.Error(got)
	}
}

// TestSpread: values that differ by rounding alone do not deviate.
func TestSpread(t *testing.T) {
	if mean, deviation := spread([]float64{1.1, 1.1 + 3e-15, 1.1 - 3e-15}); math.Abs(mean-1.1) > 1e-12 || deviation != 0 {
		t.Error(mean, deviation)
	}
	if _, deviation := spread([]float64{1.1, 1.2, 1.3}); math.Abs(deviation-0.1) > 1e-9 {
		t.Error(deviation)
	}
}
