package brought

import (
	"encoding/json"
	"math"
	"os"
	"slices"
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
	return withKernels(t, o, threads)
}

// withKernels makes a model of weights, for a number of threads.
func withKernels(t testing.TB, o *Opened, threads int) (*Opened, *language.Model) {
	t.Helper()
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

// TestAsLlamaCpp compares an exported GGUF file with what llama.cpp makes of it, with a cache of
// keys and values in float32: the same 64 tokens, and the same probabilities.
func TestAsLlamaCpp(t *testing.T) {
	file, err := os.ReadFile("testdata/llama-cpp.json")
	if err != nil {
		t.Fatal(err)
	}
	var theirs struct {
		Prompt []int32
		Places []struct {
			Token     int32
			Likeliest [][2]float64 // token, natural logarithm of its probability
		}
	}
	if err := json.Unmarshal(file, &theirs); err != nil {
		t.Fatal(err)
	}
	built, err := openBuiltIn()
	if err != nil {
		t.Fatal(err)
	}
	o, m := withKernels(t, opened(t, asGGUF(t, built, "f32")), 1)
	if got := append([]int32{o.Tokenizer.BOS()}, o.Tokenizer.Encode([]byte("Once upon a time"))...); !slices.Equal(got, theirs.Prompt) || len(theirs.Places) != 64 {
		t.Fatalf("the prompt is %v; want %v", got, theirs.Prompt)
	}
	text, read, logits := m.NewText(), theirs.Prompt, make([]float32, m.Vocabulary)
	for i, place := range theirs.Places {
		if err := m.Read(t.Context(), language.Reading{Text: text, Tokens: read, Logits: logits}); err != nil {
			t.Fatal(err)
		}
		if got := slices.Index(logits, slices.Max(logits)); got != int(place.Token) {
			t.Fatalf("token %d is %d; want %d", i, got, place.Token)
		}
		sum := 0.
		for _, l := range logits {
			sum += math.Exp(float64(l))
		}
		for _, one := range place.Likeliest {
			if got := float64(logits[int(one[0])]) - math.Log(sum); math.Abs(got-one[1]) > 1e-3 {
				t.Errorf("ln p of token %g at %d is %g; want %g", one[0], i, got, one[1])
			}
		}
		read = []int32{place.Token}
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
