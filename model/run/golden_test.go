package run

import (
	"bufio"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"testing"

	"atelier/model/language"
)

// TestGolden opens a run that format 1 wrote and draws from it. The run is
// never regenerated: what was written once must still open.
func TestGolden(t *testing.T) {
	s := studio(t)
	r, err := s.Open(filepath.Join("testdata", "golden", "0001-tiny"))
	if err != nil {
		t.Fatal(err)
	}
	if r.Step != 4 || r.Config.Steps != 4 {
		t.Errorf("step %d of %d, want 4 of 4", r.Step, r.Config.Steps)
	}
	scores, err := r.Dir.Scores()
	if err != nil || len(scores) != 3 {
		t.Errorf("%d scores (%v), want 3", len(scores), err)
	}
	stats, err := r.Dir.ReadStats()
	if err != nil || len(stats.Lines) != 4 {
		t.Errorf("%d lines of statistics (%v), want 4", len(stats.Lines), err)
	}
	want, err := os.Open(filepath.Join("testdata", "golden", "samples.csv"))
	if err != nil {
		t.Fatal(err)
	}
	defer want.Close()
	samples, err := r.Draw(t.Context(), Seeds(0, 4), nil, 1)
	if err != nil {
		t.Fatal(err)
	}
	text := bufio.NewScanner(want)
	for b, err := range samples {
		if err != nil {
			t.Fatal(err)
		}
		if !text.Scan() {
			t.Fatal("samples.csv has too few lines")
		}
		var x, y float64
		if _, err := fmt.Sscanf(text.Text(), "%g,%g", &x, &y); err != nil {
			t.Fatal(err)
		}
		// Another processor may round the last digits otherwise.
		if got := b.Columns[0].Row(0); math.Abs(float64(got[0])-x) > 1e-5 || math.Abs(float64(got[1])-y) > 1e-5 {
			t.Errorf("drew %v, want %v", got, text.Text())
		}
	}
}

// TestGoldenTexts opens a run of texts whose vocabulary is a line of its run file, as it
// was at first, and one whose vocabulary is a file, and writes with both.
func TestGoldenTexts(t *testing.T) {
	s := writingStudio(t)
	for name, format := range map[string]int{"0002-play": 1, "0003-fitted": 2} {
		r, err := s.Open(filepath.Join("testdata", "golden", name))
		if err != nil {
			t.Fatal(err)
		}
		facts, err := r.Dir.Facts()
		if err != nil || facts.Format != format || (facts.Codec != "") != (format == 2) {
			t.Errorf("%s: facts %+v, %v", name, facts, err)
		}
		tokens, err := r.Tokens("To be")
		if err != nil {
			t.Fatal(err)
		}
		w, err := r.Writer()
		if err != nil {
			t.Fatal(err)
		}
		likeliest := &language.Writer{Model: w, Sampling: language.Sampling{TopP: 1}, Slide: true}
		err = likeliest.Write(t.Context(), []language.Start{{Prompt: tokens}}, func(_ int, token language.Token) (bool, error) {
			tokens = append(tokens, token.ID)
			return len(tokens) < 12, nil
		})
		if err != nil {
			t.Fatal(err)
		}
		if text, err := r.Written(tokens); err != nil || string(text.Bytes) != "To beeeerrrr" {
			t.Errorf("%s wrote %q, %v", name, text.Bytes, err)
		}
	}
}
