package metric

import (
	"strings"
	"testing"
)

// A told score has a floor, and an error where that plays a part.
func told(name string, value, floor, err float64) Score {
	return Score{Name: name, Value: value, Floor: &floor, FloorDeviation: 0.003, Error: err, N: 400, Draws: Draws, Better: Higher}
}

// measured are the scores that rules go by, of a folder that is as good as real but for what
// is changed.
func measured(changed ...Score) []Score {
	scores := []Score{
		told("kid2k", 0, 0, 0.0003), told("precision", 0.94, 0.94, 0.007), told("recall", 0.9, 0.91, 0.008),
		told("density", 0.96, 1.01, 0.02), told("coverage", 0.965, 0.97, 0.006), told("sharpness_ratio", 1.01, 1.01, 0),
		told("memorised", 0.8, 1, 0), told("repeated", 0.5, 0.3, 0),
	}
	for _, c := range changed {
		for i := range scores {
			if scores[i].Name == c.Name {
				scores[i] = c
			}
		}
		if c.OfClass() {
			scores = append(scores, c)
		}
	}
	return scores
}

// TestVerdicts are figures that were measured on folders of which it is known what is wrong.
func TestVerdicts(t *testing.T) {
	class := told("class_03", 0.4, 10, 0)
	class.Note = `share of "dress"`
	small := told("class_03", 0.1, 1, 0)
	small.Note = `share of "dress"`
	few := Score{Name: "coverage", TooFew: true, N: 60}
	for _, c := range []struct {
		name   string
		scores []Score
		want   Finding
		grade  Grade
		says   string
	}{
		{"honest", measured(), FoundNothing, GradeReal, "hardly tell the pictures from real ones"},
		{"honest, few copies by chance", measured(told("memorised", 3, 1, 0)), FoundNothing, GradeReal, ""},
		{"noise, though precise", measured(told("kid2k", 2.4, 0, 0.04), told("precision", 0.95, 0.96, 0), told("recall", 0, 0.9, 0), told("density", 0.4, 1, 0), told("coverage", 0.02, 0.97, 0), told("sharpness_ratio", 9.2, 1, 0)), FoundNoise, GradeBroken, "9.2 times as sharp"},
		{"blur", measured(told("coverage", 0.6, 0.97, 0), told("sharpness_ratio", 0.02, 1, 0)), FoundBlur, GradePoor, "2 % as sharp"},
		{"mixtures", measured(told("coverage", 0.79, 0.98, 0), told("sharpness_ratio", 0.52, 1, 0)), FoundBlur, GradePoor, "mixtures"},
		{"soft and yet real", measured(told("sharpness_ratio", 0.6, 1, 0)), FoundNothing, GradeReal, ""},
		{"mean picture", measured(told("precision", 1, 0.94, 0), told("recall", 0, 0.9, 0), told("coverage", 0.01, 0.97, 0), told("sharpness_ratio", 0.01, 1, 0), told("repeated", 100, 0.3, 0)), FoundRepeats, GradeBroken, "100 %"},
		{"copies", measured(told("memorised", 100, 1, 0)), FoundCopies, GradePoor, "100 % of the pictures are copies"},
		{"a tenth copies", measured(told("memorised", 10, 1, 0)), FoundCopies, GradePoor, "10 %"},
		{"copies and few", append(measured(told("memorised", 100, 1, 0)), few), FoundCopies, GradePoor, ""},
		{"few", measured(few, told("kid2k", 0.01, 0, 0.01)), FoundTooFew, GradeUntold, "60; kid2k is 0.01, with 95 % confidence -0.0096 to 0.03"},
		{"noise and few", measured(few, told("kid2k", 2.4, 0, 0.04), told("sharpness_ratio", 9, 1, 0)), FoundNoise, GradeBroken, ""},
		{"a class missing", measured(class), FoundMissing, GradePoor, `class "dress" is missing`},
		{"a rare class missing", measured(small), FoundNothing, GradeReal, ""},
		{"nothing like real", measured(told("coverage", 0.1, 0.97, 0)), FoundUnlike, GradeBroken, "come near 10 %"},
		{"one step, and classes missing", measured(class, told("coverage", 0.1, 0.97, 0)), FoundUnlike, GradeBroken, "nothing like real"},
		{"unlike", measured(told("coverage", 0.6, 0.97, 0)), FoundUnlike, GradePoor, "differ clearly"},
		{"modes dropped", measured(told("recall", 0.5, 0.91, 0), told("coverage", 0.75, 0.97, 0)), FoundGaps, GradeFair, "less varied"},
		{"a trained run", measured(told("kid2k", 0.02, 0, 0.001), told("coverage", 0.84, 0.97, 0), told("recall", 0.75, 0.91, 0)), FoundClose, GradeGood, "close to real"},
		{"distant, though covered", measured(told("kid2k", 0.02, 0, 0.001)), FoundClose, GradeGood, "can be told from them"},
		{"nothing measured", []Score{{Name: "accuracy", Value: 0.9}}, FoundUntold, GradeUntold, ""},
	} {
		v := Judge(c.scores)
		if v.Finding != c.want || v.Grade != c.grade || !strings.Contains(v.Sentence, c.says) {
			t.Errorf("%s: %+v; want %s, %s, %q", c.name, v, c.want, c.grade, c.says)
		}
		if v.Sentence != "" && v.Advice == "" {
			t.Errorf("%s: no advice", c.name)
		}
		foreign := JudgeFolder(c.scores)
		if lower := strings.ToLower(foreign.Advice); v.Sentence != foreign.Sentence || v.Sentence != "" && lower == "" || strings.Contains(lower, "train for") || strings.Contains(lower, "atelier ") {
			t.Errorf("%s: of a folder: %q, %q", c.name, foreign.Sentence, foreign.Advice)
		}
	}
	if v := Judge(measured(told("memorised", 100, 1, 0), told("sharpness_ratio", 1.5, 1, 0))); strings.Join(v.Weak, "; ") != "noisy; copies of training pictures" {
		t.Errorf("weak: %q", v.Weak)
	}
}

// TestVerdictRulesAreComplete: every rule has words for what it finds.
func TestVerdictRulesAreComplete(t *testing.T) {
	for _, r := range verdictRules {
		if r.applies(reading{}) {
			t.Errorf("%s applies where nothing was measured", r.finding)
		}
	}
}
