package run

import (
	"errors"
	"os"
	"strings"
	"testing"

	"atelier/internal/badinput"
	"atelier/internal/registry"
	"atelier/model/metric"
)

// That no metric produces the score of score.best is reported before
// anything is trained.
func TestUnknownBestScore(t *testing.T) {
	for best, wrong := range map[string]bool{"": false, "bpc": false, "fid2k": false, "bcp": true} {
		s := Score{Best: best, Metrics: []registry.Choice[metric.Metric]{registry.Choose[metric.Metric]("perplexity")}}
		if err := s.checkBest(); wrong != (err != nil) {
			t.Errorf("%q: %v", best, err)
		}
	}
	s := studio(t)
	_, err := s.Train(t.Context(), parseText(t, "score.best=bcp"))
	if !errors.Is(err, badinput.Err) || !strings.Contains(err.Error(), `score.best = "bcp": no metric produces this score; did you mean "bpc"`) {
		t.Error(err)
	}
	if all, err := os.ReadDir(s.Runs); len(all) > 0 {
		t.Errorf("%v was written, %v", all, err)
	}
}
