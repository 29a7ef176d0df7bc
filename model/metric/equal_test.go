package metric

import (
	"context"
	"encoding/json"
	"strings"
	"testing"

	"atelier/data"
)

// TestEqualNumbers: shares by manifolds compare as many fakes as held-out examples, however
// many more fakes there are.
func TestEqualNumbers(t *testing.T) {
	for held, want := range map[int]int{1000: 1000, 5000: manifoldSize, 250: 250} {
		for _, m := range []Metric{precisionRecall{}, densityCoverage{}} {
			e := complete()
			asked := 0
			e.Reals = func(split data.Split, n, draw int) (*data.Batch, error) {
				return grey(min(n, held), uint64(len(split)), uint64(draw)), nil
			}
			e.Fakes = func(_ context.Context, n, draw int) (*data.Batch, error) {
				asked = n
				return grey(n, 99, uint64(draw)), nil
			}
			scores, err := m.Measure(t.Context(), e)
			if err != nil {
				t.Fatal(err)
			}
			if asked != want || scores[0].N != want || scores[0].TooFew {
				t.Errorf("%d held out: asked for %d fakes, want %d; %v", held, asked, want, scores[0])
			}
		}
	}
}

// TestTooFewToTell: with few held-out examples, or few fakes, there is no number.
func TestTooFewToTell(t *testing.T) {
	for name, c := range map[string]struct {
		held, have int
		note       string
	}{
		"few held out": {80, 0, "80 held-out examples are too few to tell: 200 are needed"},
		"few fakes":    {2000, 60, "60 generated examples are too few to tell: 200 are needed"},
	} {
		e := complete()
		e.Reals = func(split data.Split, n, draw int) (*data.Batch, error) {
			return grey(min(n, c.held), uint64(len(split)), uint64(draw)), nil
		}
		e.Have = c.have
		scores, err := densityCoverage{}.Measure(t.Context(), e)
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range scores {
			if !s.TooFew || s.Floor != nil || !strings.Contains(s.Note, c.note) || !strings.Contains(s.String(), "too few to tell") {
				t.Errorf("%s: %v", name, s)
			}
			text, err := json.Marshal(s)
			if err != nil || !strings.Contains(string(text), `"value":null`) || !strings.Contains(string(text), `"too_few":true`) {
				t.Errorf("%s: %s, %v", name, text, err)
			}
			if other := (Score{Better: Higher, Value: 1}); s.Worse(other) || other.Worse(s) {
				t.Errorf("%s: it is compared", name)
			}
		}
		kid, err := kid{}.Measure(t.Context(), e)
		if err != nil || kid[0].TooFew || kid[0].Error == 0 {
			t.Errorf("%s: %v, %v; want a kid2k with an interval", name, kid, err)
		}
	}
	text, err := json.Marshal(Score{Name: "fid2k", Value: 1.5})
	if want := `{"name":"fid2k","value":1.5,`; err != nil || !strings.HasPrefix(string(text), want) {
		t.Errorf("%s, %v; want it to begin with %s", text, err, want)
	}
}
