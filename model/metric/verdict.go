package metric

import (
	"fmt"
	"math"
	"strings"
)

// A Verdict summarizes the scores of one evaluation in words.
type Verdict struct {
	// Sentence is the verdict in one sentence; empty if the scores say nothing about quality.
	Sentence string `json:"sentence"`
	// Grade is the overall quality.
	Grade Grade `json:"grade"`
	// Finding names the rule that decided.
	Finding Finding `json:"finding"`
	// Good and Weak list strengths and weaknesses, in a few words each.
	Good []string `json:"good,omitempty"`
	Weak []string `json:"weak,omitempty"`
	// Advice says what to do next.
	Advice string `json:"advice,omitempty"`
}

// A Grade is the overall quality.
type Grade string

// The grades, from best to worst, and that of an unknown quality.
const (
	GradeReal   Grade = "like real"
	GradeGood   Grade = "good"
	GradeFair   Grade = "fair"
	GradePoor   Grade = "poor"
	GradeBroken Grade = "broken"
	GradeUntold Grade = "untold"
)

// A Finding is the subject of a verdict.
type Finding string

// The findings, in order of precedence.
const (
	FoundRepeats Finding = "repeats"
	FoundCopies  Finding = "copies"
	FoundNoise   Finding = "noise"
	FoundBlur    Finding = "blur"
	FoundTooFew  Finding = "too few to tell"
	FoundMissing Finding = "missing class"
	FoundUnlike  Finding = "unlike"
	FoundGaps    Finding = "gaps"
	FoundNothing Finding = "nothing wrong"
	FoundClose   Finding = "close"
	FoundUntold  Finding = "not measured"
)

// Judge returns the verdict on the scores of a run: that of the first matching rule.
func Judge(scores []Score) Verdict {
	return judged(scores, func(r verdictRule) string { return r.advice })
}

// JudgeFolder returns the verdict on the scores of a folder of pictures, whose advice assumes that
// they were made elsewhere.
func JudgeFolder(scores []Score) Verdict {
	return judged(scores, func(r verdictRule) string { return r.foreign })
}

func judged(scores []Score, advice func(verdictRule) string) Verdict {
	r := reading{}
	for _, s := range scores {
		r[s.Name] = s
	}
	for _, rule := range verdictRules {
		if !rule.applies(r) {
			continue
		}
		v := Verdict{Sentence: rule.sentence(r), Grade: rule.grade, Finding: rule.finding, Advice: advice(rule)}
		v.Good, v.Weak = r.facets()
		if v.Grade == GradeGood && r.share("coverage") < leastGood {
			v.Grade = GradeFair
		}
		return v
	}
	return Verdict{Grade: GradeUntold, Finding: FoundUntold}
}

// sentence is the verdict on scores.
func (rule verdictRule) sentence(r reading) string {
	if rule.values == nil {
		return rule.form
	}
	return fmt.Sprintf(rule.form, rule.values(r)...)
}

// VerdictForms are the sentences of all verdicts, and their advice, as they are before values are put
// into them, for translations.
func VerdictForms() (forms []string) {
	for _, rule := range verdictRules {
		forms = append(forms, rule.form, rule.advice, rule.foreign)
	}
	return forms
}

// Summary is the sentence followed by strengths and weaknesses.
func (v Verdict) Summary() string {
	text := v.Sentence
	if len(v.Good) > 0 {
		text += " Good: " + strings.Join(v.Good, ", ") + "."
	}
	if len(v.Weak) > 0 {
		text += " Weak: " + strings.Join(v.Weak, ", ") + "."
	}
	return text
}

// A reading is the scores by name.
type reading map[string]Score

// told reports whether there is a value for each of the names.
func (r reading) told(names ...string) bool {
	for _, name := range names {
		if s, ok := r[name]; !ok || s.TooFew {
			return false
		}
	}
	return true
}

// share is a score over its floor, 1 if unknown.
func (r reading) share(name string) float64 {
	s := r[name]
	if !r.told(name) || s.Floor == nil || *s.Floor == 0 {
		return 1
	}
	return s.Value / *s.Floor
}

// excess is the number of percentage points by which a share of fakes exceeds that of held-out
// pictures, beyond chance.
func (r reading) excess(name string) float64 {
	s := r[name]
	if !r.told(name) || s.Floor == nil || s.N == 0 {
		return 0
	}
	p := min(max(*s.Floor/100, 1/float64(s.N)), 1-1/float64(s.N))
	return s.Value - *s.Floor - 300*math.Sqrt(2*p*(1-p)/float64(s.N))
}

// apart is the distance of the kernel distance from its floor, in standard errors; 0 if it was not
// measured.
func (r reading) apart() float64 {
	s := r["kid2k"]
	if !r.told("kid2k") || s.Floor == nil {
		return 0
	}
	return (s.Value - *s.Floor) / max(math.Hypot(s.Error, s.FloorDeviation), math.SmallestNonzeroFloat64)
}

// facets are the strengths and weaknesses.
func (r reading) facets() (good, weak []string) {
	say := func(measured, isGood, isWeak bool, asGood, asWeak string) {
		switch {
		case measured && isGood:
			good = append(good, asGood)
		case measured && isWeak:
			weak = append(weak, asWeak)
		}
	}
	quality := min(r.share("precision"), r.share("density"))
	say(r.told("precision", "density"), quality > 0.9, quality < 0.75, "single pictures look like real ones", "many pictures are unlike any real one")
	variety := min(r.share("recall"), r.share("coverage"))
	say(r.told("recall", "coverage"), variety > 0.9, variety < 0.75, "as varied as real ones", "less varied than real ones")
	sharp := r["sharpness_ratio"].Value
	say(r.told("sharpness_ratio"), sharp > 0.8 && sharp < 1.3, sharp <= 0.8, "as sharp as real ones", "blurred")
	say(r.told("sharpness_ratio"), false, sharp >= 1.3, "", "noisy")
	say(r.told("memorised"), r.excess("memorised") <= 0, r.excess("memorised") > leastExcess, "no copies of training pictures", "copies of training pictures")
	say(r.told("repeated"), false, r.excess("repeated") > leastExcess, "", "the same pictures again and again")
	return good, weak
}

// missing names a class that is rarely generated, or is empty.
func (r reading) missing() string {
	for _, s := range r {
		name, ok := classOf(s)
		if ok && s.Floor != nil && *s.Floor >= 2 && s.Value < *s.Floor/5 {
			return name
		}
	}
	return ""
}

// classOf is the class in the name of a score.
func classOf(s Score) (name string, ok bool) {
	if !strings.HasPrefix(s.Name, "class_") {
		return "", false
	}
	note, _, _ := strings.Cut(s.Note, "; ")
	name, ok = strings.CutPrefix(note, "share of ")
	return name, ok
}
