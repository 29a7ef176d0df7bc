package summary

import (
	"context"
	"math"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// Values of the documentation of rouge-score 0.1.2, and of Lin 2004, section 3.
func TestRougeByExample(t *testing.T) {
	fox := RougeOf("The quick brown dog jumps on the log.", "The quick brown fox jumps over the lazy dog", true)
	for name, pair := range map[string][2]float64{
		"ROUGE-1": {fox.One, 0.7058823529411765}, "ROUGE-2": {fox.Two, 4.0 / 15}, "ROUGE-L": {fox.L, 0.5882352941176471},
		"killed": {RougeOf("police kill the gunman", "police killed the gunman", false).L, 0.75},
		"turned": {RougeOf("the gunman kill police", "police killed the gunman", false).L, 0.5},
		"tie":    {RougeOf("the gunman police killed", "police killed the gunman", false).L, 0.5},
		"empty":  {RougeOf("", "police killed the gunman", false).One, 0},
		"han":    {RougeOf("天下大同", "天下为公", false).One, 0.5},
	} {
		if math.Abs(pair[0]-pair[1]) > 5e-5 {
			t.Errorf("%s: %.5f, want %.5f", name, pair[0], pair[1])
		}
	}
}

// sentences are those of a text that is not too long to be divided at once.
func sentencesOf(t interface{ Fatal(...any) }, text string) []Sentence {
	all, err := Sentences(context.Background(), text)
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func TestSentences(t *testing.T) {
	text := "Introduction\nDr. Smith paid 3.5 million to J. Doe. Was it much? \"Yes,\" she said.\n\n" +
		"# Results\n- First, it works.\n- Second, it is\n2. Third item\n\n----\n"
	var got []string
	for _, s := range sentencesOf(t, text) {
		if text[s.Start:s.End] != s.Text {
			t.Errorf("%q stands at %q", s.Text, text[s.Start:s.End])
		}
		got = append(got, s.Section+": "+s.Text)
	}
	want := []string{
		"Introduction: Dr. Smith paid 3.5 million to J. Doe.", "Introduction: Was it much?", `Introduction: "Yes," she said.`,
		"Results: First, it works.", "Results: Second, it is", "Results: Third item",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
}

// A text that was broken to a width is read as one that was not.
func TestWrappedLines(t *testing.T) {
	for _, s := range sentencesOf(t, "A sentence of a letter that goes on over\ntwo lines of the text. And here is another one\nthat does the same. The end\nof it.") {
		if strings.HasPrefix(s.Text, "two lines") {
			t.Errorf("a sentence begins within a line: %q", s.Text)
		}
	}
}

// A line without end is no sentence, but those beside it are.
func TestLongLines(t *testing.T) {
	all := sentencesOf(t, strings.Repeat("a", 3*mostLine)+"\nA sentence.\n"+strings.Repeat("It is so. ", mostLine))
	if len(all) != 1+mostLine || all[0].Text != "A sentence." {
		t.Errorf("%d sentences, the first %.40q", len(all), all[0].Text)
	}
}

func TestChinese(t *testing.T) {
	all := sentencesOf(t, "大道之行也，天下為公。選賢與能，講信修睦。故人不獨親其親，不獨子其子！")
	if len(all) != 3 || all[1].Text != "選賢與能，講信修睦。" {
		t.Errorf("%+v", all)
	}
	if got := terms("天下為公"); !slices.Equal(got, []string{"天下", "下為", "為公"}) {
		t.Errorf("terms %q", got)
	}
	if n := Words("天下 is 公, isn't it"); n != 6 {
		t.Errorf("%d words", n)
	}
}

// The sentence that all others are about comes first, one that repeats it does not come with
// it, and nothing is taken that does not fit.
func TestTake(t *testing.T) {
	all := sentencesOf(t, "The river floods the valley and the town every spring. It was warm. "+
		"The river floods the valley and the town every spring again. Farmers in the valley fear the river. "+
		"The town builds walls against the floods of spring. Somebody ate lunch.")
	ranked, err := Usual.Rank(t.Context(), "", all)
	if err != nil {
		t.Fatal(err)
	}
	taken := ranked.Take(func(taken []Sentence, _ Sentence) bool { return len(taken) < 2 })
	if len(taken) != 2 || taken[0] != 0 || taken[1] == 2 {
		t.Errorf("took %v by %v", taken, ranked.scores)
	}
	if none := ranked.Take(func([]Sentence, Sentence) bool { return false }); none != nil {
		t.Errorf("took %v", none)
	}
}

func TestRankStops(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Usual.Rank(ctx, "", sentencesOf(t, "One thing. Another thing.")); err == nil {
		t.Error("a ranking that was cancelled ended well")
	}
	if _, err := Sentences(ctx, "One thing. Another thing."); err == nil {
		t.Error("a division that was cancelled ended well")
	}
}

// Sentences stand in the text where they say, in order and apart, whatever the text.
func TestSentencesOfAnything(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringOf(rapid.SampledFrom([]rune("ab .!?\n-#1)\"，。天下é\u0301\t"))).Draw(t, "text")
		end := 0
		for _, s := range sentencesOf(t, text) {
			if s.Start < end || s.End > len(text) || s.End <= s.Start {
				t.Fatalf("%+v after %d in %q", s, end, text)
			}
			if strings.Join(strings.Fields(text[s.Start:s.End]), " ") != s.Text {
				t.Fatalf("%q is %q in %q", s.Text, text[s.Start:s.End], text)
			}
			end = s.End
		}
	})
}

// variedSentences are sentences of a few words each, of which some are the same.
func variedSentences(n int) (all []Sentence) {
	words := strings.Fields("river valley town spring flood farmer wall bridge boat mill field harvest winter storm")
	for i := range n {
		var text []string
		for k := range 4 + i%5 {
			text = append(text, words[(i*i*7+k*k*3+i*k)%len(words)])
		}
		all = append(all, Sentence{Text: strings.Join(text, " ") + "."})
	}
	return append(all, Sentence{Text: "Nobody shares these."}, Sentence{Text: "12 34."})
}

// TestCentralityByPairs compares the sums by term with those over all pairs.
func TestCentralityByPairs(t *testing.T) {
	vectors := vectorsOf(variedSentences(60))
	got, err := central(t.Context(), vectors)
	if err != nil {
		t.Fatal(err)
	}
	out := make([]float64, len(vectors))
	for i := range vectors {
		for j := range vectors {
			if i != j {
				out[i] += cosine(vectors[i], vectors[j])
			}
		}
	}
	want := slices.Repeat([]float64{1}, len(vectors))
	for range iterations {
		next := make([]float64, len(vectors))
		for i := range vectors {
			for j := range vectors {
				if w := cosine(vectors[i], vectors[j]); i != j && w > 0 {
					next[i] += want[j] * w / out[j]
				}
			}
			next[i] = 1 - damping + damping*next[i]
		}
		want = next
	}
	for i := range want {
		if math.Abs(got[i]-want[i]) > 1e-9 {
			t.Errorf("sentence %d: %g, want %g", i, got[i], want[i])
		}
	}
}

// TestTakeIsGreedy compares the queue with a search through all that is left.
func TestTakeIsGreedy(t *testing.T) {
	all := variedSentences(80)
	r, err := Usual.Rank(t.Context(), "floods of the river", all)
	if err != nil {
		t.Fatal(err)
	}
	fits := func(taken []Sentence, next Sentence) bool { return len(taken) < 7 && Words(next.Text) != 5 }
	left, like := slices.Clone(r.scores), make([]float64, len(all))
	var want []int
	var sentences []Sentence
	for {
		best := -1
		for i := range left {
			value := func(i int) float64 { return left[i] * (1 - r.ranking.Variety*like[i]) }
			if left[i] > 0 && (best < 0 || value(i) > value(best)) {
				best = i
			}
		}
		if best < 0 {
			break
		}
		left[best] = 0
		if !fits(sentences, all[best]) {
			continue
		}
		want, sentences = append(want, best), append(sentences, all[best])
		for i := range all {
			if like[i] = max(like[i], cosine(r.vectors[i], r.vectors[best])); like[i] > repeats {
				left[i] = 0
			}
		}
	}
	slices.Sort(want)
	if got := r.Take(fits); !slices.Equal(got, want) || len(want) != 7 {
		t.Errorf("took %v, want %v", got, want)
	}
}

// A paragraph that ends with a quotation is no heading, and an opening bracket belongs to what follows.
func TestChineseQuotations(t *testing.T) {
	all, err := Sentences(t.Context(), "標題\n\n孟嘗君曰：“客何好？”曰：“客無好也。”曰：“諾。”\n\n求國無危，不可得也。(注：一作“亡”。)其後如何？")
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, s := range all {
		got = append(got, s.Section+"|"+s.Text)
	}
	want := []string{"標題|孟嘗君曰：“客何好？”", "標題|曰：“客無好也。”", "標題|曰：“諾。”", "標題|求國無危，不可得也。", "標題|(注：一作“亡”。)", "標題|其後如何？"}
	if !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
}
