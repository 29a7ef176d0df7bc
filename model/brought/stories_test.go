package brought

import (
	"os"
	"strings"
	"testing"

	"atelier/engine/dots"
	"atelier/engine/simd"
	"atelier/model/language"
)

// tell continues a prompt with the model that comes with the program, greedily, until there
// are so many tokens in all, and returns the text and how many were written.
func tell(t testing.TB, o *Opened, m *language.Model, prompt string, tokens int) (text string, n int) {
	t.Helper()
	all := append([]int32{o.Tokenizer.BOS()}, o.Tokenizer.Encode([]byte(prompt))...)
	w := &language.Writer{Model: m, Sampling: language.Sampling{TopP: 1}}
	err := w.Write(t.Context(), []language.Start{{Prompt: all}}, func(_ int, token language.Token) (bool, error) {
		n++
		all = append(all, token.ID)
		return len(all) < tokens, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return string(o.Tokenizer.Decode(all)), n
}

func openStories(t testing.TB, threads int) (*Opened, *language.Model) {
	t.Helper()
	o, err := openBuiltIn()
	if err != nil {
		t.Fatal(err)
	}
	k := dots.New(simd.Best(), threads)
	t.Cleanup(k.Close)
	m, err := language.New(o.Config, &o.Weights, k)
	if err != nil {
		t.Fatal(err)
	}
	return o, m
}

// TestStories compares what the model writes greedily with what llama2.c's own program does.
func TestStories(t *testing.T) {
	file, err := os.ReadFile("testdata/greedy.txt")
	if err != nil {
		t.Fatal(err)
	}
	o, m := openStories(t, 2)
	for part := range strings.SplitSeq(strings.TrimPrefix(string(file), "== prompt: "), "\n== prompt: ") {
		prompt, want, _ := strings.Cut(part, "\n")
		want = strings.TrimSpace(want)
		got, _ := tell(t, o, m, prompt, 257)
		if got = strings.TrimSpace(got); !strings.HasPrefix(got, want) && !strings.HasPrefix(want, got) {
			t.Errorf("%q goes on as\n%s\nwant\n%s", prompt, got, want)
		}
	}
}

// BenchmarkStories writes 256 tokens on one thread.
func BenchmarkStories(b *testing.B) {
	o, m := openStories(b, 1)
	n := 0
	for b.Loop() {
		_, written := tell(b, o, m, "Once upon a time", 257)
		n += written
	}
	b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "tokens/s")
}
